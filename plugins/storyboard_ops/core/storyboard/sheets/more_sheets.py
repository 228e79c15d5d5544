"""Views of the contact sheet and of the sheet of a revision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from storyboard_ops.core.storyboard.board import Board, BoardPanel
from storyboard_ops.core.storyboard.sheets import layout as measures
from storyboard_ops.core.storyboard.sheets.layout import SheetLayout, fit
from storyboard_ops.core.storyboard.sheets.letters import Letters
from storyboard_ops.core.storyboard.sheets.sheet_view import (
    SheetFacts,
    View,
    board_texts,
    length_of,
    mark_of,
    page_view,
    scene_heading,
    title_view,
)
from storyboard_ops.domain.storyboard.board_revision import BoardRevision
from storyboard_ops.domain.storyboard.sheet_fonts import Fonts

CONTACT_COLUMNS = {"landscape": 6, "portrait": 4}
CONTACT_GUTTER, CAPTION = 8.0, 22.0  # points
#: Height of a row of the revision's sheet, and width of its picture.
REVISION_ROW, REVISION_PICTURE = 64.0, 100.0


def contact_view(
    board: Board, pictures: Mapping[str, str], sheet: SheetFacts, layout: SheetLayout, fonts: Fonts
) -> tuple[View, Letters]:
    """Return the view of all panels, small, with their names and lengths."""
    letters = Letters.of(board_texts(board), fonts)
    flat = replace(layout, panels="3")  # the vertical form says nothing of a contact sheet
    columns = CONTACT_COLUMNS[flat.orientation]
    width = (flat.page.width - 2 * measures.SIDE - (columns - 1) * CONTACT_GUTTER) / columns
    cells = [
        {
            **_picture(placed, pictures, letters),
            "frame": fit(_aspect(placed, flat), width, width)._asdict(),
            "length": length_of(placed),
            "scene": letters.set(scene_heading(scene)) if placed is scene.panels[0] else None,
        }
        for scene in board.scenes
        for placed in scene.panels
    ]
    height = max(cell["frame"]["height"] for cell in cells) + CAPTION
    view = {
        **page_view(flat),
        **title_view(board, sheet, letters),
        "columns": columns,
        "gutter": CONTACT_GUTTER,
        "cell": {"width": width, "height": height},
        "cells": cells,
        "safe_areas": layout.safe_areas,
    }
    return view, letters


def revision_view(
    board: Board,
    pictures: Mapping[str, str],
    sheet: SheetFacts,
    layout: SheetLayout,
    revision: BoardRevision,
    fonts: Fonts,
) -> tuple[View, Letters]:
    """Return the view of what a revision made new, changed, moved and omitted."""
    letters = Letters.of(board_texts(board), fonts)
    flat = replace(layout, panels="3", orientation="portrait")
    groups = [
        ("New", [*_rows(board, pictures, letters, revision, "NEW")]),
        ("Changed", [*_rows(board, pictures, letters, revision, "CHANGED")]),
        ("Moved", [*_rows(board, pictures, letters, revision, "MOVED")]),
        ("Omitted", [*_omitted_rows(letters, revision)]),
    ]
    view = {
        **page_view(flat),
        **title_view(board, sheet, letters),
        "run": letters.set(revision.run_key),
        "groups": [{"label": label, "rows": rows} for label, rows in groups if rows],
        "row_height": REVISION_ROW,
        "picture_width": REVISION_PICTURE,
        "safe_areas": False,
    }
    return view, letters


def _rows(
    board: Board,
    pictures: Mapping[str, str],
    letters: Letters,
    revision: BoardRevision,
    mark: str,
) -> Iterator[View]:
    for scene in board.scenes:
        for placed in scene.panels:
            if mark_of(placed.label, revision) == mark:
                aspect = placed.panel.width / placed.panel.height
                yield {
                    **_picture(placed, pictures, letters),
                    "frame": fit(aspect, REVISION_PICTURE, REVISION_ROW - 10)._asdict(),
                    "scene": letters.set(scene_heading(scene)),
                    "text": letters.set(placed.panel.description),
                    "length": length_of(placed),
                }


def _omitted_rows(letters: Letters, revision: BoardRevision) -> Iterator[View]:
    now = set(revision.omitted_now)
    for panel in sorted(revision.omitted, key=lambda one: (one.panel_id not in now, one.panel_id)):
        yield {
            "name": letters.set(panel.panel_id),
            "frame": None,
            "scene": letters.set(panel.scene),
            "text": letters.set(panel.description),
            "length": "now" if panel.panel_id in now else f"since version {panel.since}",
        }


def _picture(placed: BoardPanel, pictures: Mapping[str, str], letters: Letters) -> View:
    picture = "" if placed.panel.failure else pictures.get(placed.panel.sha256, "")
    reason = placed.panel.failure or "Its picture is not there."
    return {
        "name": letters.set(placed.label),
        "picture": picture,
        "failure": None if picture else letters.set(reason),
    }


def _aspect(placed: BoardPanel, layout: SheetLayout) -> float:
    return layout.frame_aspect(placed.panel.width, placed.panel.height)
