"""Answers as models really give them, and anything else that a text can be."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyboard_ops.core.detection.answer_parser import (
    MAX_CHARACTERS,
    ParsedCaption,
    ParsedDetections,
    parse_caption,
    parse_detections,
    parse_object,
)
from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.error_tree import AnswerUnusable
from storyboard_ops.domain.image_records import Box, Detection

NAMES = {"mira_vale": "Mira Vale", "bram": "Bram"}
OBJECT = '{"caption": "Mira waves.", "characters": ["mira_vale"]}'


def detections(text: str) -> ParsedDetections:
    return parse_detections(text, NAMES, "multimodal", "amazon.nova-pro-v1:0")


def answer(**item: Any) -> str:
    values = {"character": "bram", "box": [100, 200, 300, 600], "confidence": 0.9}
    return json.dumps({"detections": [values | item]})


@pytest.mark.parametrize(
    "text",
    [
        OBJECT,
        f"\ufeff  {OBJECT}\n",
        f"```json\n{OBJECT}\n```",
        f"```\n{OBJECT}",
        f"Here is the caption you asked for:\n\n{OBJECT}\n\nLet me know if it fits {{or not}}.",
        f"<thinking>{{the girl}} is Mira</thinking> {OBJECT}",
        f"[{OBJECT}]",
        f'{{"note": "first"}} {OBJECT}',
        OBJECT.replace("{", '{"answer": {"unfinished": ') + OBJECT,
    ],
    ids=["bare", "mark", "fence", "open fence", "prose", "braces", "array", "second", "cut off"],
)
def test_the_object_is_found_whatever_stands_around_it(text: str) -> None:
    assert parse_object(text, "caption")["caption"] == "Mira waves."


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("I cannot help with that.", "no complete JSON object"),
        ("null", "no complete JSON object"),
        ('["caption"]', "no complete JSON object"),
        ('{"caption": "Mira wa', "no complete JSON object"),
        ('{"caption": NaN}', "no complete JSON object"),
        ("{'caption': 'single quotes'}", "no complete JSON object"),
        ('{"title": "Mira"}', "no JSON object with the key 'caption'"),
        ("{" * 50_000, "no complete JSON object"),
        ('{"a":' * 30_000, "no complete JSON object"),
        ('{"caption": ' + "9" * 5_000 + "}", "no complete JSON object"),
        ("x" * (MAX_CHARACTERS + 1), "at most 200,000 are read"),
    ],
    ids=lambda text: text[:20],
)
def test_what_holds_no_answer_says_why(text: str, reason: str) -> None:
    with pytest.raises(AnswerUnusable, match=reason):
        parse_object(text, "caption")


def test_a_detection_becomes_a_record() -> None:
    assert detections(answer()) == ParsedDetections(
        (
            Detection(
                box=Box(x=0.1, y=0.2, w=0.3 - 0.1, h=0.6 - 0.2),
                label="bram",
                character="bram",
                confidence=0.9,
                detector="multimodal",
                model_id="amazon.nova-pro-v1:0",
            ),
        )
    )


def test_an_answer_without_boxes_is_an_answer() -> None:
    assert detections('{"detections": []}') == ParsedDetections(())


@pytest.mark.parametrize(
    "character", ["mira_vale", "Mira Vale", "MIRA  VALE", "mira-vale", " mira vale "]
)
def test_a_character_may_be_called_by_id_or_name(character: str) -> None:
    assert detections(answer(character=character)).detections[0].character == "mira_vale"


@pytest.mark.parametrize(
    ("box", "inside"),
    [
        ([-50, 0, 500, 1000], Box(x=0, y=0, w=0.5, h=1)),
        ([900, 900, 1100, 1001.5], Box(x=0.9, y=0.9, w=1 - 0.9, h=1 - 0.9)),
        ([0, 0, 1000, 1000], Box(x=0, y=0, w=1, h=1)),
    ],
)
def test_a_box_that_leaves_the_picture_is_clamped(box: list[float], inside: Box) -> None:
    assert detections(answer(box=box)).detections[0].box == inside


@pytest.mark.parametrize(
    ("item", "fault"),
    [
        ({"character": "zorro"}, "detection 1: unknown character 'zorro'"),
        ({"character": None}, "detection 1: unknown character None"),
        ({"character": ["bram"]}, "detection 1: unknown character ['bram']"),
        ({"character": "\ud800"}, r"detection 1: unknown character '\ud800'"),
        ({"confidence": 95}, "detection 1: confidence 95 is not in 0..1"),
        ({"confidence": "high"}, "detection 1: confidence 'high' is not in 0..1"),
        ({"confidence": True}, "detection 1: confidence True is not in 0..1"),
        ({"confidence": None}, "detection 1: confidence None is not in 0..1"),
        ({"box": [1, 2, 3]}, "detection 1: box [1, 2, 3] is not [x1, y1, x2, y2]"),
        ({"box": "100,200"}, "detection 1: box '100,200' is not [x1, y1, x2, y2]"),
        ({"box": [0, 0, "5", 5]}, "detection 1: box [0, 0, '5', 5] is not in 0..1000"),
        ({"box": [0, 0, 10**30, 5]}, f"detection 1: box [0, 0, {10**30}, 5] is not in 0..1000"),
        ({"box": [300, 200, 100, 600]}, "detection 1: box [300, 200, 100, 600] has no area"),
        ({"box": [5, 5, 5, 9]}, "detection 1: box [5, 5, 5, 9] has no area"),
        ({"box": [1200, 0, 1300, 50]}, "detection 1: box [1200, 0, 1300, 50] has no area"),
    ],
)
def test_an_item_that_cannot_be_used_is_reported(item: dict[str, Any], fault: str) -> None:
    parsed = detections(answer(**item))
    assert parsed.detections == ()
    assert len(parsed.faults) == 1
    assert parsed.faults[0].startswith(fault)


def test_one_bad_item_does_not_spoil_the_others() -> None:
    good = json.loads(answer())["detections"][0]
    parsed = detections(json.dumps({"detections": [good, "bram", good | {"character": "nobody"}]}))
    assert len(parsed.detections) == 1
    assert parsed.faults == (
        "detection 2: not an object: 'bram'",
        "detection 3: unknown character 'nobody'",
    )


@pytest.mark.parametrize("value", ["null", "{}", '"none"', "3"])
def test_detections_that_are_no_list(value: str) -> None:
    with pytest.raises(AnswerUnusable, match="is not a list"):
        detections(f'{{"detections": {value}}}')


def test_a_caption_is_one_line() -> None:
    text = '{"caption": " Mira\\n waves  to\\tBram. ", "characters": ["mira_vale", "bram"]}'
    assert parse_caption(text) == ParsedCaption("Mira waves to Bram.", ("mira_vale", "bram"))


@pytest.mark.parametrize(
    ("listed", "characters"),
    [('["bram", 3, null, "", "\\u0000"]', ("bram",)), ('"bram"', ()), ("null", ())],
)
def test_characters_of_a_caption_that_are_no_text_are_left_out(
    listed: str, characters: tuple[str, ...]
) -> None:
    parsed = parse_caption(f'{{"caption": "Bram rows.", "characters": {listed}}}')
    assert parsed.characters == characters


@pytest.mark.parametrize(
    "value", ["null", '""', '"  "', "3", '["Mira"]', '"\\ud800"', '"a\\u0000b"']
)
def test_captions_that_are_no_text(value: str) -> None:
    with pytest.raises(AnswerUnusable, match=r"(is not a|are not) text"):
        parse_caption(f'{{"caption": {value}}}')


def test_five_thousand_words_in_another_script_are_a_caption() -> None:
    text = "ミラ 灯台 " * 2_500
    parsed = parse_caption(json.dumps({"caption": text}, ensure_ascii=False))
    assert len(parsed.text.split()) == 5_000


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["detections", "caption", "characters", "character", "box", "confidence"]
            )
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
likely_items = st.fixed_dictionaries(
    {
        "character": st.sampled_from(["bram", "Mira Vale", "?"]) | json_values,
        "box": st.lists(st.floats() | st.integers(), min_size=3, max_size=5) | json_values,
        "confidence": st.floats() | json_values,
    }
)
likely_answers = st.fixed_dictionaries(
    {"detections": st.lists(likely_items, max_size=3) | json_values, "caption": json_values}
)


@st.composite
def answers(draw: st.DrawFn) -> str:
    """JSON or text, with text around it, cut off anywhere."""
    body = draw(st.one_of(st.text(), (likely_answers | json_values).map(json.dumps)))
    text = (
        draw(st.sampled_from(["", "```json\n", "Sure! {", "["])) + body + draw(st.text(max_size=9))
    )
    return text[: draw(st.integers(0, len(text)))] if draw(st.booleans()) else text


@pytest.mark.long
@settings(max_examples=300, deadline=None)
@given(answers())
def test_fuzzed_answers_give_valid_records_or_say_that_they_are_unusable(text: str) -> None:
    try:
        parsed = detections(text)
    except AnswerUnusable:
        pass
    else:
        for detection in parsed.detections:
            written = canonical_json(detection).encode()
            assert Detection.model_validate_json(written) == detection
            assert detection.character in NAMES
        assert all(fault.isascii() for fault in parsed.faults)
    try:
        caption = parse_caption(text)
    except AnswerUnusable:
        return
    assert caption.text == " ".join(caption.text.split()) != ""
    assert canonical_json([caption.text, *caption.characters]).encode()


@pytest.mark.parametrize("said", ["none_of_them", "None of them"])
def test_somebody_who_is_none_of_the_characters(said: str) -> None:
    text = json.dumps(
        {"detections": [{"character": said, "box": [0, 0, 500, 500], "confidence": 0.8}]}
    )
    (found,) = parse_detections(text, {"mira": "Mira"}, "multimodal", "m").detections
    assert (found.character, found.label, found.confidence) == (None, "none_of_them", 0.8)


def test_exactly_as_many_characters_as_are_read() -> None:
    blanks = " " * (MAX_CHARACTERS - len(OBJECT))
    assert parse_object(blanks + OBJECT, "caption")
    with pytest.raises(AnswerUnusable, match="has 200,001 characters; at most 200,000 are read"):
        parse_object(f" {blanks}{OBJECT}", "caption")


@pytest.mark.parametrize(("braces", "is_found"), [(99, True), (100, False)])
def test_an_object_is_looked_for_in_a_hundred_places(braces: int, is_found: bool) -> None:
    text = "{ " * braces + OBJECT
    if is_found:
        assert parse_object(text, "caption")["caption"] == "Mira waves."
    else:
        with pytest.raises(AnswerUnusable, match="no complete JSON object"):
            parse_object(text, "caption")


@pytest.mark.parametrize(
    ("corner", "is_taken"), [(10_000, True), (10_001, False), (-10_000, True), (-10_001, False)]
)
def test_a_corner_may_lie_ten_pictures_outside(corner: int, is_taken: bool) -> None:
    far = [0, 0, corner, 500] if corner > 0 else [corner, 0, 500, 500]
    assert len(detections(answer(box=far)).detections) == is_taken


@pytest.mark.parametrize(
    ("confidence", "is_taken"),
    [(0, True), (1, True), (1.001, False), (-0.001, False), (True, False)],
)
def test_a_confidence_is_a_number_from_nothing_to_one(confidence: Any, is_taken: bool) -> None:
    assert len(detections(answer(confidence=confidence)).detections) == is_taken


@pytest.mark.parametrize(
    ("letters", "shown"), [(58, "'" + "x" * 58 + "'"), (59, "'" + "x" * 59 + "...")]
)
def test_sixty_characters_are_quoted(letters: int, shown: str) -> None:
    (fault,) = detections(answer(character="x" * letters)).faults
    assert fault == f"detection 1: unknown character {shown}"
