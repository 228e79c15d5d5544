"""Panels of answers of any kind: every line once, nobody in the picture who is only heard."""

from __future__ import annotations

import json
import random
from functools import partial

import pytest

from storyboard_ops.core.script.breakdown.answer import ParsedBreakdown, parse_breakdown
from storyboard_ops.core.script.breakdown.checked import (
    BY_RULES,
    check_scenes,
    missing_elements,
)
from storyboard_ops.core.script.breakdown.drafts import (
    checked_drafts,
    outside_scenes,
    plain_drafts,
)
from storyboard_ops.core.script.breakdown.request import Chunk, make_chunks
from storyboard_ops.core.script.scene_text import ScriptText, read_script_text
from storyboard_ops.domain.error_tree import AnswerUnusable
from storyboard_ops.domain.production_sheet import Character
from storyboard_ops.domain.storyboard.breakdown import SceneDraft
from tests.material import factories
from tests.material.screenplays import CORPUS, as_fdx, as_fountain, as_print, long_screenplay

WILL = Character(id="will", name="Will", description="A boy.", references=("w.png",))
CAST = (*factories.production().characters, WILL)


def broken_down(text, *panels, omitted=()):
    """The scenes of a script whose one request was answered like this."""
    script = read_script_text(text, "a")
    (chunk,) = make_chunks(script.scenes)
    wanted = frozenset(element.line for element in chunk.elements.values())
    answer = json.dumps({"panels": panels, "omitted": list(omitted)})
    parsed = parse_breakdown(answer, chunk, CAST, wanted)
    checked = check_scenes(script.scenes, [(chunk, [parsed])], CAST, 24)
    return checked_drafts(script, checked, CAST, 24)


def panel(*lines, **more):
    return {"lines": list(lines), "description": "A picture.", "cast": [], "seconds": 3, **more}


def cast_of(text, *panels):
    return [card.characters for scene in broken_down(text, *panels) for card in scene.panels]


def test_shots_and_panels_are_numbered_in_steps_of_ten():
    text = "INT. A\n\nMira runs.\n\nMira stops.\n\nPip waits.\n\nEXT. B\n\nBram rows.\n"
    first, second = broken_down(
        text, panel(3, shot=1), panel(5, shot=1), panel(7, shot=2), panel(11, shot=2)
    )
    assert [(card.shot, card.panel) for card in first.panels] == [
        ("010", "010"),
        ("010", "020"),
        ("020", "010"),
    ]
    assert [(card.shot, card.panel) for card in second.panels] == [("010", "010")]


def test_speech_is_the_scripts_whatever_the_model_writes():
    text = "INT. A\n\nMira runs.\n\nBRAM (O.S.)\n(calls)\nStop, Mira!\n"
    (scene,) = broken_down(text, panel(3, 5, 6, 7, dialogue="Halt!"))
    (spoken,) = scene.panels[0].dialogue
    assert (spoken.speaker, spoken.text, spoken.parenthetical, spoken.off) == (
        "BRAM",
        "Stop, Mira!",
        "calls",
        "O.S.",
    )


def test_a_speech_in_two_panels_keeps_its_speaker():
    text = "INT. A\n\nMira runs.\n\nMIRA\nOne.\n(beat)\nTwo.\n\nPip waits.\n"
    (scene,) = broken_down(text, panel(3, 5, 6), panel(7, 8, 10))
    assert [[line.speaker for line in card.dialogue] for card in scene.panels] == [
        ["MIRA"],
        ["MIRA"],
    ]


def test_who_is_heard_only_is_not_in_the_picture():
    text = "INT. A\n\nMira listens.\n\nBRAM (O.S.)\nMira!\n\nPIP (V.O.)\nIt was night.\n"
    shown = ["mira", "bram", "pip"]
    assert cast_of(text, panel(3, 5, 6, 8, 9, cast=shown)) == [("mira",)]


def test_a_voice_over_the_speakers_own_picture_leaves_them_in_it():
    text = "INT. A\n\nMira walks.\n\nMIRA (V.O.)\nI was ten.\n"
    assert cast_of(text, panel(3, 5, 6, cast=["mira"])) == [("mira",)]


@pytest.mark.parametrize(
    ("action", "shown"),
    [("The lamp will burn.", ()), ("Will lifts the lamp.", ("will",))],
)
def test_the_verb_is_not_the_character(action, shown):
    assert cast_of(f"INT. A\n\n{action}\n", panel(3, cast=["will"])) == [shown]


def test_a_length_in_the_script_decides_and_is_shared_by_the_panels_of_its_paragraph():
    text = "INT. A\n\nMira runs. (2 s)\n\nMira stops. She looks. (00:00:04:00)\n"
    (scene,) = broken_down(text, panel(3, seconds=9), panel(5, seconds=9), panel(5))
    assert [card.seconds for card in scene.panels] == [2, 2, 2]


