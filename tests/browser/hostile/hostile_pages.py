"""The product's files for people, made of one hostile text in every place that takes a text."""

from __future__ import annotations

from typing import Any

from markdown_it import MarkdownIt

from storyboard_ops.core.dataset.card import dataset_card, render_card
from storyboard_ops.core.dataset.diff import diff_datasets
from storyboard_ops.core.dataset.split import DatasetSplit
from storyboard_ops.core.removal.page import render_removal
from storyboard_ops.core.report.diff_page import DiffFacts, render_diff
from storyboard_ops.core.report.facts.report_facts import ReportFacts
from storyboard_ops.domain.image_records import CropDrop, Drop, FrameDetections, ImageRecord
from storyboard_ops.domain.preflight.preflight_report import Check
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.removal.removal_records import (
    AffectedModel,
    ObjectLine,
    RemovalRecord,
    parse_request,
)
from storyboard_ops.domain.report.report_facts import DatasetChanges
from storyboard_ops.domain.sampling.shards import QuarantinedVideo
from storyboard_ops.domain.storyboard.panel_card import MOST_DESCRIPTION
from storyboard_ops.gateways.include_files import include_text
from tests.material import cost_factories, factories, reports
from tests.reading.report_reading import page_of

STYLE = "templates/report.css"
CARD_FILES = ("train.jsonl", "labels.jsonl", "kohya.toml", "ai_toolkit.yaml", "lineage.csv")


def hostile_production(text: str) -> Production:
    cast = [character.model_dump() for character in factories.production().characters]
    for number, character in enumerate(cast, start=1):  # whose names must differ
        character |= {"name": f"{text[:50]} {number}", "description": text[:600]}
    scenes = [
        {"scene": text[:120], "panels": [{"description": text[:800], "characters": ["mira"]}]}
    ]
    return factories.production(
        production=text[:120],
        style=text[:300],
        source={"title": text, "licence": text, "attribution": text},
        characters=cast,
        storyboard=scenes,
    )


def film_of(text: str) -> str:
    """The URI of a film whose name is the text; settings refuse one with line breaks."""
    return f"{factories.WORKSPACE}/videos/{' '.join(text.splitlines())}"


def hostile_images(text: str) -> tuple[ImageRecord, ...]:
    frame = factories.frame(2, uri=film_of(text))
    caption = factories.caption(text, text).model_copy(update={"editor": text})
    kept = factories.image(2, frame=frame, caption=caption, review=factories.review(reviewer=text))
    drop = Drop(stage="review", reason="rejected", detail=text)
    refused = factories.rejected(50, "pip", text)
    return (kept, factories.image(3), refused.model_copy(update={"dropped": drop}))


def hostile_report(text: str) -> str:
    """A failed run of two films."""
    film = film_of(text)
    kept, plain, refused = hostile_images(text)
    looked = factories.frame(5, uri=film)
    drop = Drop(stage="crop", reason="too small", detail=text)
    resource = cost_factories.resource("custom model", name=text, note=text, kept=True)
    preflight = cost_factories.preflight()
    check = Check(name="budget", state="warn", finding=text, remedy=text)
    facts = reports.report_facts(
        production=hostile_production(text),
        settings=factories.settings(videos=[film, factories.VIDEO_URI]),
        run=reports.run_facts(status="failed", failure=text, endpoint="http://127.0.0.1:1"),
        lost_videos=(QuarantinedVideo(uri=film, reason=text),),
        frames=(looked, factories.frame(2)),
        detections=(FrameDetections(frame=looked, detections=(), failure=text),),
        crop_drops=(
            CropDrop(frame=looked, detection=factories.detection(None, label=text), drop=drop),
        ),
        images=(kept, plain, refused),
        panels=(
            factories.panel(1, text, description=text[:MOST_DESCRIPTION], prompt=text),
            factories.failed_panel(2, text).model_copy(update={"failure": text}),
        ),
        changes=DatasetChanges(
            earlier_run="r-1", page="diff.html", added=1, removed=1, recropped=1, reassigned=1,
            recaptioned=1, unchanged=1,
        ),
        preflight=preflight.model_copy(update={"checks": (check,)}),
        receipt=cost_factories.receipt(resources=(resource,), still_billing=(text,)),
    )  # fmt: skip
    return page_of(facts)


def hostile_single_film_report(text: str) -> str:
    """A run of one film, which is named in the head, with the plot of when who appears."""
    film = film_of(text)
    frames = tuple(factories.frame(k, uri=film) for k in range(9))
    images = tuple(factories.image(k, frame=frames[k]) for k in range(9))
    facts: ReportFacts = reports.report_facts(
        production=hostile_production(text),
        settings=factories.settings(videos=[film]),
        frames=frames,
        images=images,
        crop_drops=(),
        detections=None,
        panels=None,
        missing={"storyboard": text, "detections": text},
    )
    return page_of(facts)


def hostile_removal(text: str) -> str:
    film = film_of(text)
    request = parse_request(
        {"film": film, "reason": f"{text[:480]}...", "requested_by": text[:120]}
    )
    record = RemovalRecord(
        removal_id=request.removal_id,
        state="planned",
        request=request,
        deleted=(ObjectLine(uri=film, size=9),),
        rewritten=(ObjectLine(uri=f"{film}/a.jsonl", size=9, rows=3),),
        runs=(text,),
        unfinished_runs=(text,),
        models=(AffectedModel(run_key=text, job_arn=text, model_arn=text, exists=True),),
        stopped_loops=(text, "loop-2"),
        notes=(text,),
    )
    return render_removal(record, include_text("templates/removal.html.j2"), include_text(STYLE))


def hostile_diff(text: str) -> str:
    kept, plain, refused = hostile_images(text)
    images: tuple[Any, ...] = (kept, factories.image(7, "bram", frame=kept.frame))
    again = images[1].model_copy(update={"character": "mira"})
    words = kept.model_copy(update={"caption": factories.caption(f"{text} {text}")})
    facts = DiffFacts(
        production=hostile_production(text),
        earlier_run=text,
        later_run=text,
        diff=diff_datasets([*images, plain], [words, again, refused]),
    )
    return render_diff(facts, include_text("templates/dataset_diff.html.j2"), include_text(STYLE))


def hostile_card(text: str) -> str:
    """The README.md of a dataset, as a site shows it that lets HTML through."""
    images = hostile_images(text)
    split = DatasetSplit(
        training=tuple(image.image_id for image in images[:2]), evaluation=(), notes=(text,)
    )
    card = dataset_card(
        "run-1", hostile_production(text), factories.settings(caption_model_id="a.b"), images,
        split, "", dict.fromkeys(CARD_FILES, ""),
    )  # fmt: skip
    markdown = render_card(card, include_text("templates/dataset_card.md.j2"))
    site = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    style = "body { overflow-wrap: anywhere } table { table-layout: fixed; width: 100% }"
    return (
        '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<style>{style}</style>{site.render(markdown)}"
    )


PAGES = {
    "report": hostile_report,
    "report of one film": hostile_single_film_report,
    "removal": hostile_removal,
    "diff": hostile_diff,
    "card": hostile_card,
}
