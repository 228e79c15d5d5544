"""Sheets are divided so that every picture keeps its aspect and every text has room."""

from itertools import product

import pytest

from storyboard_ops.core.storyboard.sheets.layout import (
    GRIDS,
    HEAD,
    INSET,
    LEAST_BELOW,
    LEAST_BESIDE,
    SheetLayout,
    place_frame,
)

ASPECTS = (4 / 3, 16 / 9, 1.85, 2.39, 9 / 16, 1.0)


@pytest.mark.parametrize(("panels", "orientation"), GRIDS)
@pytest.mark.parametrize("is_first", [True, False])
def test_a_frame_leaves_room_for_the_texts(panels, orientation, is_first):
    for aspect, paper in product(ASPECTS, ("a4", "letter")):
        cell = SheetLayout(panels, paper, orientation).cell(is_first=is_first)
        frame, is_beside = place_frame(cell, aspect)
        assert frame.width / frame.height == pytest.approx(aspect)
        left = cell.width - 2 * INSET - frame.width
        below = cell.height - HEAD - 2 * INSET - frame.height
        assert (left >= LEAST_BESIDE - 1e-6) if is_beside else (below >= LEAST_BELOW - 1e-6)


@pytest.mark.parametrize(("panels", "orientation"), GRIDS)
def test_a_grid_has_as_many_cells_as_its_name_says(panels, orientation):
    assert SheetLayout(panels, orientation=orientation).per_sheet == int(panels)


def test_the_vertical_form_is_upright_with_five_panels():
    layout = SheetLayout("vertical", orientation="landscape")
    assert layout.page.height > layout.page.width
    assert layout.per_sheet == 5


@pytest.mark.parametrize(
    ("aspect", "expected"),
    [("picture", 1.5), ("1.33", 4 / 3), ("1.78", 16 / 9), ("2.39", 2.39), ("9:16", 0.5625)],
)
def test_a_frame_has_the_chosen_aspect(aspect, expected):
    assert SheetLayout(aspect=aspect).frame_aspect(1200, 800) == pytest.approx(expected)
