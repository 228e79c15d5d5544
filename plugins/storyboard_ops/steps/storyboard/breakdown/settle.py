"""Give the panels of the run to the tasks that follow, and price them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from storyboard_ops.core.text.wording import pluralize
from storyboard_ops.domain.production_sheet import Production, ScriptScene, parse_production
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.price_run import price_again

log = logging.getLogger(__name__)


def settle_scenes(tools: ToolBox[Any], scenes: Sequence[ScriptScene]) -> Production:
    """Write ``production.json`` with these scenes, and the estimate of the run with them.

    Raises ProductionError when a panel cannot be drawn, or there is none.
    """
    sheet = tools.production.model_dump(mode="json")
    storyboard = [scene.model_dump(mode="json") for scene in scenes]
    settled = parse_production(sheet | {"storyboard": storyboard}, "of the run")
    tools.write_record("production.json", settled)
    price_again(tools, settled)
    panels = sum(len(scene.panels) for scene in settled.storyboard)
    log.info(
        "The storyboard has %s in %s.",
        pluralize(panels, "panel"),
        pluralize(len(settled.storyboard), "scene"),
    )
    return settled
