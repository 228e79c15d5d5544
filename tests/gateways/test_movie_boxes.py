"""The outermost boxes of MP4 and MOV files."""

import struct

from storyboard_ops.gateways.movie_boxes import MovieBoxes, movie_boxes
from tests.gateways.counted_bytes import CountedBytes


def box(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


def boxes(*parts: bytes) -> MovieBoxes | None:
    return movie_boxes(CountedBytes(b"".join(parts)))


def test_a_whole_file_has_its_index() -> None:
    found = boxes(box(b"ftyp", b"isom"), box(b"mdat", b"x" * 100), box(b"moov", b"y" * 20))
    assert found == MovieBoxes((b"ftyp", b"mdat", b"moov"), 12 + 108 + 28)
    assert found.has_index and not found.is_fragmented


def test_a_file_cut_off_in_its_pictures_has_none() -> None:
    found = boxes(box(b"ftyp", b"isom"), box(b"mdat", b"x" * 100)[:50])
    assert found is not None
    assert not found.has_index
    assert found.end == 120


def test_fragments_are_told() -> None:
    found = boxes(box(b"ftyp"), box(b"moov"), box(b"moof"), box(b"mdat"), box(b"moof"))
    assert found is not None and found.is_fragmented


def test_boxes_of_64_bit_size_and_boxes_that_reach_to_the_end() -> None:
    large = struct.pack(">I4sQ", 1, b"mdat", 16 + 5) + b"12345"
    last = struct.pack(">I4s", 0, b"moov") + b"index"
    found = boxes(box(b"ftyp"), large, last)
    assert found == MovieBoxes((b"ftyp", b"mdat", b"moov"), 8 + 21 + 13)


def test_other_containers_are_not_looked_into() -> None:
    assert boxes(b"\x1a\x45\xdf\xa3" + bytes(60)) is None
    assert boxes(b"RIFF" + bytes(60)) is None
    assert boxes(b"short") is None


def test_only_heads_of_boxes_are_read() -> None:
    source = CountedBytes(box(b"ftyp") + box(b"mdat", bytes(10**6)) + box(b"moov"))
    movie_boxes(source)
    assert source.bytes_read < 100
