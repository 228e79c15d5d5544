"""Read what a run gives to programs, and find the files that may be given out."""

from __future__ import annotations

from typing import Any

from storyboard_ops.domain.error_tree import ObjectMissing
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.report.run_results import FILES, RESULTS, RunResults
from storyboard_ops.steps.run.tool_box import ToolBox


def read_results(tools: ToolBox[Any]) -> RunResults:
    """Return the results; raises ObjectMissing before the run has written its report."""
    found = tools.read_record(RESULTS, RunResults)
    if found is None:
        raise ObjectMissing(
            f"Run {tools.run_key} has no results yet: it writes them with its report, at its end."
        )
    return found


def find_file(tools: ToolBox[Any], name: str) -> S3Uri:
    """Return where a file of the run is; raises ObjectMissing unless it is one of FILES."""
    if name not in FILES:
        raise ObjectMissing(f"A run gives out {', '.join(FILES)}, and no {name!r}.")
    return _existing(tools, tools.run_root / name, name)


def find_picture(tools: ToolBox[Any], sha256: str) -> S3Uri:
    """Return where the picture of a panel is; raises ObjectMissing when no panel shows it."""
    shown = (panel.uri for panel in read_results(tools).panels if panel.sha256 == sha256)
    uri = next(shown, "")
    inside = uri.startswith(f"{tools.run_root}/") or uri.startswith(f"{tools.workspace.root}/")
    if not uri or not inside:
        raise ObjectMissing(f"No panel of run {tools.run_key} shows picture {sha256[:12]}.")
    return _existing(tools, S3Uri.parse(uri), sha256[:12])


def _existing(tools: ToolBox[Any], place: S3Uri, name: str) -> S3Uri:
    if tools.objects.head(place) is None:
        raise ObjectMissing(f"Run {tools.run_key} has not written {name}, or it was deleted.")
    return place
