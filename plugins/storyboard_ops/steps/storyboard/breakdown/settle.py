"""Give the panels of the run to the tasks that follow, and price them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from storyboard_ops.core.text.wording import pluralize
from storyboard_ops.domain.production_sheet import Production, ScriptScene, with_storyboard
from storyboard_ops.domain.script_record import ScriptRecord
from storyboard_ops.domain.storyboard.breakdown import Breakdown
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.price_run import price_again

log = logging.getLogger(__name__)

#: What was read of the script, and the breakdown whose panels the run draws.
RECORD, APPROVED = "script.json", "storyboard/approved_breakdown.json"


def settle_breakdown(tools: ToolBox[Any], approved: Breakdown) -> Production:
    """Give the panels of a breakdown to the run, as ``settle_scenes`` does, and list the rest."""
    production = settle_scenes(tools, approved.script_scenes, approved.origin)
    tools.write_record(APPROVED, approved)
    write_script_record(tools, approved)
    return production


def write_script_record(tools: ToolBox[Any], breakdown: Breakdown) -> None:
    """Write what was read of a script, and every line of it that is in no panel."""
    scenes = breakdown.script_scenes
    record = ScriptRecord(
        origin=breakdown.origin,
        format=breakdown.format,
        elements=breakdown.elements,
        scenes=len(scenes),
        panels=sum(len(scene.panels) for scene in scenes),
        omitted=breakdown.all_omitted,
    )
    where = tools.write_record(RECORD, record)
    log.info("%s: %s", record.origin, record)
    for reason, count in record.reasons.items():
        log.info("In no panel: %s (%s)", pluralize(count, "paragraph"), reason)
    log.info("All are listed in %s.", where)


def settle_scenes(tools: ToolBox[Any], scenes: Sequence[ScriptScene], origin: str) -> Production:
    """Write ``production.json`` with these scenes, and the estimate of the run with them.

    ``origin`` names the script in errors.

    Raises ProductionError when a panel cannot be drawn, or there is none.
    """
    storyboard = [scene.model_dump(mode="json") for scene in scenes]
    settled = with_storyboard(tools.production, storyboard, origin)
    tools.write_record("production.json", settled)
    price_again(tools, settled)
    panels = sum(len(scene.panels) for scene in settled.storyboard)
    log.info(
        "The storyboard has %s in %s.",
        pluralize(panels, "panel"),
        pluralize(len(settled.storyboard), "scene"),
    )
    return settled
