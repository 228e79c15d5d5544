"""Requests about a script: of limited length, and every line in one of them."""

import pytest

from storyboard_ops.core.script.breakdown.request import (
    MOST_CHARACTERS,
    MOST_ELEMENTS,
    breakdown_parts,
    breakdown_tool,
    make_chunks,
)
from storyboard_ops.core.script.scene_text import read_script_text
from tests.material import factories
from tests.material.screenplays import CORPUS, as_fountain, long_screenplay

PRODUCTION = factories.production()


@pytest.mark.parametrize(
    "text",
    [
        as_fountain(long_screenplay(193)),
        CORPUS["talk"],
        "INT. A\n\n" + "Mira climbs on and on. " * 1_000 + "\n\nMira stops.\n",
        "INT. A\n\n" + "Mira runs.\n\n" * 300,
    ],
    ids=["long", "talk", "one paragraph", "one scene"],
)
def test_every_line_is_in_one_request_of_limited_length(text):
    scenes = read_script_text(text, "a").scenes
    chunks = make_chunks(scenes)
    asked = [element for chunk in chunks for part in chunk.parts for element in part.elements]
    assert asked == [element for scene in scenes for element in scene.elements]
    for chunk in chunks:
        elements = [element for part in chunk.parts for element in part.elements]
        characters = sum(len(element.text) for element in elements)
        assert len(elements) == 1 or characters <= MOST_CHARACTERS
        assert len(elements) <= MOST_ELEMENTS


def test_a_long_scene_is_divided_before_an_action():
    text = "INT. A\n\n" + "Mira runs.\n\nMIRA\nI run.\n\n" * 50
    firsts = [
        chunk.parts[0].elements[0] for chunk in make_chunks(read_script_text(text, "a").scenes)
    ]
    assert {element.kind for element in firsts} == {"action"}


def test_a_request_has_numbered_lines_the_cast_and_the_way_to_answer():
    text = "INT. A - DAY #7#\n\nMira runs.\n\nBRAM (O.S.)\nStop!\n"
    (chunk,) = make_chunks(read_script_text(text, "a").scenes)
    tool = breakdown_tool(list(PRODUCTION.names))
    cast, scenes, last = breakdown_parts(PRODUCTION, chunk, tool)
    assert '"id":"mira"' in cast
    assert scenes.split("\n") == [
        "SCENE 7: INT. A - DAY",
        "3 action: Mira runs.",
        "5 character: BRAM (O.S.)",
        "6 dialogue: Stop!",
    ]
    assert last == "Answer by calling write_panels once."


def test_a_second_request_differs():
    (chunk,) = make_chunks(read_script_text("INT. A\n\nMira runs.\n", "a").scenes)
    tool = breakdown_tool(list(PRODUCTION.names))
    first = breakdown_parts(PRODUCTION, chunk, tool)
    assert breakdown_parts(PRODUCTION, chunk, tool, missing=[3])[-2].endswith("only: 3")
    again = breakdown_parts(PRODUCTION, chunk, None, fault="it is cut off")
    assert again[:2] == first[:2]
    assert again[-1].startswith("Your last answer cannot be used: it is cut off")
    assert '"panels"' in again[-1]
