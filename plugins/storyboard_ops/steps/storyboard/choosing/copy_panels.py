"""Publish an earlier board as people chose, where nothing is drawn again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.training.model_facts import Capacity, TrainedModel
from storyboard_ops.steps.run.manifest_step import Made, find_or_make
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.choosing.carry import carried_board, complete_board
from storyboard_ops.steps.storyboard.drawn.shown_panels import SHOWN
from storyboard_ops.steps.storyboard.painter import Painter

VERSION = 1


@dataclass(frozen=True)
class CopyingPainter(Painter):
    """Copies the panels of the earlier run; it buys nothing and calls no model."""

    tools: ToolBox[Any]

    draws_by_itself = "No panel is drawn again, so no capacity is provided."

    def start(self, model: TrainedModel, capacity: Capacity | None) -> ManifestRef:
        tools = self.tools

        def make(_: str) -> Made:
            panels = complete_board(tools, ())
            failed = sum(bool(panel.failure) for panel in panels)
            return Made(panels, {"panels": len(panels), "failed": failed})

        carried = carried_board(tools)
        digest = digest_of(VERSION, carried.digest if carried else "")
        return find_or_make(tools.manifests, tools.run_root / SHOWN, "panels", digest, make)

    def finish(self, model: TrainedModel, name: str) -> ManifestRef:
        return self.start(model, None)

    def stop(self) -> None:
        """Do nothing: copies end by themselves."""
