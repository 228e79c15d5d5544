"""A board for editing: twelve scenes, three characters, a prop, speeches in several scripts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from storyboard_ops.core.storyboard.board import Board, arrange_board
from storyboard_ops.core.storyboard.editorial.cut import Cut, cut_board
from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.storyboard.frame_rate import FRAME_RATES, RateName
from storyboard_ops.domain.storyboard.panel_card import SpokenLine
from tests.material.factories import panel

TITLE = 'Keepers & "Lanterns" <灯台>'
HEADINGS = (
    "EXT. QUAY - DUSK",
    "INT. LIGHTHOUSE - NIGHT",
    'EXT. "THE GULL" & PIER - DAY',
    "INT. 灯台 - 夜",
    "EXT. SEA - DAWN",
    "INT. KITCHEN - DAY",
    "EXT. CLIFF <EDGE> - DAY",
    "INT. STAIRS - NIGHT",
    "EXT. QUAY - NIGHT",
    "INT. BOAT - DAY",
    "EXT. ÎLE D'ORÉE - DAY",
    "INT. LIGHTHOUSE - DAWN",
)
SPEECHES = {
    (1, 1): SpokenLine(speaker="MIRA", character="mira", text='He said: "Now & never" <always>.'),
    (2, 2): SpokenLine(speaker="BRAM", character="bram", text="Line one.\nLine two.", off="V.O."),
    (4, 1): SpokenLine(speaker="ミラ", character="mira", text="灯りを「消さないで」。\n急いで!"),
    (5, 1): SpokenLine(speaker="PIP", character="pip", text="Hoo 🦉🌊!", parenthetical="softly"),
    (9, 2): SpokenLine(speaker="VOICE", text="001  BL V C 00:00:00:00", off="O.S."),
}
#: Seconds of the panels of every scene: none is whole at 23.976, the second at no rate.
SECONDS = (2.5, 1.37, 4.0)


def editorial_panels(**changes: Any) -> list[Panel]:
    """Return 36 numbered panels; 03-010-020 could not be drawn."""
    panels = []
    for scene, heading in enumerate(HEADINGS, start=1):
        for place, seconds in enumerate(SECONDS, start=1):
            number = len(panels) + 1
            named = f"{scene:02d}-010-{place * 10:03d}"
            speech = SPEECHES.get((scene, place))
            values: dict[str, Any] = {
                "scene_number": f"{scene:02d}",
                "shot": "010",
                "panel": f"{place * 10:03d}",
                "description": f"Panel {number}: Mira & Bram hold the 'lantern' <high>.",
                "characters": ("mira", "bram", "pip", "lantern")[: place + 1],
                "seconds": seconds,
                "dialogue": (speech,) if speech else (),
                "uri": f"s3://studio/runs/r/storyboard/panels/{named}.png",
            }
            if named == "03-010-020":
                values |= {"uri": "", "sha256": "", "failure": "The model refused the prompt."}
            panels.append(panel(number, heading, **(values | changes)))
    return panels


def editorial_board(rate: RateName = "24") -> Board:
    return arrange_board(editorial_panels(), FRAME_RATES[rate])


def editorial_cut(rate: RateName = "24", panels: Iterable[Panel] | None = None) -> Cut:
    board = editorial_board(rate) if panels is None else arrange_board(panels, FRAME_RATES[rate])
    return cut_board(board, TITLE, "01:00:00:00")
