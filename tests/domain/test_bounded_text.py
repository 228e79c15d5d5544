"""JSON from outside is read within bounds; what is ambiguous or unusable is refused by name."""

import pytest

from storyboard_ops.domain.base_record import Record, faults_of
from storyboard_ops.domain.bounded_text import (
    one_line,
    read_json,
    short_repr,
    shorten,
    shorten_uniquely,
)
from storyboard_ops.domain.error_tree import BadInput, ManifestCorrupt
from storyboard_ops.domain.input_limits import MOST_DEPTH, MOST_FAULTS
from storyboard_ops.domain.manifest_codec import decode_record


def nested(levels: int, inner: bytes = b"") -> bytes:
    return b"[" * levels + inner + b"]" * levels


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": [1, -2.5, null, true]}', {"a": [1, -2.5, None, True]}),
        ('{"a": "\u00e9"}', {"a": "\u00e9"}),
        (b"\xef\xbb\xbf[]", []),  # a byte order mark, as Windows writes it
        (rb'"\ud83d\ude00"', "\U0001f600"),  # a whole surrogate pair
        (b" 7 ", 7),
    ],
)
def test_a_plain_document_is_read(body: bytes | str, value: object) -> None:
    assert read_json(body, "x.json") == value


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        pytest.param(b"", "is not JSON", id="empty"),
        pytest.param(b'{"a": 1', "is not JSON", id="cut off"),
        pytest.param(nested(MOST_DEPTH + 1), "nested deeper than 64 levels", id="one too deep"),
        pytest.param(nested(100_000), "nested deeper than 64 levels", id="lists"),
        pytest.param(b"[" * 100_000, "nested deeper than 64 levels", id="open lists"),
        pytest.param(b'{"a":' * 100_000, "nested deeper than 64 levels", id="objects"),
        pytest.param(b'[{"a":' * 500 + b"1" + b"}]" * 500, "nested deeper", id="mixed"),
        pytest.param(b'{"a": 1, "a": 2}', "the key 'a' occurs twice", id="key twice"),
        pytest.param(b'[{"b": {"a": 1, "a": 1}}]', "the key 'a' occurs twice", id="inner key"),
        pytest.param(b"[NaN]", "NaN is not a JSON number", id="NaN"),
        pytest.param(b"-Infinity", "-Infinity is not a JSON number", id="infinity"),
        pytest.param(b"1e999", "the number 1e999 is out of range", id="infinite exponent"),
        pytest.param(b"9" * 5_000, "out of range", id="5,000 digits"),
        pytest.param(b"\xff\xfe", "is not UTF-8 text: byte 0", id="UTF-16"),
        pytest.param(rb'{"\ud800": 1}', "half of a surrogate pair", id="half a pair"),
        pytest.param('"\ud800"', "is not UTF-8 text", id="half a pair, unescaped"),
        pytest.param(b" " * (8 * 1024 * 1024 + 1), "more than 8,388,608 bytes", id="too long"),
    ],
)
def test_any_other_document_is_refused_by_name(body: bytes | str, fault: str) -> None:
    with pytest.raises(BadInput, match=fault) as refusal:
        read_json(body, "s3://studio/x.json")
    assert str(refusal.value).startswith("s3://studio/x.json ")
    assert len(str(refusal.value)) < 400


def test_the_deepest_document_is_read() -> None:
    assert read_json(nested(MOST_DEPTH, b"1"), "x") != []


def test_the_bound_of_the_caller_counts_bytes() -> None:
    assert read_json('"\u00e9"', "x", most_bytes=4) == "\u00e9"
    with pytest.raises(BadInput, match="more than 3 bytes"):
        read_json('"\u00e9"', "x", most_bytes=3)


def test_a_shortened_text_keeps_its_start_and_end() -> None:
    assert shorten("short", 5) == "short"
    assert shorten("0123456789" * 10, 15) == "01234 […] 56789"
    assert shorten("0123456789", 3) == "012"


def test_a_huge_value_is_shown_without_being_written_out() -> None:
    bomb: list[object] = ["x"] * 9
    for _ in range(9):
        bomb = [bomb] * 9  # 9^10 texts, in a few hundred bytes
    assert len(short_repr(bomb)) <= 200
    assert short_repr(10**5_000) == "<integer of 16,610 bits>"
    assert len(short_repr({"k" * 10_000: "v" * 10_000})) <= 200


class Pair(Record):
    left: int
    right: int


def test_a_record_is_read() -> None:
    assert decode_record(b'{"left": 1, "right": 2}', Pair, "x") == Pair(left=1, right=2)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b'{"left": 1}', "x is not a valid Pair: right: Field required"),
        (b"[]", "x is not a valid Pair: record: fields with values are needed here"),
        (nested(10_000), "x is nested deeper"),
        (b"\x00", "x is not JSON"),
    ],
)
def test_a_record_that_is_none_is_named(body: bytes, fault: str) -> None:
    with pytest.raises(ManifestCorrupt, match=fault):
        decode_record(body, Pair, "x")


def test_a_message_lists_the_first_faults_and_counts_the_others() -> None:
    extra = b",".join(b'"%s": 1' % (b"k%d" % n + b"x" * 1_000) for n in range(500))
    with pytest.raises(ManifestCorrupt) as refusal:
        decode_record(b'{"left": 1, "right": 2, %s}' % extra, Pair, "x")
    message = str(refusal.value)
    assert message.count("there is no such field") == MOST_FAULTS
    assert f"and {500 - MOST_FAULTS} more" in message
    assert len(message) < 10_000


def test_faults_name_their_field() -> None:
    try:
        Pair.model_validate({"left": "one", "right": 2})
    except ValueError as error:
        assert faults_of(error, "pair") == [  # type: ignore[arg-type]
            "left: Input should be a valid integer, unable to parse string as an integer"
        ]


@pytest.mark.parametrize("most", [30, 31, 250])
def test_texts_that_differ_anywhere_stay_different_when_shortened(most: int) -> None:
    texts = ["x" * n + "y" + "x" * (400 - n) for n in range(401)]
    shown = {shorten_uniquely(text, most) for text in texts}
    assert len(shown) == 401
    assert {len(text) for text in shown} == {most}


def test_a_text_that_fits_is_not_shortened() -> None:
    assert shorten_uniquely("x" * 250, 250) == "x" * 250
    assert shorten_uniquely("x" * 251, 250) != "x" * 250


def test_a_text_is_one_line_without_signs_that_are_not_shown() -> None:
    assert one_line("a\x00b\r\nc\ud800 日本 🎬") == "a b  c  日本 🎬"
