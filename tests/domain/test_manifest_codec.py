"""Manifests: what is written is read back; what is damaged is refused."""

import pytest

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.error_tree import ManifestCorrupt
from storyboard_ops.domain.manifest_codec import decode_header, decode_manifest, encode_manifest


class Word(Record):
    """A record for these tests."""

    text: str
    length: int


WORDS = [Word(text="Füchse", length=6), Word(text="line\nbreak \u2028 here", length=4)]


def test_records_come_back_equal_and_in_order():
    body = encode_manifest("words", "d1", WORDS, {"languages": 2})
    manifest = decode_manifest(body, Word, "words")
    assert list(manifest.records) == WORDS
    assert manifest.header.summary == {"languages": 2}


def test_equal_input_gives_equal_bytes():
    assert encode_manifest("words", "d1", WORDS) == encode_manifest("words", "d1", list(WORDS))


def test_the_header_says_what_it_was_made_from():
    assert decode_header(encode_manifest("words", "d1", WORDS)).input_digest == "d1"


def test_a_manifest_of_another_kind_is_refused():
    with pytest.raises(ManifestCorrupt, match=r"'words'.*'frames'"):
        decode_manifest(encode_manifest("frames", "d", []), Word, "words")


def test_a_cut_off_manifest_is_refused():
    body = encode_manifest("words", "d1", WORDS)
    with pytest.raises(ManifestCorrupt, match="2 records, 1 found"):
        decode_manifest(body[: body.rindex(b"{")], Word, "words")


def test_a_record_with_an_unknown_field_is_refused():
    body = encode_manifest("words", "d1", WORDS).replace(b'"length"', b'"size"')
    with pytest.raises(ManifestCorrupt, match="a record is not a valid Word"):
        decode_manifest(body, Word, "words")


@pytest.mark.parametrize(
    "row", [b"[" * 100_000, b'{"word":' * 100_000, b"{", b"\xff", b"9" * 5_000]
)
def test_a_row_that_is_not_json_is_refused_in_few_words(row: bytes):
    body = encode_manifest("words", "d1", WORDS[:1]).split(b"\n")[0] + b"\n" + row + b"\n"
    with pytest.raises(ManifestCorrupt, match="words: a record is not JSON") as refusal:
        decode_manifest(body, Word, "words")
    assert len(str(refusal.value)) < 300
