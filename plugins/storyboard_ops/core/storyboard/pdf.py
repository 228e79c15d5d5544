"""``storyboard.pdf``: the board as sheets to print, three panels in a row, scene by scene.

Equal boards give equal bytes: no time of writing is stored, the fonts are always the same.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, LETTER, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    KeepInFrame,
    KeepTogether,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

from storyboard_ops.core.pictures.codec import decode_rgb, encode_jpeg, fit_within
from storyboard_ops.core.storyboard.board import Board, BoardPanel, BoardScene
from storyboard_ops.core.storyboard.fonts import BOLD, REGULAR, markup, register_fonts
from storyboard_ops.core.text.visible import visible
from storyboard_ops.core.text.wording import pluralize, running_time

PaperName = Literal["a4", "letter"]
PAPERS = {"a4": landscape(A4), "letter": landscape(LETTER)}  # points
SIDE, EDGE, FOOT, GUTTER = 48.0, 28.0, 20.0, 22.0  # points
COLUMNS = 3
MOST_PICTURE_HEIGHT = 210.0  # points: upright panels leave room for their text
MOST_HEADING = 72.0  # points: a scene's heading in three lines, and what parts it from a row
#: Letters of a reason in the place of a panel, and of the foot; the report tells all of both.
MOST_REASON, MOST_FOOT = 300, 1200
PICTURE_SIDE = 1000  # pixels: 290 dpi in a column
INK, MUTED, LINE, ACCENT, BLANK = map(
    HexColor, ("#211f1c", "#6a645b", "#d9d2c5", "#1f7a74", "#f5f2ec")
)


@dataclass(frozen=True)
class SheetFacts:
    """What the title and the foot of the sheets say."""

    production: str
    date: str
    model: str
    attribution: str
    names: Mapping[str, str]  # display name by character id
    style: str = ""
    likeness: str = ""  # of the panels to the characters, or why there is no figure
    caution: str = ""  # e.g. that a stand-in drew the panels


def storyboard_pdf(
    board: Board, pictures: Mapping[str, bytes], sheet: SheetFacts, paper: PaperName = "a4"
) -> bytes:
    """Return the PDF. ``pictures`` holds what ``print_picture`` made, by SHA-256 of the panel.

    A panel that failed, or whose picture is not there, keeps its place as a marked blank.
    """
    register_fonts()
    width, height = PAPERS[paper]
    buffer = io.BytesIO()
    document = BaseDocTemplate(
        buffer, pagesize=(width, height), invariant=1, lang="en",
        title=visible(f"{sheet.production}: storyboard"), author=visible(sheet.attribution),
        subject=visible(sheet.model),
    )  # fmt: skip
    foot = _Foot(sheet, width)
    body = Frame(
        SIDE, EDGE + foot.height, width - 2 * SIDE, height - 2 * EDGE - foot.height,
        leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0,
    )  # fmt: skip
    document.addPageTemplates(PageTemplate(frames=[body]))
    column = (width - 2 * SIDE - (COLUMNS - 1) * GUTTER) / COLUMNS
    most = height - 2 * EDGE - foot.height - MOST_HEADING
    story = [*_title(board, sheet, width - 2 * SIDE)]
    for scene in board.scenes:
        panels = [_panel(placed, pictures.get(placed.panel.sha256), sheet, column)
                  for placed in scene.panels]  # fmt: skip
        cells = [KeepInFrame(column, most, panel) for panel in panels]  # shrinks what is too high
        story += _scene(scene, cells, column)
    document.build(story, canvasmaker=lambda *a, **k: _SheetCanvas(foot, *a, **k))
    return buffer.getvalue()


def print_picture(encoded: bytes) -> bytes:
    """JPEG of a panel in the size it is printed in; raises BadInput when it is no picture."""
    return encode_jpeg(fit_within(decode_rgb(encoded), PICTURE_SIDE), quality=88)


def _style(size: float, leading: float, colour: HexColor = INK, **more: Any) -> ParagraphStyle:
    values = {"fontName": REGULAR, "fontSize": size, "leading": leading, "textColor": colour}
    return ParagraphStyle("panel", **(values | {"splitLongWords": 1} | more))


TITLE = _style(24, 29, fontName=BOLD)
SUMMARY = _style(7.5, 10.5, MUTED, alignment=2)
CAUTION = _style(7.5, 10.5, HexColor("#8c2417"), alignment=2)
SCENE = _style(12, 16, fontName=BOLD)
LABEL = _style(8.5, 11, fontName=BOLD)
SECONDS = _style(8.5, 11, MUTED, alignment=2)
DESCRIPTION = _style(8, 11)
CAST = _style(7, 9.5, ACCENT)
PROMPT = _style(6, 8, MUTED)
BLANK_TEXT = _style(7.5, 10.5, MUTED, alignment=1)


def _title(board: Board, sheet: SheetFacts, width: float) -> Iterator[Flowable]:
    """Name of the production, and what sums the board up, side by side."""
    missing = len(board.panels) - len(board.drawn)
    drawn = f" ({missing} not drawn)" if missing else ""
    count = (
        f"{pluralize(len(board.panels), 'panel')}{drawn} in {pluralize(len(board.scenes), 'scene')}"
    )
    facts = (
        f"{count}  ·  {running_time(board.seconds)} min",
        sheet.model,
        sheet.style,
        sheet.likeness,
    )
    summary = [Paragraph(markup(fact), SUMMARY) for fact in facts if fact]
    if sheet.caution:
        summary.append(Paragraph(markup(sheet.caution), CAUTION))
    title = Paragraph(markup(sheet.production, BOLD), TITLE)
    yield _grid([title, [], summary], [width * 0.55 - GUTTER, GUTTER, width * 0.45])
    yield Spacer(0, 2)


def _grid(cells: list[Any], widths: list[float], below: float = 0) -> Table:
    """One row of cells without padding, aligned at the top, with some points left below."""
    style = {
        "LEFTPADDING": 0,
        "RIGHTPADDING": 0,
        "TOPPADDING": 0,
        "BOTTOMPADDING": below,
        "VALIGN": "TOP",
        "FONTNAME": REGULAR,  # a table names Helvetica even when it is empty
    }
    everywhere = [(command, (0, 0), (-1, -1), value) for command, value in style.items()]
    return Table([cells], colWidths=widths, style=everywhere, hAlign="LEFT")


def _scene(scene: BoardScene, cells: list[Flowable], column: float) -> list[Flowable]:
    """A heading that stays with the first row, and the rows of panels."""
    rows = [_row(cells[n : n + COLUMNS], column) for n in range(0, len(cells), COLUMNS)]
    start = [_SceneHeading(scene), Spacer(0, 7), rows[0]]
    return [Spacer(0, 8), KeepTogether(start), *rows[1:]]


def _row(cells: list[Flowable], column: float) -> Table:
    """Cells side by side; a short row is filled with nothing."""
    spaced: list[Any] = [[] for _ in range(2 * COLUMNS - 1)]
    spaced[: 2 * len(cells) : 2] = cells
    widths = [column, *([GUTTER, column] * (COLUMNS - 1))]
    return _grid(spaced, widths, below=12)


def _panel(
    placed: BoardPanel, encoded: bytes | None, sheet: SheetFacts, column: float
) -> list[Flowable]:
    """Picture, number and length, description, cast, prompt, notes."""
    panel = placed.panel
    height = min(column * panel.height / panel.width, MOST_PICTURE_HEIGHT)
    failure = panel.failure or ("" if encoded else "Its picture is not there.")
    picture = (
        _Blank(failure, column, height) if failure or not encoded
        else _Picture(encoded, column, height)
    )  # fmt: skip
    names = ", ".join(sheet.names.get(character, character) for character in panel.characters)
    length = Paragraph(f"{panel.seconds:.1f} s", SECONDS)
    line = _grid([Paragraph(markup(placed.label, BOLD), LABEL), length], [column / 2] * 2)
    texts = [(panel.description, DESCRIPTION), (names, CAST), (panel.prompt, PROMPT)]
    texts += [(note, PROMPT) for note in panel.notes]
    written = [Paragraph(markup(text), style) for text, style in texts if text]
    return [picture, Spacer(0, 3), line, Spacer(0, 2), *_spaced(written)]


def _spaced(paragraphs: list[Paragraph]) -> Iterator[Flowable]:
    for paragraph in paragraphs:
        yield paragraph
        yield Spacer(0, 2)


class _JpegReader(ImageReader):
    """A JPEG that goes into the PDF as it is.

    reportlab asks for the pixels only to tell pictures apart. The bytes do that as well; decoded
    pixels would be kept for every panel, 340 MB for 200 of them.
    """

    def __init__(self, jpeg: bytes) -> None:
        super().__init__(io.BytesIO(jpeg))
        self._jpeg = jpeg
        self._dataA = None  # no transparency

    def getRGBData(self) -> bytes:  # noqa: N802 (reportlab's name)
        return self._jpeg


class _Picture(Flowable):
    """A panel's picture, whole, centred in its field."""

    def __init__(self, encoded: bytes, width: float, height: float) -> None:
        super().__init__()
        self.width, self.height = width, height
        self.encoded = encoded

    def draw(self) -> None:
        reader = _JpegReader(self.encoded)
        pixels_wide, pixels_high = reader.getSize()
        scale = min(self.width / pixels_wide, self.height / pixels_high)
        wide, high = pixels_wide * scale, pixels_high * scale
        left, bottom = (self.width - wide) / 2, (self.height - high) / 2
        self.canv.drawImage(reader, left, bottom, wide, high)
        self.canv.setStrokeColor(LINE)
        self.canv.setLineWidth(0.5)
        self.canv.rect(left, bottom, wide, high)


