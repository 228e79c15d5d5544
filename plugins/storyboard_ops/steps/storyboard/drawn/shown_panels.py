"""Find the panels that a run shows: of several candidates, the chosen ones. Light to import."""

from __future__ import annotations

from typing import Any

from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.drawn.chosen_panels import chosen_panels

#: The "panels" manifest of a run, as they were drawn.
SHOWN = "storyboard/panels.jsonl"


def shown_panels(tools: ToolBox[Any]) -> ManifestRef | None:
    """Return the manifest of the panels that a run shows; None when it has drawn none."""
    found = tools.manifests.latest(tools.run_root / SHOWN)
    return chosen_panels(tools, found[0] if found else None)
