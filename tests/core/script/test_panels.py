"""Scripts: headings open scenes, paragraphs are panels, names say who is in them."""

import pytest

from storyboard_ops.core.script.panels import read_scenes, script_scenes
from storyboard_ops.domain.production_sheet import Character
from tests.material import factories
from tests.material.name_cases import MENTIONS
from tests.material.screenplays import as_fdx, as_fountain, as_print, long_screenplay

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


def listed(record):
    """What is in no panel: line, kind and reason."""
    return [(one.line, one.kind, one.reason) for one in record.omitted]


def test_what_is_no_picture_is_listed_with_its_reason():
    text = "Title: A\n\nINT. A\n\nMira runs.\n\nPIP\nStop!\n\n***\n\nEXT. B\n\nCUT TO:\n"
    scenes, record = read_scenes(text, CAST, "a.txt")
    assert [(scene["scene"], len(scene["panels"])) for scene in scenes] == [("INT. A", 1)]
    assert listed(record) == [
        (1, "title page", "is on the title page"),
        (7, "character", "says who speaks"),
        (8, "dialogue", "is heard, not seen"),
        (10, "action", "has no words"),
        (12, "scene heading", "is a scene without a picture"),
        (14, "transition", "leads to the next picture"),
    ]
    assert record.elements["scene heading"] == 2
    assert (record.scenes, record.panels) == (1, 1)


def test_every_element_is_a_heading_a_panel_or_listed():
    _, record = read_scenes(as_fountain(long_screenplay(193)), CAST, "a.fountain")
    assert sum(record.elements.values()) == 193 + record.panels + len(record.omitted)


@pytest.mark.parametrize("written", [as_fountain, as_fdx, as_print])
def test_a_screenplay_of_193_scenes_is_read_in_every_format(written):
    scenes, record = read_scenes(written(long_screenplay(193)), CAST, "a")
    assert len(scenes) == record.scenes == 193
    assert record.panels == 2 * 193
    assert record.elements["scene heading"] == 193
    assert record.elements["action"] == 2 * 193
    assert record.elements["character"] == (193 - 193 // 4) + 2 * (193 // 5)
    assert record.elements["dialogue"] == record.elements["character"]
    assert record.elements["parenthetical"] == 193 - 193 // 4
    assert record.elements["transition"] == 193 // 6 + (written is as_print)
    described = [panel["description"] for scene in scenes for panel in scene["panels"]]
    assert described[:2] == ["Mira climbs stair 1. The wind rises.", "Pip waits below, on step 1."]
    assert {panel["characters"][0] for scene in scenes for panel in scene["panels"]} == {
        "mira",
        "pip",
    }


@pytest.mark.parametrize("speech", ["MIRA: Who is there?", "MIRA (V.O.): Who?", "MIRA"])
def test_a_speech_in_one_line_is_no_panel(speech):
    scenes, record = read_scenes(f"INT. A\n\nPip waits.\n\n{speech}\n", CAST, "a")
    assert [panel["description"] for panel in scenes[0]["panels"]] == ["Pip waits."]
    assert listed(record) == [(5, "action", "is heard, not seen")]


def test_a_colon_after_other_words_is_a_description():
    (scene,) = script_scenes("INSERT: the lamp.\n\nMira: a girl at the door.\n", CAST)
    assert len(scene["panels"]) == 2


def test_a_length_on_its_own_line_belongs_to_the_panel_before():
    (scene,) = script_scenes("INT. A\n\nMira runs.\n\n(2 s)\n\nMira stops. (1 s)\n", CAST)
    assert [panel["seconds"] for panel in scene["panels"]] == [2, 1]


def test_a_paragraph_too_long_for_a_panel_is_split_between_sentences():
    sentence = "Mira climbs another stair of the lighthouse. "
    (scene,) = script_scenes(f"INT. A\n\n{sentence * 40}(10 s)\n", CAST)
    described = [panel["description"] for panel in scene["panels"]]
    assert " ".join(described) == (sentence * 40).strip()
    assert max(map(len, described)) <= 800
    assert [panel["seconds"] for panel in scene["panels"]] == [3.333, 3.333, 3.333]


def test_a_long_heading_is_shortened_to_what_a_board_shows():
    (scene,) = script_scenes(f"INT. {'A ' * 100}\n\nMira runs.\n", CAST)
    assert len(scene["scene"]) == 120
