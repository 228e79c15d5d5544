"""Render ``report.html``: one self-contained page that shows a producer what a run did.

The page loads no external resources (its content security policy forbids them), runs no script,
and escapes everything it shows.
"""

from __future__ import annotations

import base64
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from markupsafe import Markup

from storyboard_ops.core.dataset.selection import framings_of
from storyboard_ops.core.report import contact_sheet as sheets
from storyboard_ops.core.report import costs, plots, tables
from storyboard_ops.core.report.comparison_view import ComparisonView
from storyboard_ops.core.report.consistency_tables import TABLES, ConsistencyView
from storyboard_ops.core.report.even_choice import evenly
from storyboard_ops.core.report.facts.report_facts import ReportFacts
from storyboard_ops.core.report.facts.row_tallies import Decided
from storyboard_ops.core.report.panel_view import PanelView
from storyboard_ops.core.report.training_view import TrainingView, copy_pairs
from storyboard_ops.core.storyboard.board import Board, arrange_board
from storyboard_ops.core.text.templates import page_environment
from storyboard_ops.core.text.visible import isolated
from storyboard_ops.core.text.wording import pluralize, running_time
from storyboard_ops.domain.report.report_facts import Part
from storyboard_ops.domain.report.run_figures import MEANINGS, count_panels
from storyboard_ops.domain.review.desk_choice import FORMER_NAMES

#: Names of the stages on the page.
STAGE_NAMES = {
    "sample": "While sampling frames",
    "detect": "While looking for characters",
    "crop": "While cutting pictures out",
    "duplicate": "As near-duplicates",
    "caption": "While writing captions",
    "dataset": "By the trainer's limits",
    "review": "By the reviewers",
}
#: Prefix of reviewer names that are scripts.
SCRIPTED = "scripted"
HERO_PICTURES = 7
#: Pictures of a character shown before its list is expanded.
FIRST_CARDS = 15
#: A text with more letters than this reaches the largest height of a card, and scrolls.
TALL_FROM = 400


@dataclass(frozen=True)
class Notice:
    """A prominent line at the top of the page."""

    tone: str  # "caution" or "alarm"
    title: str
    text: str


@dataclass(frozen=True)
class KeyFigure:
    """One number on the first screen."""

    label: str
    value: str
    note: str
    tone: str = ""


def render_report(facts: ReportFacts, template: str, css: str) -> str:
    """Render the page; ``template`` is Jinja, ``css`` is inserted verbatim."""
    environment = page_environment()
    environment.filters |= {
        "count": lambda number: f"{number:,.0f}",
        "pluralize": pluralize,
        "usd": _usd,
        "unit_price": _unit_price,
        "moment": moment,
        "clock": running_time,
        "percent": lambda share: f"{share:.0%}",
        "figure": _figure,
        "amount": _amount,
        "words": _words,
        "film": sheets.film_name,
    }
    return environment.from_string(template).render(_context(facts), css=Markup(css))


def _context(facts: ReportFacts) -> dict[str, Any]:
    """Compute everything that the template shows."""
    board = arrange_board(facts.panels or (), facts.settings.rate)
    contact = sheets.contact_sheets(facts)
    return {
        "facts": facts,
        "missing": missing_parts(facts),
        "notices": tuple(notices(facts)),
        "key_figures": tuple(key_figures(facts, board)),
        "hero": _hero(contact),
        "data_uri": lambda picture: data_uri(facts.thumbnails, picture.key),
        "funnel": tables.funnel(facts),
        "calls_saved": tables.calls_saved(facts),
        "drops_in_sampling": tables.drops_in_sampling(facts),
        "films": _rows(tables.films(facts)),
        "sheets": contact,
        "first_cards": FIRST_CARDS,
        "tall_from": TALL_FROM,
        "reviewed": _reviewed(facts),
        "descriptions": {c.id: c for c in facts.production.characters},
        "coverage": tables.coverage(facts),
        "framings_of": framings_of,
        "appearance_plot": _appearance_plot(facts),
        "appearances": _appearances(facts),
        "drops": _drops_by_stage(facts),
        "stage_names": STAGE_NAMES,
        "similarity_plot": _similarity_plot(facts),
        "similarities": tables.similarities(facts),
        "counted": facts.pictures,
        "meanings": MEANINGS,
        "unmatched": tables.unmatched(facts),
        "threshold_pairs": sheets.pair_views(facts),
        "findings": tables.findings(facts),
        "finding_cards": sheets.finding_cards(facts),
        "caption_words": tables.caption_words(facts),
        "edited": facts.images.edited if facts.images else 0,
        "decisions": _rows(tables.decisions(facts)),
        "loss_plot": _loss_plot(facts),
        "training": TrainingView(facts),
        "comparison": ComparisonView(facts),
        "copies": copy_pairs(facts, board),
        "board": board,
        "drawn": count_panels(facts.panels or ()),
        "shown_panels": sheets.shown_panels(board),
        "panel_view": lambda placed: PanelView(placed, facts.production),
        "consistency": (measured := ConsistencyView(facts)),
        "consistency_rows": _rows(measured.rows),
        "consistency_tables": TABLES,
        "costs": (lines := costs.cost_lines(facts)),
        "cost_so_far": costs.cost_so_far(lines),
        "cost_estimated": costs.cost_estimated(lines),
        "cost_to_come": costs.cost_to_come(lines),
        "unpriced": costs.unpriced(lines),
        "running_costs": costs.running_costs(facts),
    }


