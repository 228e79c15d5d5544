"""Find the manifests of frames and detections that a run's crops were cut from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.settings.base import Settings
from storyboard_ops.steps.run.tool_box import ToolBox


def frames_manifests(
    tools: ToolBox[Settings], detections: Iterable[ManifestRef]
) -> tuple[ManifestRef, ...]:
    """Return the "frames" manifests that "detections" manifests were made from."""
    headers = [tools.manifests.header(ref) for ref in detections]
    return _refs([header.summary["frames_manifest"] for header in headers])


def frames_of_run(tools: ToolBox[Settings]) -> tuple[ManifestRef, ...]:
    """Return the "frames" manifests that the run's crops were cut from; empty before the crops."""
    return frames_manifests(tools, detections_of_run(tools))


def detections_of_run(tools: ToolBox[Settings]) -> tuple[ManifestRef, ...]:
    """Return the "detections" manifests of the run's crops; empty before the crops."""
    crops = tools.manifests.latest(tools.run_root / "crops/manifest.jsonl")
    return _refs(crops[1].summary["detections_manifests"]) if crops else ()


def _refs(dumped: list[dict[str, Any]]) -> tuple[ManifestRef, ...]:
    return tuple(map(ManifestRef.model_validate, dumped))
