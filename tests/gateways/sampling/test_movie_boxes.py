"""The outermost boxes of MP4 and MOV files."""

import struct

import pytest

from storyboard_ops.gateways.sampling.movie_boxes import FragmentReader, MovieBoxes, movie_boxes
from storyboard_ops.gateways.sampling.range_reader import BLOCK
from tests.gateways.sampling.counted_bytes import CountedBytes


def box(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


def boxes(*parts: bytes) -> MovieBoxes | None:
    return movie_boxes(CountedBytes(b"".join(parts)))


def test_a_whole_file_has_its_index() -> None:
    found = boxes(box(b"ftyp", b"isom"), box(b"mdat", b"x" * 100), box(b"moov", b"y" * 20))
    assert found == MovieBoxes((b"ftyp", b"mdat", b"moov"))
    assert found.has_index and not found.is_fragmented


def test_a_file_cut_off_in_its_pictures_has_none() -> None:
    found = boxes(box(b"ftyp", b"isom"), box(b"mdat", b"x" * 100)[:50])
    assert found is not None
    assert not found.has_index


def test_an_index_that_is_cut_off_is_none() -> None:
    found = boxes(box(b"ftyp"), box(b"mdat", b"x" * 100), box(b"moov", b"y" * 20)[:27])
    assert found is not None
    assert not found.has_index


def test_fragments_are_told() -> None:
    found = boxes(box(b"ftyp"), box(b"moov"), box(b"moof"), box(b"mdat"), box(b"moof"))
    assert found is not None and found.is_fragmented


def test_boxes_of_64_bit_size_and_boxes_that_reach_to_the_end() -> None:
    large = struct.pack(">I4sQ", 1, b"mdat", 16 + 5) + b"12345"
    last = struct.pack(">I4s", 0, b"moov") + b"index"
    found = boxes(box(b"ftyp"), large, last)
    assert found == MovieBoxes((b"ftyp", b"mdat", b"moov"))


def test_other_containers_are_not_looked_into() -> None:
    assert boxes(b"\x1a\x45\xdf\xa3" + bytes(60)) is None
    assert boxes(b"RIFF" + bytes(60)) is None
    assert boxes(b"short") is None


def test_only_heads_of_boxes_are_read() -> None:
    source = CountedBytes(box(b"ftyp") + box(b"mdat", bytes(10**6)) + box(b"moov"))
    movie_boxes(source)
    assert source.bytes_read < 100


FRAGMENTS = (
    box(b"ftyp") + box(b"moov") + (box(b"moof", bytes(100)) + box(b"mdat", bytes(900))) * 500
)
WHOLE_MOOF = len(FRAGMENTS) - 908


@pytest.mark.parametrize(
    ("size", "end"),
    [
        (len(FRAGMENTS), len(FRAGMENTS)),
        (len(FRAGMENTS) - 1, WHOLE_MOOF),
        (WHOLE_MOOF + 5, WHOLE_MOOF),  # within the head of a box
        (WHOLE_MOOF, WHOLE_MOOF),
        (WHOLE_MOOF - 1, WHOLE_MOOF - 108),
    ],
)
def test_fragments_are_followed_without_a_request_of_their_own(size: int, end: int) -> None:
    source = CountedBytes(FRAGMENTS[:size])
    reader = FragmentReader(source)
    while reader.read(32 * 1024):
        pass
    assert reader.end_of_boxes() == end
    assert len(source.requests) == 2 == -(-size // BLOCK)


def test_boxes_that_nobody_read_are_followed_in_the_end() -> None:
    assert FragmentReader(CountedBytes(FRAGMENTS[:-1])).end_of_boxes() == WHOLE_MOOF