def missing_parts(facts: ReportFacts) -> dict[Part, str]:
    """Return why each missing part is missing."""
    values: dict[Part, object] = {
        "frames": facts.frames,
        "detections": facts.detections,
        "crops": facts.crop_drops,
        "images": facts.images,
        "model": facts.model,
        "storyboard": facts.panels,
        "consistency": facts.consistency,
        "receipt": facts.receipt,
    }
    absent = [part for part, value in values.items() if value is None]
    return {part: facts.missing.get(part) or _likely_reason(facts, part) for part in absent}


def _likely_reason(facts: ReportFacts, part: Part) -> str:
    if not facts.films and part in ("frames", "detections", "crops", "images"):
        return "This run has no films."
    after_dataset = part in ("model", "storyboard", "consistency")
    if after_dataset and not facts.settings.draws:
        return "The run was set to stop after the approved dataset (trainer: dataset_only)."
    if facts.run.status == "failed":
        return "The run failed before this."
    if facts.receipt is not None:  # the run has succeeded, so the part existed
        return "A removal has deleted it."
    return "The run had not reached this part when the report was written."


def notices(facts: ReportFacts) -> Iterator[Notice]:
    """Yield what limits the trust in this run, most important first."""
    run, receipt = facts.run, facts.receipt
    if run.status == "failed":
        yield Notice("alarm", "This run failed.", run.failure or "See the log of the failed task.")
    if receipt and receipt.still_billing:
        names = ", ".join(map(isolated, receipt.still_billing))
        yield Notice("alarm", "Resources are still billing.", f"Delete or keep them: {names}")
    if facts.lost_videos:
        films = pluralize(len(facts.lost_videos), "film")
        yield Notice(
            "caution", f"{films} could not be used.", "They are listed below with reasons."
        )
    if transparent := facts.frames.transparent if facts.frames else 0:
        yield Notice(
            "caution",
            f"{pluralize(transparent, 'frame')} with transparent parts.",
            "They are laid on a neutral grey ground.",
        )
    if run.endpoint:
        simulated = (
            "its answers are simulated, while the model was really trained and drew the panels"
            if facts.training
            else "its answers, model and panels are simulated"
        )
        yield Notice(
            "caution",
            "Not made on AWS.",
            f"The local endpoint at {run.endpoint} replaced the services: {simulated}, and its "
            "usage was not charged.",
        )
    if any(reviewer.startswith(SCRIPTED) for _, reviewer, _, _ in _decided(facts)):
        yield Notice(
            "caution",
            "Approved by a script.",
            "A scripted reviewer decided instead of people.",
        )
    if any(FORMER_NAMES.get(desk, desk) == "without_people" for desk, *_ in _decided(facts)):
        yield Notice(
            "caution",
            "Approved without a review.",
            "The run was set to without_people: the pipeline approved the pictures itself.",
        )


def key_figures(facts: ReportFacts, board: Board) -> Iterator[KeyFigure]:
    """Yield the numbers of the first screen."""
    if facts.images is not None:
        counted = facts.images.figures
        seen, cast = len(counted.by_character), len(facts.production.characters)
        word = "approved pictures" if _reviewed(facts) else "pictures so far"
        yield KeyFigure(word, f"{counted.approved:,}", f"of {counted.cut_out:,} cut out")
        whose = "characters and props" if facts.production.props else "characters"
        yield KeyFigure(whose, f"{seen} of {cast}", "have pictures", _tone(seen == cast))
    if facts.panels is not None:
        panels = count_panels(facts.panels)
        length = f"{running_time(board.seconds)} min in {pluralize(len(board.scenes), 'scene')}"
        note = "; ".join(filter(None, (panels.remark, length)))
        all_drawn = panels.drawn == panels.planned
        value = f"{panels.drawn} of {panels.planned}"
        yield KeyFigure("panels drawn", value, note, _tone(all_drawn))
    if facts.prices is not None:
        lines = costs.cost_lines(facts)
        label = "cost so far, at least" if costs.unpriced(lines) else "cost so far"
        yield KeyFigure(label, _usd(costs.cost_so_far(lines)), _cost_note(facts, lines))
    if facts.receipt is not None:
        left = len(facts.receipt.still_billing)
        yield KeyFigure(
            "still billing", str(left) if left else "nothing", "by the receipt", _tone(not left)
        )


