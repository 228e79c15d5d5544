"""Answers mutated at random: never a crash, a box outside the picture, or a name of nobody."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import pytest

from storyboard_ops.core.dataset.caption_linter import CaptionedPicture, lint_captions
from storyboard_ops.core.detection.answer_parser import parse_caption, parse_detections
from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.error_tree import AnswerUnusable
from storyboard_ops.domain.image_records import Detection
from storyboard_ops.domain.models.model_answers import ModelText
from storyboard_ops.domain.names import fold_name, ids_by_name
from storyboard_ops.domain.production_sheet import NONE_OF_THEM
from tests.material import factories

CAST = factories.production().characters
NAMES = {character.id: character.name for character in CAST}
PICTURES = (None, (1920, 1080), (640, 360), (720, 1280), (4096, 2160))
#: Mutations of one answer, at most; and answers of one test.
MOST_CHANGES, BATCH = 5, 2_500

CAPTION = (
    "Mira leans over the wet railing and laughs at the gulls, seen from below against low clouds, "
    "while warm evening light falls across the harbour."
)


def sound(chance: random.Random) -> str:
    """An answer as it should be, or in a form that models are known to give."""
    if chance.random() < 0.25:
        return json.dumps({"caption": CAPTION, "characters": ["mira"]})
    scale = chance.choice([(1000, 1000), (1, 1), (100, 100), (1920, 1080), (640, 360)])
    items = []
    for _ in range(chance.randrange(5)):
        left, right = sorted(chance.random() for _ in range(2))
        top, bottom = sorted(chance.random() for _ in range(2))
        corners = [left * scale[0], top * scale[1], right * scale[0], bottom * scale[1]]
        digits = 3 if scale == (1, 1) else chance.choice([0, 1])
        box = [round(corner, digits) for corner in corners]
        box = [int(corner) for corner in box] if digits == 0 else box
        named = dict(zip(("x1", "y1", "x2", "y2"), box, strict=True))
        items.append(
            {
                "character": chance.choice([*NAMES, *NAMES.values(), NONE_OF_THEM, "Zorro"]),
                "box": chance.choice([box, box, named, [box[1], box[0], box[3], box[2]]]),
                "confidence": round(chance.random(), 2),
            }
        )
    answer = {"detections": items}
    return chance.choice(
        [
            json.dumps(answer),
            json.dumps(answer, indent=2),
            json.dumps(items),
            repr(answer),
            json.dumps({"answer": answer}),
            json.dumps({"detections": json.dumps(items)}),
            f"Here you are:\n```json\n{json.dumps(answer)}\n```\nAnything else?",
            f"<thinking>{{who?}}</thinking>{json.dumps(answer)}",
            "\n".join(map(json.dumps, items)),
        ]
    )


def _cut(text: str, chance: random.Random) -> str:
    return text[: chance.randrange(len(text) + 1)]


def _drop(text: str, chance: random.Random) -> str:
    start = chance.randrange(len(text) + 1)
    return text[:start] + text[start + chance.choice([1, 1, 2, 9]) :]


def _insert(text: str, chance: random.Random) -> str:
    start = chance.randrange(len(text) + 1)
    added = chance.choice(
        [*"{}[](),:;'\"\\-.%0 \n\t", "NaN", "null", "-1e999", "9" * 400, "\ud83d", "\u0000", "ミラ",
         "\\u00", "//x\n", "/*", ",,", '": "', "}{", "][", '{"detections": [', "Zorro", "\u202e"]
    )  # fmt: skip
    return text[:start] + added + text[start:]


def _repeat(text: str, chance: random.Random) -> str:
    start = chance.randrange(len(text) + 1)
    return text[: start + chance.randrange(40)] + text[start:]


def _respell(text: str, chance: random.Random) -> str:
    old, new = chance.choice(
        [('"', "'"), ('"', "”"), (",", ""), (",", ",,"), ("}", ",}"), ("]", ",]"), (":", "="),
         ("true", "True"), (" ", "\u00a0"), (" ", "\n"), ("box", "Box"), ("0.", "."), ("[", "("),
         ("character", "name"), ("confidence", "score"), ("detections", "boxes"), ("}", "")]
    )  # fmt: skip
    return text.replace(old, new, chance.choice([1, 2, -1]))


def _renumber(text: str, chance: random.Random) -> str:
    digit = chance.choice("0123456789")
    return text.replace(digit, chance.choice(["", "-", "00", "%", "e9", "1.", "5000"]), 1)


def _join(text: str, chance: random.Random) -> str:
    return chance.choice(["", "\n", " or "]).join(chance.sample([text, sound(chance)], 2))


def _wrap(text: str, chance: random.Random) -> str:
    return chance.choice(
        [f'{{"a": {text}}}', f"[{text}]", json.dumps({"a": text}), f"{{{text}", text + "]}" * 3]
    )


CHANGES: tuple[Callable[[str, random.Random], str], ...] = (
    _cut, _drop, _insert, _repeat, _respell, _renumber, _join, _wrap,
)  # fmt: skip


def mutated(chance: random.Random) -> str:
    text = sound(chance)
    for _ in range(chance.randrange(MOST_CHANGES + 1)):
        text = chance.choice(CHANGES)(text, chance)
    return ModelText(text, chance.choice(["end_turn", "tool_use", "max_tokens"]))


def check(text: str, picture: tuple[int, int] | None) -> tuple[bool, bool]:
    """Whether an answer gave detections and a caption, all of which are valid."""
    marked = captioned = False
    try:
        parsed = parse_detections(text, NAMES, "multimodal", "m", picture)
    except AnswerUnusable:
        pass
    else:
        marked = bool(parsed.detections)
        for one in parsed.detections:
            assert 0 <= one.box.x < one.box.right <= 1 + 1e-9
            assert 0 <= one.box.y < one.box.bottom <= 1 + 1e-9
            assert one.label in {*NAMES, NONE_OF_THEM}
            assert one.character == (None if one.label == NONE_OF_THEM else one.label)
            assert Detection.model_validate_json(canonical_json(one).encode()) == one
        assert all(fault.isascii() for fault in parsed.faults)
    try:
        caption = parse_caption(text)
    except AnswerUnusable:
        return marked, captioned
    assert caption.text == " ".join(caption.text.split()) != ""
    assert canonical_json([caption.text, *caption.characters]).encode()
    picture_of_mira = CaptionedPicture("1", caption.text, "mira", claimed=caption.characters)
    if not any(finding.blocking for finding in lint_captions([picture_of_mira], CAST)):
        captioned = True
        assert {fold_name(one) for one in caption.characters} <= ids_by_name(NAMES).keys()
    return marked, captioned


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 9))]
)
def test_mutated_answers_become_valid_records_or_reasons(seed: int) -> None:
    chance = random.Random(seed)
    count = BATCH if seed else 300
    found = [check(mutated(chance), chance.choice(PICTURES)) for _ in range(count)]
    assert sum(marked for marked, _ in found) > count / 10
    assert sum(captioned for _, captioned in found) > count / 20
