"""Collect what a run has made so far by its keys; the bucket is the only state."""

from __future__ import annotations

from typing import Any

from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.report.report_facts import RunManifests
from storyboard_ops.domain.settings.model import DrawingSettings
from storyboard_ops.domain.training.model_facts import Capacity, TrainedModel
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.sampling.frame_manifests import detections_of_run, frames_manifests
from storyboard_ops.steps.storyboard.drawing_task import COMPARED
from storyboard_ops.steps.storyboard.drawn.shown_panels import shown_panels

#: Manifests of pictures, latest stage first.
IMAGE_MANIFESTS = (
    "review/images.jsonl",
    "dataset/candidates.jsonl",
    "captions/images.jsonl",
    "crops/distinct.jsonl",
    "crops/manifest.jsonl",
)


def collect_manifests(
    tools: ToolBox, started_at: str, finished_at: str, failure: str = "", panels_page: str = ""
) -> RunManifests:
    """Return everything of this run that the report can show; times are ISO 8601."""
    detections = detections_of_run(tools)
    return RunManifests(
        status="failed" if failure else "succeeded",
        failure=failure,
        started_at=started_at,
        finished_at=finished_at,
        frames=frames_manifests(tools, detections),
        detections=detections,
        crop_drops=_latest(tools, "crops/drops.jsonl"),
        images=next(filter(None, (_latest(tools, name) for name in IMAGE_MANIFESTS)), None),
        model=tools.read_record("model/model.json", TrainedModel),
        capacity=tools.read_record("model/capacity.json", Capacity),
        panels=shown_panels(tools),
        compared=_latest(tools, COMPARED),
        panels_page=panels_page,
        missing=_skipped_parts(tools),
    )


def _latest(tools: ToolBox, name: str) -> ManifestRef | None:
    found = tools.manifests.latest(tools.run_root / name)
    return found[0] if found else None


def _skipped_parts(tools: ToolBox) -> dict[Any, str]:
    """Return why the report has no such parts; a part that failed has no reason here."""
    settings = tools.settings
    if isinstance(settings, DrawingSettings):
        return {}
    if not settings.draws:
        reason = "trainer is dataset_only: the approved dataset is the result"
        return {"model": reason, "storyboard": reason, "consistency": reason}
    parts: dict[Any, str] = {}
    if settings.panel_source != "trained":
        parts["model"] = f"panels_from is {settings.panel_source}: nothing is trained"
    production = tools.read_record("production.json", Production)
    if production and not production.storyboard:
        reason = "the production has no storyboard, and the run names no script"
        parts |= {"storyboard": reason, "consistency": reason}
    return parts
