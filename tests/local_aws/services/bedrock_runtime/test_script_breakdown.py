"""The endpoint's panels of a script: a plain rule, in the form that a model answers in."""

import json

from local_aws.services.bedrock_runtime.script_breakdown import break_down

CAST = json.dumps({"cast": [{"id": "mira", "name": "Mira"}, {"id": "will", "name": "Will"}]})
SCENES = """\
SCENE 1: INT. A - DAY
2 transition: FADE IN:
3 character: WILL (V.O.)
4 dialogue: I was ten years old then.
6 action: Mira runs. The lamp will burn.
8 character: WILL
9 dialogue: Stop!
11 action: SFX: thunder

SCENE: EXT. B
15 character: MIRA
16 dialogue: Nobody is here."""


def test_every_action_is_a_panel_with_the_speech_around_it():
    answer = break_down([CAST, SCENES, "Answer by calling write_panels once."])
    (panel,) = answer["panels"]
    assert panel["lines"] == [3, 4, 6, 8, 9, 11]
    assert panel["cast"] == ["mira", "will"]  # Will speaks in the picture; "will" names nobody
    assert (panel["shot"], panel["size"], panel["seconds"]) == (1, "wide", 4.4)
    assert [one["lines"] for one in answer["omitted"]] == [[2, 15, 16]]


def test_only_the_lines_that_are_asked_for_are_answered():
    only = "The other lines are in panels already. Write panels for these lines only: 6, 9"
    answer = break_down([CAST, SCENES, only])
    assert [panel["lines"] for panel in answer["panels"]] == [[6, 9]]
    assert answer["omitted"] == []


def test_a_request_without_scenes_has_no_panel():
    assert break_down(["Hello."]) == {"panels": [], "omitted": []}