def _cost_note(facts: ReportFacts, lines: Sequence[costs.CostLine]) -> str:
    if facts.preflight is None:
        return f"by prices of {facts.prices.dated}" if facts.prices else ""
    if facts.receipt is None:
        return f"and about {_usd(costs.cost_to_come(lines))} to come"
    return f"of {_usd(costs.cost_estimated(lines))} expected"


def _tone(good: bool) -> str:
    return "good" if good else "bad"


def _decided(facts: ReportFacts) -> Collection[Decided]:
    return facts.images.decisions if facts.images else ()


def _reviewed(facts: ReportFacts) -> bool:
    return bool(_decided(facts))


def _hero(contact: Iterable[sheets.ContactSheet]) -> tuple[sheets.ShownPicture, ...]:
    """Choose a few pictures for the head of the page, alternating between characters."""
    rows = [evenly(sheet.cards, HERO_PICTURES) for sheet in contact]
    by_turns = [row[turn] for turn in range(HERO_PICTURES) for row in rows if turn < len(row)]
    return tuple(card.picture for card in by_turns[:HERO_PICTURES] if card.picture)


def _drops_by_stage(facts: ReportFacts) -> dict[str, list[sheets.DropGroup]]:
    stages: dict[str, list[sheets.DropGroup]] = defaultdict(list)
    for group in sheets.drop_groups(facts):
        stages[group.stage].append(group)
    return dict(stages)


def _similarity_plot(facts: ReportFacts) -> Markup:
    distinct, doubles = tables.similarities(facts)
    if not distinct and not doubles:
        return Markup("")
    threshold = facts.duplicate_above
    return Markup(plots.similarity_plot(distinct, doubles, threshold))


def _appearance_plot(facts: ReportFacts) -> Markup:
    """Plot appearances over time, for a single film only: several have no common clock."""
    images = facts.images
    if not images or len({cell.film for cell in images.cells}) != 1:
        return Markup("")
    kept_at = images.kept_at
    appearances = {
        character.name: kept_at.get(character.id, ()) for character in facts.production.characters
    }
    length = facts.frames.seconds if facts.frames else max(map(max, kept_at.values()))
    return Markup(plots.appearance_plot(appearances, length))


def _appearances(facts: ReportFacts) -> str:
    """Describe in words what the plot of appearances shows."""
    kept_at = facts.images.kept_at if facts.images else {}
    parts = []
    for character in facts.production.characters:
        seconds = kept_at.get(character.id, ())
        span = f", {running_time(min(seconds))} to {running_time(max(seconds))}" if seconds else ""
        parts.append(f"{isolated(character.name)} {len(seconds)} pictures{span}")
    return "; ".join(parts)


def _loss_plot(facts: ReportFacts) -> Markup:
    if len(facts.training_loss) < 2:
        return Markup("")
    return Markup(plots.curve_plot("training loss", facts.training_loss))


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def data_uri(thumbnails: Mapping[str, bytes], key: str) -> str:
    """Return the ``data:`` URI of a WebP thumbnail; empty when there is none."""
    webp = thumbnails.get(key)
    return f"data:image/webp;base64,{base64.b64encode(webp).decode()}" if webp else ""


def _usd(amount: float) -> str:
    """Format dollars to the cent, and fractions of a cent to two digits."""
    return f"${amount:,.2f}" if amount == 0 or amount >= 0.01 else f"${amount:.2g}"


def _unit_price(usd: float) -> str:
    """Format the price of one unit, or of a million when one costs below 0.1 cent."""
    return f"{_usd(usd * 1e6)} a million" if usd < 1e-3 else _usd(usd)


def moment(iso: str) -> str:
    """Format as ``20 November 2026, 12:12 UTC``; text that is not a date stays unchanged."""
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{moment.day} {moment:%B %Y, %H:%M %Z}".rstrip(" ,")


def _words(name: str) -> str:
    """Write training_loss and trainingLoss as ``Training loss``."""
    return re.sub(r"_|(?<=[a-z])(?=[A-Z])", " ", name).capitalize()


def _amount(value: float) -> str:
    """Format an amount: whole numbers from 100, three digits below."""
    if value >= 100:
        return f"{value:,.0f}"
    return "< 0.001" if 0 < value < 0.001 else _figure(value)


def _figure(value: Any) -> str:
    """Format a cell: whole numbers unchanged, others to three digits, missing values as a dash."""
    if value is None or value != value:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and not value.is_integer():
        return f"{value:.3g}"
    if isinstance(value, float):
        return f"{value:.0f}"
    if isinstance(value, (list, tuple)):
        return ", ".join(isolated(_figure(one)) for one in value)
    return str(value)
