"""Compute the figures of the report as tables: funnel, films, coverage, captions, review."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from storyboard_ops.core.dataset.selection import CoverageCell, coverage_gaps, framings_of
from storyboard_ops.core.report.contact_sheet import film_name
from storyboard_ops.core.report.facts.report_facts import ReportFacts
from storyboard_ops.core.report.facts.row_tallies import Cell, PictureTally
from storyboard_ops.core.text.visible import isolated
from storyboard_ops.domain.report.run_figures import MEANINGS

#: More shots than this share columns so that the table fits the page: fewer columns, because their
#: labels are wider.
MOST_SHOT_COLUMNS, MOST_SHARED_COLUMNS = 24, 10
#: What the pictures of a framing are called in the list of gaps.
FRAMING_WORDS = {"full": "full figures", "medium": "medium shots", "close": "close-ups"}


@dataclass(frozen=True)
class FunnelStep:
    """One bar of the funnel. ``part`` groups comparable bars: first frames, then pictures."""

    label: str
    part: str
    unit: str
    count: int
    meaning: str  # what it counts, for people
    share: float  # of the largest step of its part, 0..1
    lost: int  # since the previous step of its part


#: Label, unit, count, and the key of its meaning.
_Counted = tuple[str, str, int, str]


@dataclass(frozen=True)
class Coverage:
    """Pictures by character, framing and shot, with the gaps."""

    counts: pd.DataFrame  # index: (character id, framing); columns: shot labels
    gaps: tuple[str, ...]  # what to look for next, in words
    largest: int


def funnel(facts: ReportFacts) -> tuple[FunnelStep, ...]:
    """Count the steps from sampled frames to approved pictures, for stages that have run.

    One frame may show several characters; each detection becomes at most one picture per part.
    """
    frames: list[_Counted] = []
    pictures: list[_Counted] = []
    if facts.frames is not None:
        counted = facts.frames.figures
        frames.append(("Sampled from the film", "frames", counted.sampled, "sampled"))
        frames.append(("Usable", "frames", counted.usable, "usable"))
    if facts.detections is not None:
        with_character = facts.detections.with_character
        frames.append(("With a character", "frames", with_character, "with_character"))
        pictures.append(("Characters found", "times", facts.detections.named, "found"))
    if facts.images is not None:
        pictures += _picture_steps(facts.images)
    return (*_with_shares("frames", frames), *_with_shares("pictures", pictures))


def calls_saved(facts: ReportFacts) -> int:
    """Count paid detections that were avoided: one per detector for each dropped frame."""
    dropped = facts.frames.drops.total if facts.frames else 0
    return dropped * len(facts.detectors)


def drops_in_sampling(facts: ReportFacts) -> dict[str, int]:
    """Count frames dropped before anything was paid, by reason, most frequent first."""
    groups = facts.frames.drops.groups if facts.frames else {}
    reasons = Counter({reason: dropped.total for (_, reason), dropped in groups.items()})
    return dict(reasons.most_common())


def _picture_steps(images: PictureTally) -> Iterable[_Counted]:
    """Yield the pictures left after each stage; a stage that changed no picture has not run."""
    counted = images.figures
    reviewed = bool(images.decisions)
    steps = (
        (True, "Cut out", counted.cut_out, "cut_out"),
        (counted.distinct < counted.cut_out or images.compared > 0,
         "Distinct", counted.distinct, "distinct"),
        (images.captions > 0, "Captioned", counted.captioned, "captioned"),
        (counted.candidates < counted.captioned or reviewed,
         "Within the trainer's limits", counted.candidates, "candidates"),
        (reviewed, "Approved", counted.approved, "approved"),
    )  # fmt: skip
    for has_run, label, count, meaning in steps:
        if has_run:
            yield label, "pictures", count, meaning


def _with_shares(part: str, steps: list[_Counted]) -> Iterable[FunnelStep]:
    largest = max((count for _, _, count, _ in steps), default=0) or 1
    before = steps[0][2] if steps else 0
    for label, unit, count, meaning in steps:
        yield FunnelStep(
            label, part, unit, count, MEANINGS[meaning], count / largest, before - count
        )
        before = count


def films(facts: ReportFacts) -> pd.DataFrame:
    """Tabulate the films that were read: name, version, digest, size, frames, pictures."""
    if not facts.frames:
        return pd.DataFrame()
    kept = Counter[str]()
    for cell, count in _cells(facts).items():
        kept[cell.film] += count
    return pd.DataFrame(
        {
            "uri": film.uri,
            "film": film_name(film.uri),
            "version": film.version,
            "sha256": film.sha256,
            "megabytes": film.size / 1e6,
            "picture": film.picture,
            "sampled": samples.sampled,
            "usable": samples.usable,
            "shots": len(samples.shots),
            "pictures": kept[film.uri],
        }
        for film, samples in sorted(facts.frames.films.items(), key=lambda item: item[0])
    )


def _cells(facts: ReportFacts) -> Counter[Cell]:
    return facts.images.cells if facts.images else Counter()


def coverage(facts: ReportFacts) -> Coverage | None:
    """Count kept pictures by character x framing x shot; returns None when there are none."""
    cells = _cells(facts)
    if not cells:
        return None
    films_in_order = sorted({cell.film for cell in cells})
    places = {film: place for place, film in enumerate(films_in_order, start=1)}
    table = pd.DataFrame(
        {
            "character": cell.character,
            "framing": cell.framing,
            "film": places[cell.film],
            "shot": cell.shot,
            "pictures": count,
        }
        for cell, count in cells.items()
    )
    shots = table[["film", "shot"]].drop_duplicates().sort_values(["film", "shot"])
    column = _shot_columns(list(shots.itertuples(index=False, name=None)))
    table["column"] = [column[at] for at in zip(table["film"], table["shot"], strict=True)]
    rows = pd.MultiIndex.from_tuples(
        [(one.id, framing) for one in facts.production.characters for framing in framings_of(one)]
    )
    counts = (
        table.pivot_table(
            index=["character", "framing"],
            columns="column",
            values="pictures",
            aggfunc="sum",
            fill_value=0,
        )
        .reindex(index=rows, fill_value=0)
        .reindex(columns=list(dict.fromkeys(column.values())), fill_value=0)
    )
    return Coverage(counts, tuple(_gaps(facts)), int(counts.to_numpy().max()))


def _shot_columns(shots: list[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """Label each (film, shot): ``7``, ``2·7`` with several films, ``5–9`` for a shared column."""
    several = len({film for film, _ in shots}) > 1
    labels = [f"{film}·{shot}" if several else str(shot) for film, shot in shots]
    size = -(-len(shots) // MOST_SHARED_COLUMNS) if len(shots) > MOST_SHOT_COLUMNS else 1
    columns = {}
    for start in range(0, len(shots), size):
        group = labels[start : start + size]
        label = group[0] if len(group) == 1 else f"{group[0]}–{group[-1]}"
        columns.update(dict.fromkeys(shots[start : start + size], label))
    return columns


def _gaps(facts: ReportFacts) -> Iterable[str]:
    """Yield in words what the dataset card calls gaps."""
    cast = facts.production.characters
    totals = facts.pictures.by_character
    cells = [
        CoverageCell(
            character=cell.character,
            framing=cell.framing,
            video=cell.film,
            shot=cell.shot,
            pictures=count,
        )
        for cell, count in _cells(facts).items()
        if cell.sure
    ]
    gaps = coverage_gaps(cells, cast)
    for character in cast:
        thin = [gap for gap in gaps if gap.character == character.id]
        if not totals.get(character.id):
            yield f"{isolated(character.name)}: no pictures at all."
        elif thin and character.kind == "prop":
            yield f"{isolated(character.name)}: few pictures ({thin[0].pictures})."
        elif thin:
            few = ", ".join(f"{FRAMING_WORDS[g.framing]} ({g.pictures or 'none'})" for g in thin)
            yield f"{isolated(character.name)}: few {few}."


def findings(facts: ReportFacts) -> pd.Series:
    """Count the findings of the caption linter over the kept pictures, most frequent first."""
    found = dict(facts.images.findings.most_common()) if facts.images else {}
    return pd.Series(found, dtype=int)


def caption_words(facts: ReportFacts) -> pd.Series:
    """Count the words of each kept caption."""
    return pd.Series(facts.images.words if facts.images else (), dtype=int)


def decisions(facts: ReportFacts) -> pd.DataFrame:
    """Count review decisions by desk, reviewer, decision and reason."""
    decided = facts.images.decisions if facts.images else {}
    return pd.DataFrame(
        {**dict(zip(_DECIDED, key, strict=True)), "pictures": number, "last": last}
        for key, (number, last) in sorted(decided.items())
    )


_DECIDED = ("desk", "reviewer", "decision", "reason")


def similarities(facts: ReportFacts) -> tuple[list[float], list[float]]:
    """Return similarities to the nearest better picture: of distinct pictures, of doubles.

    The best picture of each character has none and is in neither list.
    """
    return facts.images.similar.split() if facts.images else ([], [])


def unmatched(facts: ReportFacts) -> int:
    """Count distinct pictures that no better one was there to compare with."""
    return facts.pictures.distinct - len(similarities(facts)[0])


def training_loss(metrics_csv: bytes) -> tuple[tuple[float, float], ...]:
    """Read (step, loss) from the metrics file that Bedrock customization writes with the model.

    Its columns are step_number, epoch_number, training_loss and, for some models, others.
    """
    table = pd.read_csv(io.BytesIO(metrics_csv))
    steps = table[["step_number", "training_loss"]].dropna()
    return tuple(steps.itertuples(index=False, name=None))
