"""Take the lengths of panels from the cut that a run names; nothing is drawn again for it."""

from __future__ import annotations

import logging

from storyboard_ops.core.storyboard.board import arrange_board
from storyboard_ops.core.storyboard.editorial.cut import cut_board
from storyboard_ops.core.storyboard.retiming.cut_events import ReadCut
from storyboard_ops.core.storyboard.retiming.match_panels import match_cut, retime_panels
from storyboard_ops.core.storyboard.retiming.read_cut import read_cut
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.input_limits import MOST_OBJECT_BYTES
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.settings.model import DrawingSettings
from storyboard_ops.domain.storyboard.retimed_cut import RetimedCut
from storyboard_ops.steps.run.tool_box import ToolBox, has_section

log = logging.getLogger(__name__)

#: What the cut said, and what could not be matched.
RECORD = "storyboard/retimed_cut.json"


def read_retimed_cut(tools: ToolBox) -> ReadCut | None:
    """Read the cut that the run names; None where it names none.

    Raises ObjectMissing when it does not exist, BadInput when it cannot be read.
    """
    if not has_section(tools, DrawingSettings) or not tools.settings.retimed_cut:
        return None
    where = tools.settings.retimed_cut
    # As large as an OTIOZ may be, which has the pictures, too.
    body = tools.objects.get(S3Uri.parse(where), MOST_OBJECT_BYTES)
    return read_cut(body, where, tools.settings.rate)


def retime_by_cut(tools: ToolBox, panels: tuple[Panel, ...] | None) -> tuple[Panel, ...] | None:
    """Return the panels with their lengths in the run's cut, and record what was matched.

    A cut that is gone since preflight has read it leaves the lengths that were recorded.
    """
    settings = tools.settings
    if not panels or not isinstance(settings, DrawingSettings) or not settings.retimed_cut:
        return panels
    try:
        found = _match(tools, settings, panels)
    except BadInput as error:
        log.warning("The lengths of the last report are kept: %s", error)
        found = tools.read_record(RECORD, RetimedCut)
    return panels if found is None else retime_panels(panels, found.lengths, settings.rate)


def _match(
    tools: ToolBox, settings: DrawingSettings, panels: tuple[Panel, ...]
) -> RetimedCut | None:
    cut = read_retimed_cut(tools)
    if cut is None:
        return None
    board = cut_board(arrange_board(panels, settings.rate), "", settings.start_timecode)
    found = match_cut(cut, board, settings.retimed_cut)
    tools.write_record(RECORD, found)
    for sentence in found.sentences():
        log.info("%s", sentence)
    return found
