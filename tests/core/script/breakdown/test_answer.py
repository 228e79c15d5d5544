"""Answers of a model: what is used of them, and what is reported."""

import json

import pytest

from storyboard_ops.core.script.breakdown.answer import parse_breakdown
from storyboard_ops.core.script.breakdown.request import make_chunks
from storyboard_ops.core.script.scene_text import read_script_text
from storyboard_ops.domain.error_tree import AnswerCutOff, AnswerUnusable
from storyboard_ops.domain.models.model_answers import ModelText
from tests.material import factories

CAST = factories.production().characters
TEXT = """\
INT. A

Mira runs.

She stops. She looks around. It is dark.

BRAM
Mira!

EXT. B

Pip waits.
"""
(CHUNK,) = make_chunks(read_script_text(TEXT, "a").scenes)
LINES = frozenset(element.line for element in CHUNK.elements.values())


def panel(*lines, **more):
    return {"lines": list(lines), "description": "Mira.", "cast": ["mira"], **more}


def parsed(*panels, omitted=(), text=None, wanted=LINES):
    answer = json.dumps({"panels": panels, "omitted": list(omitted)}) if text is None else text
    return parse_breakdown(answer, CHUNK, CAST, wanted)


def lines_of(found):
    return [[element.line for element in one.elements] for one in found.panels]


def test_a_good_answer_is_used_whole():
    good = parsed(
        panel(3, size="wide", seconds=2.5, angle=" low  angle ", shot=1),
        panel(5, 7, 8, cast=["Mira", "bram"], shot=1),
        panel(12, cast=["pip"]),
    )
    assert good.faults == []
    assert lines_of(good) == [[3], [5, 7, 8], [12]]
    assert good.panels[0].fields == {
        "description": "Mira.",
        "characters": ["mira"],
        "size": "wide",
        "angle": "low angle",
        "seconds": 2.5,
    }
    assert good.panels[1].fields["characters"] == ["mira", "bram"]


@pytest.mark.parametrize(
    "wrap",
    [
        "Here are the panels:\n```json\n{}\n```\nDone.",
        '{{"answer": {}}}',
        "{},",
    ],
)
def test_prose_around_the_answer_is_passed_over(wrap):
    answer = json.dumps({"panels": [panel(3)], "omitted": []})
    text = wrap.replace("{{", "{").replace("}}", "}").replace("{}", answer)
    assert lines_of(parsed(text=text)) == [[3]]


def test_an_answer_that_is_cut_off_keeps_its_complete_panels():
    answer = json.dumps({"panels": [panel(3), panel(5), panel(7, 8)]})
    cut = parsed(text=ModelText(answer[:-40], "max_tokens"))
    assert lines_of(cut) == [[3], [5]]
    assert cut.faults == ["the answer is cut off (max_tokens) after 2 panels"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (ModelText("", "max_tokens"), AnswerCutOff),
        (ModelText('{"panels": [{"lines": [3], "descr', "max_tokens"), AnswerCutOff),
        ("I cannot do that.", AnswerUnusable),
        ('{"panels": []}', AnswerUnusable),
        (json.dumps({"panels": [panel(99)]}), AnswerUnusable),
        (json.dumps({"panels": "none"}), AnswerUnusable),
    ],
)
def test_an_answer_without_a_usable_panel_is_refused(text, kind):
    with pytest.raises(kind):
        parsed(text=text)


def test_unknown_cast_is_left_out_and_reported():
    found = parsed(panel(3, cast=["mira", "ghost", 7, "mira"]))
    assert found.panels[0].fields["characters"] == ["mira"]
    assert found.faults == [
        "panel 1 shows 'ghost', who is not in the cast",
        "panel 1 shows 7, who is not in the cast",
    ]


def test_a_line_is_in_one_panel_only():
    found = parsed(panel(3), panel(3), panel(12), panel(3, 7))
    assert lines_of(found) == [[3], [12], [7]]
    assert "panel 2 repeats line 3" in found.faults
    assert "panel 2 has no line of its own" in found.faults
    assert "panel 4 repeats line 3" in found.faults


def test_a_paragraph_of_several_sentences_may_be_in_consecutive_panels():
    assert lines_of(parsed(panel(5), panel(5), panel(5))) == [[5], [5], [5]]
    found = parsed(panel(5), panel(3), panel(5))
    assert lines_of(found) == [[5], [3]]
    assert "panel 3 repeats line 5" in found.faults


def test_lines_of_two_scenes_make_no_panel_together():
    found = parsed(panel(8, 12))
    assert lines_of(found) == [[8]]
    assert found.faults == ["panel 1 has lines of two scenes: 12"]


def test_lines_that_were_not_asked_for_are_reported():
    found = parsed(panel(3, 12), wanted=frozenset({12}))
    assert lines_of(found) == [[12]]
    assert found.faults == ["panel 1 names line 3, which was not asked for"]


@pytest.mark.parametrize("seconds", [0, -1, 1e9, float("nan")])
def test_a_length_out_of_bounds_is_left_out(seconds):
    found = parsed(text=json.dumps({"panels": [panel(3, seconds=seconds)]}))
    assert "seconds" not in found.panels[0].fields
    assert "seconds long" in found.faults[0]


def test_texts_are_tidied_and_shortened():
    found = parsed(panel(3, description="Mira\n\u2028 runs. " * 200, size="x" * 500, light=5))
    fields = found.panels[0].fields
    assert fields["description"].startswith("Mira runs. Mira")
    assert len(fields["description"]) <= 800
    assert len(fields["size"]) == 120
    assert "light" not in fields
    assert found.faults == ["the description of panel 1 is too long"]


def test_an_omission_has_a_reason_and_takes_nothing_from_a_panel():
    found = parsed(panel(3), omitted=[{"lines": [3, 12], "reason": ""}, {"lines": 8}, "x"])
    assert [(element.line, reason) for element, reason in found.omitted] == [
        (12, "was left out by the model"),
        (8, "was left out by the model"),
    ]
    assert "an omission repeats line 3" in found.faults
