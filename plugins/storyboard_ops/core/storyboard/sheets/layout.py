"""How a sheet is divided: paper, cells, and picture and texts within a cell. All in points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from storyboard_ops.domain.settings.sheets import (
    AspectName,
    LayoutName,
    Orientation,
    PaperName,
    SheetSection,
)

PAPERS = {"a4": (595.276, 841.89), "letter": (612.0, 792.0)}  # upright
#: Columns and rows of cells.
GRIDS: dict[tuple[str, Orientation], tuple[int, int]] = {
    ("1", "landscape"): (1, 1),
    ("1", "portrait"): (1, 1),
    ("2", "landscape"): (2, 1),
    ("2", "portrait"): (1, 2),
    ("3", "landscape"): (3, 1),
    ("3", "portrait"): (1, 3),
    ("6", "landscape"): (3, 2),
    ("6", "portrait"): (2, 3),
}
#: Rows of the upright Japanese form.
VERTICAL_ROWS = 5
#: Size of the texts: a sheet with fewer panels is read from further away.
TEXT_SIZES = {"1": 12.0, "2": 10.5, "3": 10.0, "6": 8.0, "vertical": 8.0}
SIDE, TOP, FOOT, GUTTER = 34.0, 50.0, 40.0, 12.0
TITLE = 60.0  # on the first sheet
HEAD = 26.0  # of a cell: number, length, scene
INSET = 6.0
HEADINGS = 18.0  # of the columns of the vertical form
#: The texts of a panel have at least this much room below the picture, or next to it.
LEAST_BELOW, LEAST_BESIDE = 86.0, 132.0
_ASPECTS = {"1.33": 4 / 3, "1.78": 16 / 9, "1.85": 1.85, "2.39": 2.39, "9:16": 9 / 16}


class Size(NamedTuple):
    """Width and height."""

    width: float
    height: float


@dataclass(frozen=True)
class SheetLayout:
    """What a run chooses about its sheets."""

    panels: LayoutName = "3"
    paper: PaperName = "a4"
    orientation: Orientation = "landscape"
    aspect: AspectName = "picture"
    safe_areas: bool = False
    prompts: bool = False

    @classmethod
    def of(cls, settings: SheetSection) -> SheetLayout:
        """Return the layout that the parameters of a run choose."""
        return cls(
            settings.sheet_layout,
            settings.sheet_paper,
            settings.sheet_orientation,
            settings.sheet_aspect,
            settings.sheet_safe_areas,
            settings.sheet_prompts,
        )

    @property
    def is_vertical(self) -> bool:
        return self.panels == "vertical"

    @property
    def page(self) -> Size:
        """Size of a sheet; the vertical form is upright."""
        short, long = PAPERS[self.paper]
        is_upright = self.is_vertical or self.orientation == "portrait"
        return Size(short, long) if is_upright else Size(long, short)

    @property
    def grid(self) -> tuple[int, int]:
        """Columns and rows of a sheet."""
        if self.is_vertical:
            return 1, VERTICAL_ROWS
        return GRIDS[self.panels, self.orientation]

    @property
    def per_sheet(self) -> int:
        columns, rows = self.grid
        return columns * rows

    def cell(self, *, is_first: bool) -> Size:
        """Size of a cell; those of the first sheet leave room for the title."""
        columns, rows = self.grid
        width = self.page.width - 2 * SIDE - (columns - 1) * GUTTER
        gutters = HEADINGS if self.is_vertical else (rows - 1) * GUTTER
        height = self.page.height - TOP - FOOT - gutters - TITLE * is_first
        return Size(width / columns, height / rows)

    def frame_aspect(self, width: int, height: int) -> float:
        """Width by height of the frame around a picture of this size, in pixels."""
        return _ASPECTS.get(self.aspect) or width / height


class Placed(NamedTuple):
    """The frame of a picture in its cell, and whether the texts are next to it or below."""

    frame: Size
    beside: bool


def place_frame(cell: Size, aspect: float) -> Placed:
    """Return the larger of the frames that leave room for texts below, or next to them."""
    room = Size(cell.width - 2 * INSET, cell.height - HEAD - 2 * INSET)
    below = fit(aspect, room.width, room.height - max(LEAST_BELOW, 0.2 * room.height))
    beside = fit(aspect, room.width - max(LEAST_BESIDE, 0.28 * room.width), room.height)
    is_beside = beside.width * beside.height > below.width * below.height
    return Placed(beside if is_beside else below, is_beside)


def fit(aspect: float, width: float, height: float) -> Size:
    """Return the largest size of an aspect within width and height."""
    wide = min(width, height * aspect)
    return Size(wide, wide / aspect)
