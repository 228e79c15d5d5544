"""A storyboard of twelve scenes with three characters and a prop, as a studio would hand it in."""

from __future__ import annotations

from functools import cache

import numpy as np

from storyboard_ops.core.pictures.codec import encode_jpeg
from storyboard_ops.core.storyboard.board import Board, arrange_board
from storyboard_ops.core.storyboard.sheets.sheet_view import SheetFacts
from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.storyboard.board_revision import BoardRevision, OmittedPanel
from storyboard_ops.domain.storyboard.panel_card import SpokenLine
from tests.material.factories import failed_panel, panel

SCENES = (
    "INT. LIGHTHOUSE STAIRS - NIGHT",
    "EXT. CLIFF PATH - DAWN",
    "INT. KEEPER'S KITCHEN - MORNING",
    "EXT. HARBOUR - DAY",
    "INT. BOAT HOUSE - DAY",
    "EXT. OPEN SEA - DUSK",
    "INT. LANTERN ROOM - NIGHT",
    "EXT. BEACH - NIGHT",
    "INT. CAVE - NIGHT",
    "EXT. REEF - DAWN",
    "INT. LIGHTHOUSE STAIRS - DAY",
    "EXT. GALLERY - SUNSET",
)
PANELS_OF_SCENE = (3, 5, 2, 4, 6, 3, 5, 2, 4, 3, 1, 4)
#: Description, cast, dialogue and camera of the panels, in turn.
SHOTS = (
    (
        "Mira climbs the spiral stairs, one hand on the cold wall.",
        ("mira", "lantern"),
        (),
        {"size": "medium shot", "angle": "low angle", "lens": "35 mm", "move": "tracks up"},
    ),
    (
        "Pip peers round the corner and waves.",
        ("pip",),
        (SpokenLine(speaker="PIP", character="pip", text="Is it still burning?"),),
        {"size": "close-up"},
    ),
    ("Close on the lantern.", ("lantern",), (), {"size": "insert", "move": "push in"}),
    (
        "Wide on the bay. The fleet is a scatter of lights beneath a rising storm; the beam sweeps "
        "across and catches the old keeper at the rail, his coat torn by the wind.",
        ("mira", "pip", "tobias"),
        (
            SpokenLine(
                speaker="OLD TOBIAS",
                character="tobias",
                text="A light is only as good as the one who keeps it.",
                off="V.O.",
            ),
            SpokenLine(speaker="MIRA", character="mira", text="Then we keep it."),
        ),
        {"size": "extreme wide", "angle": "from above", "lens": "24 mm"},
    ),
)
NAMES = {"mira": "Mira Łęcka", "pip": "Pip", "tobias": "Old Tobias", "lantern": "the brass lantern"}
FACTS = SheetFacts(
    production="The Lantern Keepers",
    date="29 November 2026",
    model="amazon.nova-canvas-v1:0, customized",
    attribution="Drawn for this project (CC BY 4.0)",
    names=NAMES,
    style="soft painted animation",
    caution="Drawn by the stand-in model of a local endpoint.",
)
REVISION = BoardRevision(
    board="main",
    version=3,
    date="2026-11-29",
    colour="blue",
    run_key="r",
    scenes=(),
    omitted=(
        OmittedPanel(panel_id="2-020-030", scene=SCENES[1], description="A rope falls.", since=3),
        OmittedPanel(panel_id="9-010-005", scene=SCENES[8], description="Bats.", since=2),
    ),
    new=("1-010-020",),
    changed=("2-010-010",),
    moved=("5-030-010",),
    omitted_now=("2-020-030",),
)


@cache
def lantern_board(width: int = 1280, height: int = 720) -> Board:
    """Return 42 panels in twelve scenes, of which one could not be drawn."""
    return arrange_board(_panels(width, height))


def _panels(width: int, height: int) -> list[Panel]:
    panels: list[Panel] = []
    for scene, (heading, count) in enumerate(zip(SCENES, PANELS_OF_SCENE, strict=True), start=1):
        for within in range(count):
            number = len(panels) + 1
            description, cast, dialogue, camera = SHOTS[number % len(SHOTS)]
            panels.append(
                panel(
                    number,
                    heading,
                    scene_number=str(scene),
                    shot=f"{within // 2 + 1:02d}0",
                    panel=f"{within % 2 + 1:02d}0",
                    description=description,
                    characters=cast,
                    dialogue=dialogue,
                    seconds=(2.5, 3.0, 1.2, 4.8)[number % 4],
                    sound="Wind." if number % 3 else "",
                    time="night",
                    width=width,
                    height=height,
                    **camera,
                )
            )
    refused = failed_panel(8, SCENES[1])
    panels[7] = panels[7].model_copy(update={"uri": "", "sha256": "", "failure": refused.failure})
    return panels


@cache
def flat_picture(red: int, green: int, blue: int, width: int = 128, height: int = 72) -> bytes:
    """Return a JPEG of one colour."""
    return encode_jpeg(np.full((height, width, 3), (red, green, blue), np.uint8), quality=90)


def pictures_of(board: Board, colour: tuple[int, int, int] = (200, 120, 40)) -> dict[str, bytes]:
    """Return a picture of one colour for each drawn panel, by SHA-256."""
    return {
        one.panel.sha256: flat_picture(
            *colour, width=one.panel.width // 10, height=one.panel.height // 10
        )
        for one in board.drawn
    }
