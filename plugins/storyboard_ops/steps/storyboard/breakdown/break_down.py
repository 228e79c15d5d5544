"""Break the script of a run down into panels: by a model, or by plain rules.

storyboard/breakdown.json   the scenes with their panels, and every line that is in none
script.json                 what was read of the script
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from storyboard_ops.core.script.breakdown.checked import check_scenes
from storyboard_ops.core.script.breakdown.drafts import (
    checked_drafts,
    outside_scenes,
    plain_drafts,
)
from storyboard_ops.core.script.breakdown.request import make_chunks
from storyboard_ops.core.script.scene_text import ScriptText, read_script_text
from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.error_tree import GateClosed
from storyboard_ops.domain.preflight.preflight_report import PreflightReport
from storyboard_ops.domain.settings.storyboard import BreakdownSection
from storyboard_ops.domain.storyboard.breakdown import Breakdown, SceneDraft
from storyboard_ops.domain.utc_time import iso
from storyboard_ops.steps.money.cost_gate import PREFLIGHT
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.board.revise_board import adopt_board
from storyboard_ops.steps.storyboard.breakdown.ask_model import ScriptModel
from storyboard_ops.steps.storyboard.breakdown.script_source import (
    RunScript,
    check_size,
    load_script,
    with_script,
)
from storyboard_ops.steps.storyboard.breakdown.settle import (
    RECORD,
    settle_breakdown,
    settle_scenes,
    write_script_record,
)
from storyboard_ops.steps.storyboard.choosing.carry import earlier_tools

VERSION = 1
BREAKDOWN = "storyboard/breakdown.json"
#: Notes about answers of the model that a breakdown keeps.
MOST_NOTES = 200

log = logging.getLogger(__name__)


def break_down_script(tools: ToolBox[Any]) -> Breakdown | None:
    """Break down the script of the run, and write its panels for the tasks that follow.

    None: the run draws nothing, carries on the board of an earlier run, or names no screenplay. Its
    panels are those of that board, of the production file, of a YAML file or of the parameter
    panels, and nobody is asked about them. Raises
    GateClosed when the script is not the one that preflight has priced, BadInput when it cannot be
    read.
    """
    if earlier := earlier_tools(tools):
        adopt_board(tools, earlier.run_root, tools.production)
        return None
    source = load_script(tools) if tools.settings.draws else None
    if source is None:
        return None
    _refuse_changed(tools, source)
    if source.text is None:
        production, record = with_script(tools, tools.production)
        if record is not None:
            tools.write_record(RECORD, record)
            settle_scenes(tools, production.storyboard, record.origin)
        return None
    script = read_script_text(source.text, source.origin)
    digest = _digest(tools, source)
    made = tools.read_record(BREAKDOWN, Breakdown)
    if made is None or made.digest != digest:
        made = _make(tools, script, source, digest)
        tools.write_record(BREAKDOWN, made)
    if made.asked:
        write_script_record(tools, made)
    else:
        settle_breakdown(tools, made)
    return made


def _digest(tools: ToolBox[BreakdownSection], source: RunScript) -> str:
    settings, production = tools.settings, tools.production
    cast = [one.model_dump(mode="json") for one in production.characters]
    facts: list[Any] = [VERSION, source.sha256, settings.breakdown, cast, settings.rate.name]
    if settings.asks_breakdown_model:
        model = ScriptModel(tools)
        facts += [model.model_id, model.prompt]
    return digest_of(*facts)


def _refuse_changed(tools: ToolBox[BreakdownSection], source: RunScript) -> None:
    """Raise GateClosed when the script is not the one whose panels preflight has priced."""
    report = tools.read_record(PREFLIGHT, PreflightReport)
    priced = report.script_sha256 if report else ""
    if priced and priced != source.sha256:
        raise GateClosed(
            f"{source.origin} has changed since preflight has priced it. Clear preflight: it reads "
            "the script again, and prices it."
        )


def _make(
    tools: ToolBox[BreakdownSection], script: ScriptText, source: RunScript, digest: str
) -> Breakdown:
    mode, cast = tools.settings.breakdown, tools.production.characters
    rate = float(tools.settings.rate.nominal)
    model_id, notes = "", []
    if mode == "plain":
        drafts = plain_drafts(script, cast, rate)
    else:
        model = ScriptModel(tools)
        model_id = model.model_id
        with tools.booking(f"breakdown-{digest[:16]}"):
            answers = model.break_down(make_chunks(script.scenes))
        notes = [fault for _, parsed in answers for one in parsed for fault in one.faults]
        for note in notes[:MOST_NOTES]:
            log.info("Left out of an answer of %s: %s", model_id, note)
        checked = check_scenes(script.scenes, answers, cast, rate)
        drafts = checked_drafts(script, checked, cast, rate)
    _check_sizes(source.origin, drafts)
    return Breakdown(
        digest=digest,
        origin=source.origin,
        script_sha256=source.sha256,
        format=script.format,
        elements=script.counts,
        mode=mode,
        model_id=model_id,
        asked=mode == "people",
        opened_at=iso(tools.clock()),
        scenes=tuple(drafts),
        omitted=outside_scenes(script),
        notes=tuple(notes[:MOST_NOTES]),
    )


def _check_sizes(origin: str, drafts: Sequence[SceneDraft]) -> None:
    """Raise BadInput when the scenes cannot be drawn by one run, or there is nothing to draw."""
    drawn = [draft for draft in drafts if draft.panels]
    check_size(origin, len(drawn), sum(len(draft.panels) for draft in drawn))
