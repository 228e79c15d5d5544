"""Scripts: headings open scenes, paragraphs are panels, names say who is in them."""

import pytest

from storyboard_ops.core.script.panels import script_scenes
from storyboard_ops.domain.production_sheet import Character
from tests.material import factories
from tests.material.name_cases import MENTIONS

CAST = factories.production().characters
SCRIPT = """\
Fog over the harbour.

INT. LIGHTHOUSE - NIGHT
Mira lifts the lamp,
and Pip watches. (4.5 s)

Bram's pipe glows.
# The end
EXT. QUAY - DAWN

MIRA waves. (2s)
"""


@pytest.mark.parametrize(("text", "names", "found"), MENTIONS)
def test_a_panel_shows_whom_its_paragraph_names(text, names, found):
    cast = [
        Character(id=f"c{number}", name=name, description="A fox.", references=("a.png",))
        for number, name in enumerate(names)
    ]
    panel = script_scenes(text, cast)[0]["panels"][0]
    assert {names[int(identity[1:])] for identity in panel["characters"]} == found


def test_a_script_becomes_scenes_and_panels():
    assert script_scenes(SCRIPT, CAST) == [
        {
            "scene": "Scene",
            "panels": [{"description": "Fog over the harbour.", "characters": []}],
        },
        {
            "scene": "INT. LIGHTHOUSE - NIGHT",
            "panels": [
                {
                    "description": "Mira lifts the lamp, and Pip watches.",
                    "characters": ["mira", "pip"],
                    "seconds": 4.5,
                },
                {"description": "Bram's pipe glows.", "characters": ["bram"]},
            ],
        },
        {
            "scene": "EXT. QUAY - DAWN",
            "panels": [{"description": "MIRA waves.", "characters": ["mira"], "seconds": 2.0}],
        },
    ]


def test_a_script_of_headings_only_has_no_scene():
    assert script_scenes("# One\n\n# Two\n", CAST) == []


def test_a_sentence_about_the_interior_is_no_heading():
    (scene,) = script_scenes("Interior of a boat.", CAST)
    assert [panel["description"] for panel in scene["panels"]] == ["Interior of a boat."]
