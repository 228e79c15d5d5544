"""Whether containers say that their file goes on where it ends."""

import struct

import pytest

from storyboard_ops.gateways.sampling.file_ends import is_cut_off
from tests.gateways.sampling.counted_bytes import CountedBytes


def told(container: str, body: bytes) -> tuple[bool, bool]:
    """Whether a file is found to be cut off as it is, and without its last byte."""
    return is_cut_off(CountedBytes(body), container), is_cut_off(CountedBytes(body[:-1]), container)


def matroska(size: bytes, body: bytes) -> bytes:
    header = bytes.fromhex("1a45dfa3 84") + b"webm"
    return header + bytes.fromhex("18538067") + size + body


@pytest.mark.parametrize("size", [b"\x8a", b"\x40\x0a", bytes.fromhex("01 00 00 00 00 00 00 0a")])
def test_matroska_knows_the_size_of_its_segment(size: bytes) -> None:
    assert told("matroska,webm", matroska(size, bytes(10))) == (False, True)


@pytest.mark.parametrize("size", [b"\xff", bytes.fromhex("01 ff ff ff ff ff ff ff")])
def test_a_recording_in_matroska_that_was_not_closed_tells_nothing(size: bytes) -> None:
    assert told("matroska,webm", matroska(size, bytes(10))) == (False, False)


def riff(kind: bytes, body: bytes) -> bytes:
    return struct.pack("<4sI", b"RIFF", 4 + len(body)) + kind + body


def test_an_avi_may_be_a_chain() -> None:
    assert told("avi", riff(b"AVI ", bytes(30))) == (False, True)
    assert told("avi", riff(b"AVI ", bytes(31)) + b"\0" + riff(b"AVIX", bytes(20))) == (False, True)
    assert told("avi", riff(b"AVI ", bytes(31))) == (False, True)  # its padding may be left out


def test_an_avi_that_was_not_closed_tells_nothing() -> None:
    assert told("avi", b"RIFF\0\0\0\0AVI " + bytes(30)) == (False, False)


def test_flv_ends_with_the_size_of_its_last_tag() -> None:
    tag = b"\x09" + (20).to_bytes(3) + bytes(7) + bytes(20)
    body = b"FLV\x01\x01" + (9).to_bytes(4) + bytes(4) + (tag + (31).to_bytes(4)) * 2
    assert told("flv", body) == (False, True)
    assert told("flv", body[:-4]) == (True, True)


@pytest.mark.parametrize(("distance", "offset"), [(188, 0), (192, 4), (204, 0)])
def test_transport_packets_are_whole(distance: int, offset: int) -> None:
    packet = bytes(offset) + b"\x47" + bytes(distance - offset - 1)
    assert told("mpegts", packet * 5) == (False, True)


def mxf(footer: int, length: bytes) -> bytes:
    key = bytes.fromhex("060e2b34020501010d01020101 02 04 00")
    return key + length + bytes(2 + 2 + 4 + 8 + 8) + struct.pack(">Q", footer) + bytes(100)


@pytest.mark.parametrize("length", [b"\x20", bytes.fromhex("83000020")])
def test_mxf_knows_where_its_footer_is(length: bytes) -> None:
    size = len(mxf(0, length))
    assert told("mxf", mxf(size - 1, length)) == (False, True)
    assert told("mxf", mxf(0, length)) == (False, False)  # not known when it was written


@pytest.mark.parametrize("container", ["matroska,webm", "avi", "mpegts", "mxf", "ogg"])
def test_what_is_not_understood_is_not_called_cut_off(container: str) -> None:
    assert told(container, b"something else, which is longer than any head") == (False, False)
