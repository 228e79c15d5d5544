"""Judge the tables of an MP4 or MOV file before libav builds its index from them.

A table may declare four billion samples in twenty bytes, and an edit list may repeat them: libav
allocates what is declared. The tables are searched by name in all of the file's description, as
libav finds them wherever they are. Source: ISO/IEC 14496-12, clauses 8.6 to 8.8; for compressed
descriptions (cmov), QuickTime File Format, "Compressed Movie Resources".
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator

import numpy as np

from storyboard_ops.domain.error_tree import VideoUnreadable
from storyboard_ops.domain.input_limits import (
    MOST_CONTAINER_SAMPLES,
    MOST_EDITED_SAMPLES,
    MOST_MOVIE_HEAD,
    MOST_TRACK_SAMPLES,
    MOST_TRACKS,
)

#: Boxes whose content libav does not read.
UNREAD = frozenset({b"mdat", b"free", b"skip", b"wide", b"uuid"})
_TABLE = re.compile(rb"stsz|stz2|stts|stsc|stco|co64|elst|trun|hdlr|cmvd")
#: The entry of an encrypted video track in its list of descriptions.
_ENCRYPTED = re.compile(rb"stsd.{12}(encv|drmi)", re.DOTALL)
_TRACK = re.compile(rb"trak")
#: libav indexes sound of constant sample size by this many samples.
_SOUND_STEP = 1024
#: Flags of a trun box whose samples have fields of their own.
_OWN_FIELDS = 0xF00


def judge_tables(uri: str, head: bytes) -> None:
    """Raise VideoUnreadable when a film's description declares more than a film can have.

    ``head``: the boxes of the file that libav reads, e.g. ``moov``, one after the other.
    """
    for inflated in _inflated(uri, head):
        judge_tables(uri, inflated)
    places = [found.start() for found in _TRACK.finditer(head)]
    if len(places) > MOST_TRACKS:
        raise VideoUnreadable(
            uri,
            f"it has {len(places):,} tracks; at most {MOST_TRACKS} are read. Export it with its "
            "picture and sound only.",
        )
    total = 0
    for first, end in zip([0, *places], [*places, len(head)], strict=True):
        total += _judged_samples(uri, head[first:end])
    if total > MOST_CONTAINER_SAMPLES:
        raise _too_many(uri, total, MOST_CONTAINER_SAMPLES)


def judge_encryption(uri: str, head: bytes) -> None:
    """Raise VideoUnreadable when the pictures are encrypted (ISO/IEC 23001-7, or FairPlay)."""
    found = _ENCRYPTED.search(head)
    if found is None:
        return
    scheme = re.search(rb"schm....(....)", head[found.start() :], re.DOTALL)
    name = scheme[1].decode("ascii", "replace") if scheme else "FairPlay"
    raise VideoUnreadable(
        uri,
        f"its pictures are encrypted (copy protection, scheme {name}); upload a version without "
        "encryption.",
    )


def count_fragment_samples(body: bytes) -> int:
    """Return how many samples fragments declare without a byte for each; normally few."""
    return sum(
        _number(body, place + 8)
        for place in _places(body, b"trun")
        if not _number(body, place + 4) & _OWN_FIELDS and _number(body, place - 4) < 1024
    )


def judge_fragments(uri: str, samples: int) -> None:
    """Raise VideoUnreadable when fragments have declared more samples than a film can have."""
    if samples > MOST_TRACK_SAMPLES:
        raise _too_many(uri, samples, MOST_TRACK_SAMPLES)


def _judged_samples(uri: str, track: bytes) -> int:
    """Return how many index entries libav makes for a track, or for what is in no track."""
    tables: dict[bytes, list[int]] = {}
    for found in _TABLE.finditer(track):
        tables.setdefault(found[0], []).append(found.start())
    sizes = [*tables.get(b"stsz", ()), *tables.get(b"stz2", ())]
    samples = max((_number(track, place + 12) for place in sizes), default=0)
    if _is_plain_sound(track, tables):
        samples = _sound_entries(track, tables)
    samples += count_fragment_samples(track)
    if samples > MOST_TRACK_SAMPLES:
        raise _too_many(uri, samples, MOST_TRACK_SAMPLES)
    edits = sum(_number(track, place + 8) for place in tables.get(b"elst", ()))
    if edits * samples > MOST_EDITED_SAMPLES:
        raise VideoUnreadable(
            uri,
            f"its edit list has {edits:,} entries for {samples:,} pictures; at most "
            f"{MOST_EDITED_SAMPLES:,} are read in all. Export the film without an edit list.",
        )
    return samples


def _is_plain_sound(track: bytes, tables: dict[bytes, list[int]]) -> bool:
    """Return whether libav indexes a track by chunks: PCM, whose samples last one tick each."""
    kinds = {track[place + 12 : place + 16] for place in tables.get(b"hdlr", ())}
    times = tables.get(b"stts", [])
    if b"soun" not in kinds or b"vide" in kinds or len(times) != 1:
        return False
    return _number(track, times[0] + 8) == _number(track, times[0] + 16) == 1


def _sound_entries(track: bytes, tables: dict[bytes, list[int]]) -> int:
    chunks = max(
        (_number(track, p + 8) for p in [*tables.get(b"stco", ()), *tables.get(b"co64", ())]),
        default=0,
    )
    largest = max((_largest_chunk(track, place) for place in tables.get(b"stsc", ())), default=0)
    return chunks * -(-largest // _SOUND_STEP)


def _largest_chunk(track: bytes, place: int) -> int:
    """Return the most samples per chunk in an ``stsc`` table of (chunk, samples, description)."""
    size = min(3 * 4 * _number(track, place + 8), len(track) - place - 12)
    numbers = np.frombuffer(track[place + 12 : place + 12 + size - size % 12], dtype=">u4")
    return int(numbers[1::3].max(initial=0))


def _inflated(uri: str, head: bytes) -> Iterator[bytes]:
    """Yield the content of compressed descriptions, which is bounded like any other."""
    for place in _places(head, b"cmvd"):
        declared = _number(head, place + 4)
        if declared <= MOST_MOVIE_HEAD:
            try:
                yield zlib.decompressobj().decompress(head[place + 8 :], MOST_MOVIE_HEAD)
            except zlib.error:
                continue
        else:
            raise head_too_long(uri, declared)


def _places(body: bytes, kind: bytes) -> Iterator[int]:
    place = body.find(kind)
    while place >= 0:
        yield place
        place = body.find(kind, place + 4)


def _number(body: bytes, place: int) -> int:
    """Return a 32-bit number; 0 outside the body."""
    if place < 0 or place + 4 > len(body):
        return 0
    number: int = struct.unpack_from(">I", body, place)[0]
    return number


def head_too_long(uri: str, size: int) -> VideoUnreadable:
    """Return the error for a film whose description exceeds MOST_MOVIE_HEAD."""
    return VideoUnreadable(
        uri,
        f"its description (the moov box) has {size:,} bytes; at most {MOST_MOVIE_HEAD:,} are read. "
        "Split the film.",
    )


def _too_many(uri: str, samples: int, most: int) -> VideoUnreadable:
    return VideoUnreadable(
        uri,
        f"it declares {samples:,} pictures or pieces of sound; at most {most:,} are read. Split "
        "the film, or export it again.",
    )
