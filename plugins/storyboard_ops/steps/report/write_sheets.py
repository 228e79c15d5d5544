"""Write a storyboard for people: sheets to print, a contact sheet, a page for the screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from storyboard_ops.core.pictures.codec import decode_rgb, encode_jpeg, fit_within
from storyboard_ops.core.storyboard.board import Board, BoardPanel
from storyboard_ops.core.storyboard.sheets.copied_text import correct_copied_text
from storyboard_ops.core.storyboard.sheets.html_board import page_picture, render_board
from storyboard_ops.core.storyboard.sheets.layout import SheetLayout
from storyboard_ops.core.storyboard.sheets.letters import Letters
from storyboard_ops.core.storyboard.sheets.more_sheets import contact_view, revision_view
from storyboard_ops.core.storyboard.sheets.sheet_view import SheetFacts, board_view
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.storyboard.board_revision import BoardRevision
from storyboard_ops.gateways.aws.call_pool import call_each
from storyboard_ops.gateways.include_files import include_text
from storyboard_ops.gateways.storyboard.font_files import find_fonts
from storyboard_ops.gateways.storyboard.typesetting import set_pages
from storyboard_ops.steps.run.tool_box import ToolBox

PICTURE_SIDE = 1400  # pixels: 160 dpi on a sheet of one panel, 400 dpi on one of three


class Sheets(NamedTuple):
    """A PDF, and what the report says of the letters that have no font."""

    pdf: bytes
    missing_letters: str


class WrittenSheets(NamedTuple):
    """Where the sheets are, and what the report says of the letters that have no font."""

    pdf: str
    board: str
    missing_letters: str


def write_sheets(tools: ToolBox, board: Board, sheet: SheetFacts) -> WrittenSheets:
    """Write ``storyboard.pdf``, ``contact_sheet.pdf``, ``board.html`` and ``revision_sheet.pdf``.

    They are in ``storyboard/`` of the run; that of the revision only where one came before.
    """
    prints, screens = _read_pictures(tools, board)
    layout = SheetLayout.of(tools.settings)
    sheets = storyboard_pdf(board, prints, sheet, layout)
    pdf = _put(tools, "storyboard.pdf", sheets.pdf)
    _put(tools, "contact_sheet.pdf", contact_pdf(board, prints, sheet, layout).pdf)
    if sheet.revision and sheet.revision.version > 1:
        revision = revision_pdf(board, prints, sheet, layout, sheet.revision)
        _put(tools, "revision_sheet.pdf", revision.pdf)
    page = html_board(board, screens, sheet, prompts=layout.prompts)
    address = tools.run_root / "storyboard/board.html"
    uri = tools.objects.put(address, page.encode(), "text/html; charset=utf-8")
    return WrittenSheets(pdf, uri, sheets.missing_letters)


def storyboard_pdf(
    board: Board, pictures: Mapping[str, bytes], sheet: SheetFacts, layout: SheetLayout
) -> Sheets:
    """Return the sheets. ``pictures`` holds what ``print_picture`` made, by SHA-256 of the panel.

    Equal boards give equal bytes. A panel that failed, or whose picture is not there, keeps its
    place as a marked blank.
    """
    view, letters = board_view(board, _names(pictures), sheet, layout, find_fonts())
    return _set("board.typ", view, letters, pictures)


def contact_pdf(
    board: Board, pictures: Mapping[str, bytes], sheet: SheetFacts, layout: SheetLayout
) -> Sheets:
    """Return all panels of a board, small, on as few sheets as they need."""
    view, letters = contact_view(board, _names(pictures), sheet, layout, find_fonts())
    return _set("contact.typ", view, letters, pictures)


def revision_pdf(
    board: Board,
    pictures: Mapping[str, bytes],
    sheet: SheetFacts,
    layout: SheetLayout,
    revision: BoardRevision,
) -> Sheets:
    """Return the sheet of a revision: what is new, changed, moved and omitted."""
    view, letters = revision_view(board, _names(pictures), sheet, layout, revision, find_fonts())
    return _set("revision.typ", view, letters, pictures)


def html_board(
    board: Board, pictures: Mapping[str, bytes], sheet: SheetFacts, *, prompts: bool = False
) -> str:
    """Return the page. ``pictures`` holds what ``page_picture`` made, by SHA-256 of the panel."""
    template, css = include_text("templates/board.html.j2"), include_text("templates/board.css")
    return render_board(board, pictures, sheet, template, css, prompts=prompts)


def print_picture(encoded: bytes) -> bytes:
    """JPEG of a panel in the size it is printed in; raises BadInput when it is no picture."""
    return encode_jpeg(fit_within(decode_rgb(encoded), PICTURE_SIDE), quality=88)


def _read_pictures(tools: ToolBox, board: Board) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return the pictures for paper and for the screen, by SHA-256; lost ones are left out."""
    count = len(board.panels)

    def read(placed: BoardPanel) -> tuple[bytes, bytes]:
        encoded = tools.objects.get(S3Uri.parse(placed.panel.uri))
        return print_picture(encoded), page_picture(encoded, count)

    read_pictures = [one for one in call_each(board.drawn, read) if one.value is not None]
    prints = {one.item.panel.sha256: one.value[0] for one in read_pictures if one.value}
    screens = {one.item.panel.sha256: one.value[1] for one in read_pictures if one.value}
    return prints, screens


def _put(tools: ToolBox, name: str, pdf: bytes) -> str:
    return tools.objects.put(tools.run_root / f"storyboard/{name}", pdf, "application/pdf")


def _names(pictures: Mapping[str, bytes]) -> dict[str, str]:
    """Return the names of the picture files in the folder that is typeset, by SHA-256."""
    return {sha256: f"{sha256}.jpg" for sha256 in pictures}


def _set(
    template: str, view: Mapping[str, Any], letters: Letters, pictures: Mapping[str, bytes]
) -> Sheets:
    files = {name: pictures[sha256] for sha256, name in _names(pictures).items()}
    pdf = set_pages(template, view, files, with_system_fonts=letters.system_fonts)
    return Sheets(correct_copied_text(pdf), letters.sentence)
