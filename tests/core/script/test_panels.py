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
    in_lamp_room = {"place": "INT. LIGHTHOUSE", "time": "NIGHT"}
    assert script_scenes(SCRIPT, CAST) == [
        {
            "scene": "Scene",
            "panels": [
                {"description": "Fog over the harbour.", "characters": [], "lines": (1,)},
            ],
        },
        {
            "scene": "INT. LIGHTHOUSE - NIGHT",
            "lines": (3,),
            "panels": [
                {
                    "description": "Mira lifts the lamp, and Pip watches.",
                    "characters": ["mira", "pip"],
                    "lines": (4, 5),
                    "seconds": 4.5,
                    **in_lamp_room,
                },
                {
                    "description": "Bram's pipe glows.",
                    "characters": ["bram"],
                    "lines": (7,),
                    **in_lamp_room,
                },
            ],
        },
        {
            "scene": "EXT. QUAY - DAWN",
            "lines": (9,),
            "panels": [
                {
                    "description": "MIRA waves.",
                    "characters": ["mira"],
                    "lines": (11,),
                    "place": "EXT. QUAY",
                    "time": "DAWN",
                    "seconds": 2.0,
                },
            ],
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
    text = "Title: A\n\nINT. A\n\nMira runs.\n\n***\n\nEXT. B\n\nPIP\nStop!\n\nCUT TO:\n"
    scenes, record = read_scenes(text, CAST, "a.txt")
    assert [(scene["scene"], len(scene["panels"])) for scene in scenes] == [("INT. A", 1)]
    assert listed(record) == [
        (1, "title page", "is on the title page"),
        (7, "action", "has no words"),
        (9, "scene heading", "is a scene without a picture"),
        (11, "character", "says who speaks"),
        (12, "dialogue", "is heard, not seen"),
        (14, "transition", "leads to the next picture"),
    ]
    assert record.elements["scene heading"] == 2
    assert (record.scenes, record.panels) == (1, 1)


def test_speech_sounds_and_transitions_belong_to_the_panel_before_them():
    text = """\
INT. A - DAY #12A#

Mira runs.

BRAM (O.S.) (CONT'D)
(calls)
Stop!
(beat)
Now!

PIP ^
Why?

SFX: a door.

CUT TO:
"""
    (scene,) = script_scenes(text, CAST)
    (panel,) = scene["panels"]
    assert scene["number"] == "12A"
    assert panel["characters"] == ["mira"]
    assert panel["dialogue"] == [
        {
            "speaker": "BRAM",
            "character": "bram",
            "text": "Stop!",
            "parenthetical": "calls",
            "off": "O.S.",
        },
        {
            "speaker": "BRAM",
            "character": "bram",
            "text": "Now!",
            "parenthetical": "beat",
            "off": "O.S.",
        },
        {"speaker": "PIP", "character": "pip", "text": "Why?", "dual": True},
    ]
    assert (panel["sound"], panel["transition"]) == ("a door.", "CUT TO:")
    assert panel["lines"] == (3, 5, 6, 7, 8, 9, 11, 12, 14, 16)


def test_speech_before_the_first_action_belongs_to_that():
    text = "INT. A\n\nPIP (V.O.)\nIt was night.\n\nMira runs.\n\nEXT. B\n\nBram waits.\n"
    first, second = script_scenes(text, CAST)
    assert first["panels"][0]["dialogue"] == [
        {"speaker": "PIP", "character": "pip", "text": "It was night.", "off": "V.O."}
    ]
    assert first["panels"][0]["characters"] == ["mira"]
    assert "dialogue" not in second["panels"][0]


def test_who_is_heard_off_screen_is_not_in_the_picture_that_names_them():
    text = "INT. A\n\nPip hears Bram.\n\nBRAM (O.S.)\nPip!\n\nBram enters.\n"
    (scene,) = script_scenes(text, CAST)
    assert [panel["characters"] for panel in scene["panels"]] == [["pip"], ["bram"]]


def test_equal_headings_stay_two_scenes():
    scenes = script_scenes("INT. A\n\nMira runs.\n\nINT. A\n\nMira stops.\n", CAST)
    assert [scene["scene"] for scene in scenes] == ["INT. A", "INT. A"]


def test_every_action_is_a_panel_and_every_speech_in_one():
    scenes, record = read_scenes(as_fountain(long_screenplay(193)), CAST, "a.fountain")
    panels = [panel for scene in scenes for panel in scene["panels"]]
    assert record.panels == record.elements["action"]
    spoken = [line for panel in panels for line in panel.get("dialogue", ())]
    assert len(spoken) == record.elements["dialogue"]
    assert sum(line.get("dual", False) for line in spoken) == 193 // 5
    assert sum("transition" in panel for panel in panels) == record.elements["transition"]
    assert [scene["number"] for scene in scenes if "number" in scene][:2] == ["7A", "14A"]


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


@pytest.mark.parametrize(
    ("speech", "said"),
    [
        ("MIRA: Who is there?", [("MIRA", "", "Who is there?")]),
        ("MIRA (V.O.): Who?", [("MIRA", "V.O.", "Who?")]),
        ("MIRA", []),
    ],
)
def test_a_speech_in_one_line_is_no_panel(speech, said):
    scenes, record = read_scenes(f"INT. A\n\nPip waits.\n\n{speech}\n", CAST, "a")
    (panel,) = scenes[0]["panels"]
    assert (panel["description"], panel["lines"]) == ("Pip waits.", (3, 5))
    spoken = panel.get("dialogue", [])
    assert [(line["speaker"], line.get("off", ""), line["text"]) for line in spoken] == said
    assert not record.omitted


def test_a_colon_after_other_words_is_a_description():
    (scene,) = script_scenes("INSERT: the lamp.\n\nMira: a girl at the door.\n", CAST)
    assert len(scene["panels"]) == 2


def test_a_length_on_its_own_line_belongs_to_the_panel_before():
    (scene,) = script_scenes("INT. A\n\nMira runs.\n\n(2 s)\n\nMira stops. (1 s)\n", CAST)
    assert [panel["seconds"] for panel in scene["panels"]] == [2, 1]


def test_lengths_in_frames_are_kept_and_counted_at_the_frame_rate():
    text = "Mira runs. (48 frames)\n\nMira stops. (00:00:04:12)\n\nPip waits. (1 min 10 s)\n"
    scenes, _ = read_scenes(text, CAST, "a", frame_rate=25)
    lengths = [(panel["seconds"], panel.get("frames")) for panel in scenes[0]["panels"]]
    assert lengths == [(1.92, 48), (4.48, 112), (70, None)]


def test_a_paragraph_too_long_for_a_panel_is_split_between_sentences():
    sentence = "Mira climbs another stair of the lighthouse. "
    (scene,) = script_scenes(f"INT. A\n\n{sentence * 40}(10 s)\n", CAST)
    described = [panel["description"] for panel in scene["panels"]]
    assert " ".join(described) == (sentence * 40).strip()
    assert max(map(len, described)) <= 800
    assert [panel["seconds"] for panel in scene["panels"]] == [3.333, 3.333, 3.333]


def test_a_sentence_too_long_for_a_panel_is_split_between_clauses_or_words():
    (scene,) = script_scenes("Mira climbs, " * 100, CAST)
    described = [panel["description"] for panel in scene["panels"]]
    assert " ".join(described) == ("Mira climbs, " * 100).strip()
    assert max(map(len, described)) <= 800
    assert [panel["lines"] for panel in scene["panels"]] == [(1,), (1,)]


def test_a_long_heading_is_shortened_to_what_a_board_shows():
    (scene,) = script_scenes(f"INT. {'A ' * 100}\n\nMira runs.\n", CAST)
    assert len(scene["scene"]) == 120
