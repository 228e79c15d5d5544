"""Answers as models really give them, and anything else that a text can be."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyboard_ops.core.detection.answer_parser import (
    ParsedCaption,
    ParsedDetections,
    parse_caption,
    parse_detections,
)
from storyboard_ops.core.text.answer_values import MAX_CHARACTERS
from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.error_tree import AnswerCutOff, AnswerUnusable
from storyboard_ops.domain.image_records import Box, Detection
from storyboard_ops.domain.models.model_answers import ModelText, cut_off_reason

NAMES = {"mira_vale": "Mira Vale", "bram": "Bram"}
OBJECT = '{"caption": "Mira waves.", "characters": ["mira_vale"]}'


def detections(text: str) -> ParsedDetections:
    return parse_detections(text, NAMES, "multimodal", "amazon.nova-pro-v1:0")


def answer(**item: Any) -> str:
    values = {"character": "bram", "box": [100, 200, 300, 600], "confidence": 0.9}
    return json.dumps({"detections": [values | item]})


WAVES = ParsedCaption("Mira waves.", ("mira_vale",))


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
        f'{{"answer": {OBJECT}}}',
        f'{{"result": {{"output": [{OBJECT}]}}}}',
        json.dumps({"answer": OBJECT}),
        json.dumps({"caption": OBJECT, "characters": []}),
        f'{{"caption": {OBJECT}}}',
        OBJECT.replace('"', "'"),
        OBJECT.replace("]}", "],}"),
        OBJECT.replace("Mira waves", "Mira\nwaves"),
        OBJECT.replace('"caption"', '"Caption"'),
        OBJECT.replace('", "', '" "'),
        OBJECT.replace('"caption"', "caption").replace('"characters"', "characters"),
        f'{{"caption": "A first draft.", "characters": []}} Better: {OBJECT}',
        f'Draft: {{"caption": "Bram rows."}}\n{OBJECT}\nThen {{"caption": null}} was no option.',
    ],
    ids=[
        "bare", "mark", "fence", "open fence", "prose", "braces", "array", "second", "cut off",
        "wrapper", "wrappers", "text", "caption in a text", "caption in a caption", "quotes",
        "commas", "line break", "case", "missing comma", "bare keys", "draft", "null behind it",
    ],
)  # fmt: skip
def test_the_caption_is_found_whatever_stands_around_it(text: str) -> None:
    assert parse_caption(text) == WAVES


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("I cannot help with that.", "no complete JSON object"),
        ("null", "no complete JSON object"),
        ('["caption"]', "no complete JSON object"),
        ('{"caption": "Mira wa', "no complete JSON object"),
        ('{"caption": NaN}', "is not a text: nan"),
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
        parse_caption(text)


@pytest.mark.parametrize("written", ["", '{"caption": "Mira wa', "<thinking>She waves"])
def test_a_caption_that_is_cut_off_says_so(written: str) -> None:
    with pytest.raises(AnswerCutOff, match=r"was cut off \(stop reason max_tokens\)"):
        parse_caption(ModelText(written, "max_tokens"))


def test_a_caption_that_was_complete_when_its_answer_was_cut_off_is_kept() -> None:
    assert parse_caption(ModelText(f"{OBJECT}\nI chose", "max_tokens")) == WAVES


ITEM = {"character": "bram", "box": [100, 200, 300, 600], "confidence": 0.9}
#: A box that the confidence tells from others.
MARKED = [ITEM | {"confidence": share} for share in (0.9, 0.8, 0.7)]
ONE, TWO, THREE = map(json.dumps, MARKED)


@pytest.mark.parametrize(
    ("text", "confidences"),
    [
        (f"[{ONE}, {TWO}]", [0.9, 0.8]),
        (f'{{"detections": [{ONE}, {TWO}]', [0.9, 0.8]),
        (ONE, [0.9]),
        (f"{ONE}\n{TWO}\n{THREE}", [0.9, 0.8, 0.7]),
        (f'{{"detections": {ONE}}}', [0.9]),
        (f'{{"answer": {{"detections": [{ONE}]}}}}', [0.9]),
        (f'[{{"detections": [{ONE}]}}]', [0.9]),
        (f'{{"marks": [{ONE}, {TWO}]}}', [0.9, 0.8]),
        (json.dumps({"detections": f"[{ONE}, {TWO}]"}), [0.9, 0.8]),
        (json.dumps({"detections": "[]"}), []),
        ("[]", []),
        (f'{{"detections": [{ONE},]}}', [0.9]),
        (f'{{"detections": [{ONE} {TWO}]}}', [0.9, 0.8]),
        (f'{{"detections": [{ONE}, {TWO}]}}'.replace('"', "'"), [0.9, 0.8]),
        (f'{{"detections": [{TWO}]}} No, wait: {{"detections": [{ONE}]}}', [0.9]),
        (f'[{TWO}] is a draft. {{"detections": []}}', []),
        (f'{{"detections": [{TWO}]}}\n```json\n[{ONE}]\n```', [0.9]),
        (f'{{"detections": [{ONE}]}} Without them: {{"detections": null}}', [0.9]),
        (f'{{"detections": [{ONE}, {THREE.replace("0.7", "NaN")}, {TWO}]}}', [0.9, 0.8]),
        (f'{{"detections": [{ONE}, null, 7, {TWO.replace("0.8", "-0.8")}]}}', [0.9]),
        (f'{{"DETECTIONS": [{ONE.replace("character", "Character")}]}}', [0.9]),
        (json.dumps({"detections": [ITEM | {"confidence": "90%"}]}), [0.9]),
    ],
    ids=[
        "bare list", "missing brace", "bare item", "lines", "no list", "wrapper", "wrapped list",
        "other key", "text", "empty text", "empty list", "trailing comma", "missing comma",
        "quotes", "draft", "draft list", "list after a draft", "null behind it", "NaN",
        "other things", "case", "percent",
    ],
)  # fmt: skip
def test_the_detections_are_found_in_every_form(text: str, confidences: list[float]) -> None:
    parsed = detections(text)
    assert [one.confidence for one in parsed.detections] == confidences
    assert parsed.is_whole


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        (f'{{"detections": [{ONE}, {TWO}, {THREE[:-4]}', [0.9, 0.8]),
        (f'{{"detections": [{ONE}, {TWO}, {THREE[:30]}', [0.9, 0.8]),
        (f'{{"detections": [{ONE}, {TWO},', [0.9, 0.8]),
        (f'{{"detections": [{ONE}, {TWO}', [0.9, 0.8]),
        (f"[{ONE}, {TWO[:-1]}", [0.9]),
        (f'```json\n{{"detections": [{ONE}, {{"char', [0.9]),
        (f'Draft: {{"detections": [{THREE}]}} Now: {{"detections": [{ONE}, {{"char', [0.9]),
        (f'{{"answer": {{"detections": [{ONE}, {{"char', [0.9]),
        (f'{{"detections": [{ONE}, {TWO}, {{"character": "bram", "box": [1, 2'.replace('"', "'"),
         [0.9, 0.8]),
        (f'{{"detections": [{ONE}, {{"character": "bram", "box": [], "conf', [0.9]),
    ],
)  # fmt: skip
def test_of_a_list_that_is_cut_off_the_complete_items_are_kept(
    text: str, whole: list[float]
) -> None:
    for written in (text, ModelText(text, "max_tokens")):
        parsed = detections(written)
        assert [one.confidence for one in parsed.detections] == whole
        assert not parsed.is_whole
        assert f"cut off ({cut_off_reason(written) or 'the list is not closed'})" in str(
            parsed.faults
        )


def test_a_complete_list_may_be_the_draft_of_an_answer_that_was_cut_off() -> None:
    parsed = detections(ModelText(f'{{"detections": [{ONE}]}} Now', "max_tokens"))
    assert (len(parsed.detections), parsed.is_whole) == (1, False)


@pytest.mark.parametrize("text", ['{"detections": [{"char', '{"detections": [', "", "Let me"])
def test_an_answer_cut_off_before_its_first_item_says_so(text: str) -> None:
    with pytest.raises(AnswerCutOff, match="stop reason model_context_window_exceeded"):
        detections(ModelText(text, "model_context_window_exceeded"))


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
    "character",
    [
        "mira_vale",
        "Mira Vale",
        "MIRA  VALE",
        "mira-vale",
        " mira vale ",
        "Ｍｉｒａ Vale",
        "“Mira Vale”",
    ],
)
def test_a_character_may_be_called_by_id_or_name(character: str) -> None:
    assert detections(answer(character=character)).detections[0].character == "mira_vale"


def test_boxes_are_read_by_the_size_of_the_picture() -> None:
    item = {"character": "bram", "confidence": 0.9}
    text = json.dumps([item | {"box": box} for box in ([960, 540, 1920, 1080], [0, 0, 480, 270])])
    assert detections(text).detections == ()
    parsed = parse_detections(text, NAMES, "multimodal", "m", (1920, 1080))
    assert [one.box for one in parsed.detections] == [
        Box(x=0.5, y=0.5, w=0.5, h=0.5),
        Box(x=0, y=0, w=0.25, h=0.25),
    ]


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
        ({"box": [0, 0, "x", 5]}, "detection 1: box [0, 0, 'x', 5] is not in 0..1000"),
        ({"box": [0, 0, 10**30, 5]}, f"detection 1: box [0, 0, {10**30}, 5] is not in 0..1000"),
        ({"box": [300, 200, 100, 600]}, "detection 1: box [300, 200, 100, 600] may be corners"),
        ({"box": [5, 5, 5, 9]}, "detection 1: box [5, 5, 5, 9] has no area"),
        ({"box": [1200, 0, 1300, 50]}, "detection 1: box [1200, 0, 1300, 50] is in no certain"),
        ({"box": [-50, 0, 500, 900]}, "detection 1: box [-50, 0, 500, 900] has no area inside"),
    ],
)
def test_an_item_that_cannot_be_used_is_reported(item: dict[str, Any], fault: str) -> None:
    parsed = detections(answer(**item))
    assert parsed.detections == ()
    assert len(parsed.faults) == 1
    assert parsed.faults[0].startswith(fault)
    assert parsed.is_unusable == ("unknown character" not in fault)


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
@settings(max_examples=300)
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
    assert parse_caption(blanks + OBJECT)
    with pytest.raises(AnswerUnusable, match="has 200,001 characters; at most 200,000 are read"):
        parse_caption(f" {blanks}{OBJECT}")


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
