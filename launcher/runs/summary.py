"""The table at the end of a run: how many pictures at each stage, the cost, what still bills."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from launcher.product import (
    Frame,
    ImageRecord,
    Panel,
    S3Uri,
    count_frames,
    count_panels,
    count_pictures,
    decode_manifest,
    read_json,
    read_object,
)
from launcher.runs.dag_run import DagRun
from launcher.terminal import add_row, plain

#: Kinds of resources on a receipt that have made a model.
MAKES_MODELS = ("custom model", "training job", "gpu job")


@dataclass(frozen=True)
class RunFacts:
    """The outcome of a run: records from its manifests, documents from its results."""

    frames: Sequence[Frame]
    images: Sequence[ImageRecord]
    panels: Sequence[Panel]
    consistency: Mapping[str, Any]
    receipt: Mapping[str, Any]


def read_facts(run: DagRun, s3: Any, folder: Path) -> RunFacts:
    """Read the manifests of a successful run from S3, and its documents from `out/<run>/`."""

    def read_records(task_id: str, kind: str, record: type, part: str | None = None) -> list[Any]:
        found: list[Any] = []
        for value in run.get_returned(task_id):
            uri = S3Uri.parse((value[part] if part else value)["uri"])
            found += decode_manifest(read_object(s3, uri), record, kind).records
        return found

    return RunFacts(
        frames=read_records("shard.sample_frames", "frames", Frame),
        images=read_records("apply_review", "images", ImageRecord, part="images"),
        panels=_shown_panels(folder) or read_records("draw_storyboard", "panels", Panel),
        consistency=_read_document(folder / "storyboard" / "consistency.json"),
        receipt=_read_document(folder / "receipt.json"),
    )


def _shown_panels(folder: Path) -> Sequence[Panel]:
    """Return the panels with their chosen pictures, as the report shows them; none: no choice."""
    chosen = folder / "storyboard" / "chosen.jsonl"
    if not chosen.exists():
        return ()
    return decode_manifest(chosen.read_bytes(), Panel, "panels").records


def summarize(facts: RunFacts) -> list[tuple[str, str]]:
    """Return label and value of each line, in the order of the pipeline."""
    receipt = facts.receipt
    frames, pictures = count_frames(facts.frames), count_pictures(facts.images)
    panels = count_panels(facts.panels)
    return [
        ("frames sampled", f"{frames.sampled}, of which {frames.usable} usable"),
        ("pictures cut out", f"{pictures.cut_out}, of which {pictures.distinct} distinct"),
        ("pictures captioned", str(pictures.captioned)),
        ("pictures approved", f"{pictures.approved}, rejected {pictures.rejections}"),
        ("approved by character", _count_by_character(pictures.by_character)),
        ("model", _name_models(receipt)),
        (
            "storyboard panels",
            ", ".join(filter(None, (f"{panels.drawn} of {panels.planned}", panels.remark)))
            if facts.panels
            else "none",
        ),
        ("likeness of panels", facts.consistency.get("summary", "not measured")),
        ("worth of training", facts.consistency.get("worth") or "not compared"),
        ("cost by price table", _format_cost(receipt)),
        ("still billing", describe_billing(receipt)),
    ]


def build_table(title: str, lines: Sequence[tuple[str, str]]) -> Table:
    """Build a table of two columns."""
    table = Table(title=plain(title), show_header=False, title_justify="left", min_width=60)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for label, value in lines:
        add_row(table, label, value)
    return table


def _count_by_character(approved: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in approved.items()) or "none"


def _name_models(receipt: Mapping[str, Any]) -> str:
    made = [each for each in receipt.get("resources", ()) if each["kind"] in MAKES_MODELS]
    # A studio's own machine has one kind of job for training and drawing.
    trained = [each["name"] for each in made if "-draw-" not in each["name"]]
    return ", ".join(trained) or "none"


def _format_cost(receipt: Mapping[str, Any]) -> str:
    if "cost_usd" not in receipt:
        return "no receipt"
    return f"{receipt['cost_usd']:.2f} USD (prices of {receipt['price_table_date']})"


def describe_billing(receipt: Mapping[str, Any]) -> str:
    """Say what still costs money after the run, and what of that was kept on purpose."""
    if "still_billing" not in receipt:
        return "unknown: no receipt"
    if receipt["still_billing"]:
        return ", ".join(receipt["still_billing"])
    kept = [resource for resource in receipt["resources"] if resource.get("kept")]
    hourly = [f"{each['kind']} until {each['kept_until']}" for each in kept if each["kept_until"]]
    if hourly:
        return f"on purpose: {', '.join(hourly)}"
    if kept:
        kinds = ", ".join(each["kind"] for each in kept)
        return f"nothing by the hour; kept on purpose: {kinds} (storage)"
    return "nothing: everything released"


def _read_document(path: Path) -> Mapping[str, Any]:
    document: dict[str, Any] = {}
    if path.exists():
        document = read_json(path.read_bytes(), str(path))
    return document