class _Blank(Flowable):
    """The place of a panel that has no picture, with the reason."""

    def __init__(self, reason: str, width: float, height: float) -> None:
        super().__init__()
        self.text = Paragraph(f"Not drawn<br/>{markup(_cut(reason, MOST_REASON))}", BLANK_TEXT)
        _, self.high = self.text.wrap(width - 36, height)
        self.width, self.height = width, max(height, self.high + 24)

    def draw(self) -> None:
        self.canv.setFillColor(BLANK)
        self.canv.setStrokeColor(LINE)
        self.canv.setDash(4, 3)
        self.canv.rect(0, 0, self.width, self.height, fill=1)
        self.canv.setDash()
        self.text.drawOn(self.canv, 18, (self.height - self.high) / 2)


class _SceneHeading(Flowable):
    """Number, heading and length of a scene over a hairline, with a bookmark."""

    def __init__(self, scene: BoardScene) -> None:
        super().__init__()
        self.scene = scene
        self.text = Paragraph(markup(f"{scene.number}.  {scene.heading}", BOLD), SCENE)
        self.length = Paragraph(f"{running_time(scene.seconds)}", SECONDS)

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.width = width
        self.high = self.text.wrap(width - 60, height)[1]
        self.length.wrap(60, height)
        return width, self.high + 5

    def draw(self) -> None:
        key = f"scene-{self.scene.number}"
        self.canv.bookmarkPage(key)
        self.canv.addOutlineEntry(visible(f"{self.scene.number}. {self.scene.heading}"), key)
        self.text.drawOn(self.canv, 0, 5)
        self.length.drawOn(self.canv, self.width - 60, 6)
        self.canv.setStrokeColor(LINE)
        self.canv.setLineWidth(0.6)
        self.canv.line(0, 0, self.width, 0)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


class _Foot:
    """What stands below every sheet, as high as its text needs."""

    def __init__(self, sheet: SheetFacts, width: float) -> None:
        facts = (sheet.production, sheet.date, sheet.attribution)
        self.text = Paragraph(markup(_cut("  ·  ".join(filter(None, facts)), MOST_FOOT)), PROMPT)
        self.right = width - SIDE
        _, self.high = self.text.wrap(width - 2 * SIDE - 80, FOOT)
        self.height = max(FOOT, self.high + 12)  # points

    def draw(self, canvas: Canvas, number: int, total: int) -> None:
        self.text.drawOn(canvas, SIDE, EDGE)
        canvas.setFont(REGULAR, 6.5)
        canvas.setFillColor(MUTED)
        canvas.drawRightString(self.right, EDGE + self.high - 7, f"page {number} of {total}")


class _SheetCanvas(Canvas):
    """Holds finished pages back until their number is known, then draws each foot."""

    def __init__(self, foot: _Foot, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options | {"initialFontName": REGULAR})
        self._foot = foot
        self._held: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 (reportlab's name)
        self._held.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        held = self._held
        for number, page in enumerate(held, start=1):
            self.__dict__.update(page)
            self._foot.draw(self, number, len(held))
            super().showPage()
        super().save()
