"""Read a cut in any of the formats that editors export."""

from __future__ import annotations

from storyboard_ops.core.script.formats import decode_text
from storyboard_ops.core.storyboard.retiming.cut_events import ReadCut
from storyboard_ops.core.storyboard.retiming.edl_events import is_edl, read_edl
from storyboard_ops.core.storyboard.retiming.fcp7_events import read_xmeml
from storyboard_ops.core.storyboard.retiming.fcpxml_events import read_fcpxml
from storyboard_ops.core.storyboard.retiming.otio_events import read_otio, unpack_bundle
from storyboard_ops.core.storyboard.retiming.xml_document import parse_xml
from storyboard_ops.domain.bounded_text import encoded
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.input_limits import MOST_CUT_BYTES
from storyboard_ops.domain.storyboard.frame_rate import FrameRate

_ZIP, _COMPOUND_FILE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_READABLE = "an EDL, OpenTimelineIO (.otio or .otioz), FCPXML or Final Cut Pro 7 XML"


def read_cut(body: bytes, what: str, board_rate: FrameRate) -> ReadCut:
    """Read a cut by its content, not by its name.

    ``what`` names the file in errors. ``board_rate``: of the board, for files that name none.
    Raises BadInput when it is none of the formats, or cannot be read.
    """
    if body.startswith(_ZIP):
        return _checked(read_otio(unpack_bundle(body, what), what, board_rate), what)
    if body.startswith(_COMPOUND_FILE):
        raise BadInput(f"{what} is an AAF, which is not read back; export it as {_READABLE}.")
    text = decode_text(encoded(body, what, MOST_CUT_BYTES))
    beginning = text.lstrip("\ufeff \t\r\n")
    if beginning.startswith("{"):
        return _checked(read_otio(text.encode("utf-8", "replace"), what, board_rate), what)
    if beginning.startswith("<"):
        return _checked(_read_xml(text, what, board_rate), what)
    if is_edl(text):
        return _checked(read_edl(text, what, board_rate), what)
    raise BadInput(f"{what} is no cut that can be read; export it as {_READABLE}.")


def _read_xml(text: str, what: str, board_rate: FrameRate) -> ReadCut:
    root = parse_xml(text, what)
    if root.tag == "xmeml":
        return read_xmeml(root, what, board_rate)
    if root.tag == "fcpxml":
        return read_fcpxml(root, what, board_rate)
    raise BadInput(f"{what} is XML of the kind {root.tag!a}; export the cut as {_READABLE}.")


def _checked(cut: ReadCut, what: str) -> ReadCut:
    if not cut.events:
        raise BadInput(f"{what} has no clips on a track of video; export the sequence again.")
    return cut