def test_what_belongs_to_a_panel_is_not_missing():
    script = read_script_text("INT. A\n\nMira runs.\n\nMIRA\nOne.\n\nCUT TO:\n", "a")
    (chunk,) = make_chunks(script.scenes)
    wanted = frozenset(element.line for element in chunk.elements.values())
    answer = json.dumps({"panels": [panel(3, 6)], "omitted": []})
    parsed = parse_breakdown(answer, chunk, CAST, wanted)
    assert missing_elements(chunk, [parsed]) == []
    checked = check_scenes(script.scenes, [(chunk, [parsed])], CAST, 24)
    (scene,) = checked_drafts(script, checked, CAST, 24)
    (card,) = scene.panels
    assert (card.lines, card.transition, len(card.dialogue)) == ((3, 5, 6, 8), "CUT TO:", 1)


def test_lines_that_the_model_leaves_out_become_panels_by_plain_rules():
    text = "INT. A\n\nMira runs.\n\nBram waits.\n\nBRAM\nAh.\n\nPip sleeps.\n"
    (scene,) = broken_down(text, panel(3), panel(10))
    assert [(card.lines, card.note) for card in scene.panels] == [
        ((3,), ""),
        ((5, 7, 8), BY_RULES),
        ((10,), ""),
    ]
    assert scene.panels[1].characters == ("bram",)


def check_partition(script: ScriptText, drafts: list[SceneDraft]) -> None:
    places: dict[int, set[str]] = {}
    for scene in drafts:
        for line in scene.lines:
            places.setdefault(line, set()).add("heading")
        for card in scene.panels:
            for line in card.lines:
                places.setdefault(line, set()).add("panel")
        for omitted in scene.omitted:
            assert omitted.reason
            for line in omitted.lines:
                places.setdefault(line, set()).add("omitted")
    for omitted in outside_scenes(script):
        for line in omitted.lines:
            places.setdefault(line, set()).add("omitted")
    assert places.keys() == script.source_lines.keys()
    assert {line: where for line, where in places.items() if len(where) > 1} == {}


def mad_answer(chance: random.Random, chunk: Chunk) -> str:
    """An answer as wrong as answers get: lines left out, repeated, invented, in any order."""
    lines = list(chunk.elements)
    panels = [
        {
            "lines": chance.choices([*lines, 0, 99_999, "7", None, 3.5], k=chance.randint(0, 4)),
            "description": chance.choice(["Mira runs.", "", "x" * 3_000, 7, "Will stands."]),
            "cast": chance.choices(["mira", "Will", "ghost", 4], k=chance.randint(0, 3)),
            "shot": chance.choice([0, 1, 1, 2, "a", -5]),
            "seconds": chance.choice([3, 0, 10_000, "4", None]),
            "size": chance.choice(["wide", 5, None, "y" * 900]),
        }
        for _ in range(chance.randint(1, 12))
    ]
    omitted = [{"lines": chance.choices(lines, k=2), "reason": chance.choice(["is a joke", None])}]
    text = json.dumps({"panels": panels, "omitted": omitted if chance.random() < 0.5 else []})
    return text[: chance.randint(0, len(text))] if chance.random() < 0.3 else text


def answered(script: ScriptText, answer) -> list[SceneDraft]:
    answers = []
    for chunk in make_chunks(script.scenes):
        wanted = frozenset(element.line for element in chunk.elements.values())
        parsed = []
        try:
            parsed.append(parse_breakdown(answer(chunk), chunk, CAST, wanted))
        except AnswerUnusable:
            parsed.append(ParsedBreakdown())
        answers.append((chunk, parsed))
    checked = check_scenes(script.scenes, answers, CAST, 24)
    return checked_drafts(script, checked, CAST, 24)


@pytest.mark.parametrize("name", CORPUS)
def test_no_line_vanishes_whatever_the_model_answers(name):
    script = read_script_text(CORPUS[name], "a")
    for seed in range(40):
        answer = partial(mad_answer, random.Random(seed))
        check_partition(script, answered(script, answer))


@pytest.mark.parametrize("written", [as_fountain, as_fdx, as_print])
def test_no_line_of_a_long_screenplay_vanishes_without_any_answer(written):
    script = read_script_text(written(long_screenplay(193)), "a")
    drafts = answered(script, lambda chunk: "")
    check_partition(script, drafts)
    assert sum(len(scene.panels) for scene in drafts) == 386


@pytest.mark.parametrize("name", CORPUS)
def test_no_line_vanishes_by_the_plain_rules(name):
    script = read_script_text(CORPUS[name], "a")
    check_partition(script, plain_drafts(script, CAST, 24))
