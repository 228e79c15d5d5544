"""Check the script that a run draws, and the cut that it takes the lengths of panels from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from storyboard_ops.core.text.wording import pluralize
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.preflight.preflight_report import Finding, failed, passed, warned
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.script_record import ScriptRecord
from storyboard_ops.domain.settings.model import BoardSection, DrawingSettings
from storyboard_ops.domain.settings.storyboard import BreakdownSection
from storyboard_ops.gateways.storage.production_files import LoadedProduction
from storyboard_ops.steps.report.retimed_lengths import read_retimed_cut
from storyboard_ops.steps.run.tool_box import ToolBox, has_section
from storyboard_ops.steps.storyboard.breakdown.script_source import load_script, with_script


def reads_script(tools: ToolBox) -> bool:
    """Return whether a run needs a script: it draws, or publishes an earlier board again."""
    return has_section(tools, BreakdownSection) and (tools.settings.draws or _carries_on(tools))


def check_script(
    tools: ToolBox[Any], loaded: LoadedProduction
) -> tuple[LoadedProduction, str, Finding]:
    """Return the production with the panels of the script that the run names, and its SHA-256.

    These panels are estimated instead of the production's. That also finds a script that cannot be
    read before anything is paid for.
    """
    try:
        source = load_script(tools)
        production, record = with_script(tools, loaded.production)
    except BadInput as error:
        remedy = "Fix the script, or set the parameter script to another."
        if _carries_on(tools):
            remedy = "Correct the parameters from_run and redraw."
        return loaded, "", failed(str(error), remedy)
    sha256 = source.sha256 if source else ""
    finding = _judge_script(tools, production, record)
    return replace(loaded, production=production), sha256, finding


def check_retimed_cut(tools: ToolBox) -> Finding:
    """Read the cut that the run takes lengths from, before anything is paid for."""
    try:
        cut = read_retimed_cut(tools)
    except BadInput as error:
        return failed(str(error), "Fix the cut, or clear the parameter retimed_cut.")
    if cut is None:
        return passed("none: panels have their lengths from the script.")
    return passed(f"{pluralize(len(cut.events), 'clip')} at {cut.frame_rate}.")


def _judge_script(
    tools: ToolBox[Any], production: Production, record: ScriptRecord | None
) -> Finding:
    """Return what is drawn, or that nothing is: neither production nor run has a panel."""
    if record:
        return passed(f"{record.origin}: {record}.")
    if _carries_on(tools):
        return passed(f"that of {tools.settings.from_run}.")
    if production.storyboard:
        return passed("the production's own.")
    add = "Name a script in the parameter script, or add a storyboard to the production file"
    if has_section(tools, DrawingSettings):
        return failed("there is none: nothing would be drawn.", f"{add}.")
    return warned(
        "none, so nothing is drawn: the run ends with its dataset, its model and its report.",
        f"{add}, if you want panels.",
    )


def _carries_on(tools: ToolBox[Any]) -> bool:
    """Return whether the run publishes the board of an earlier one again."""
    return has_section(tools, BoardSection) and bool(tools.settings.from_run)
