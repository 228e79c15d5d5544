"""Changes to films at byte level, for what no muxer writes by itself.

Sources: ISO/IEC 14496-12, clauses 8.6.2 (stss) and 8.6.6 (elst); AVI RIFF File Reference (strh).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av


def without_sync_table(path: Path) -> Path:
    """Leave out the list of keyframes of an MP4: then every sample counts as one."""
    body = path.read_bytes()
    assert body.count(b"stss") == 1
    path.write_bytes(body.replace(b"stss", b"free"))
    return path


def without_first_sync(path: Path) -> Path:
    """Leave out the first entry of the list of keyframes of an MP4."""
    body = bytearray(path.read_bytes())
    place = body.index(b"stss") + 8
    (count,) = struct.unpack_from(">I", body, place)
    entries = struct.unpack_from(f">{count}I", body, place + 4)
    assert entries[0] == 1
    struct.pack_into(f">{count + 1}I", body, place, count - 1, *entries[1:], 0)
    path.write_bytes(body)
    return path


def with_edit_at(path: Path, media_time: int) -> Path:
    """Let the one edit of an MP4 begin at a time of its media, in ticks."""
    body = bytearray(path.read_bytes())
    place = body.index(b"elst")
    assert struct.unpack_from(">II", body, place + 4) == (0, 1)
    struct.pack_into(">i", body, place + 16, media_time)
    path.write_bytes(body)
    return path


def with_avi_length(path: Path, chunks: int) -> Path:
    """Let an AVI say that its video has this many chunks, as if empty ones followed."""
    body = bytearray(path.read_bytes())
    struct.pack_into("<I", body, body.index(b"strh") + 8 + 32, chunks)
    path.write_bytes(body)
    return path


def with_keyframes_at(source: Path, path: Path, flagged: frozenset[int]) -> Path:
    """Copy the packets of a film into another container, with these flagged as keyframes."""
    with av.open(str(source)) as film, av.open(str(path), "w") as copy:
        stream = film.streams.video[0]
        copied = copy.add_stream_from_template(stream)
        packets = [packet for packet in film.demux(stream) if packet.size]
        for row, packet in enumerate(packets):
            packet.stream = copied
            packet.is_keyframe = row in flagged
            copy.mux(packet)
    return path


def film_of_packets(
    path: Path,
    bodies: Sequence[bytes],
    ticks: int,
    codec: str = "mjpeg",
    size: tuple[int, int] = (160, 48),
) -> Path:
    """Write coded pictures, all keyframes, each on screen for some fiftieths of a second."""
    with av.open(str(path), "w") as film:
        stream = film.add_stream(codec, rate=Fraction(50, ticks))
        stream.width, stream.height = size
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        for number, body in enumerate(bodies):
            packet = av.Packet(body)
            packet.stream, packet.time_base = stream, Fraction(1, 50)
            packet.pts = packet.dts = number * ticks
            packet.duration, packet.is_keyframe = ticks, True
            film.mux(packet)
    return path


def with_edits(path: Path, edits: Sequence[tuple[int, int]]) -> Path:
    """Give an MP4 these edits, each by its length in milliseconds and its start in ticks, or -1."""
    body = bytearray(path.read_bytes())
    place = body.index(b"elst") - 4
    assert body.index(b"mdat") < place  # so that no offset of a picture changes
    (size,) = struct.unpack_from(">I", body, place)
    entries = b"".join(struct.pack(">IiI", length, start, 0x10000) for length, start in edits)
    box = struct.pack(">I4sII", 16 + len(entries), b"elst", 0, len(edits)) + entries
    for kind in (b"edts", b"trak", b"moov"):
        around = body.rindex(kind, 0, place) - 4
        (total,) = struct.unpack_from(">I", body, around)
        struct.pack_into(">I", body, around, total + len(box) - size)
    body[place : place + size] = box
    path.write_bytes(body)
    return path


#: A coded picture that shows the one before again, as DivX fills the place of a packed one.
NOTHING_NEW = b"\0\0\1\xb6\x50\x4f"


def packed(path: Path) -> list[bytes]:
    """The packets of an MPEG-4 film with single B-frames, each packed with the picture before."""
    with av.open(str(path)) as film:
        coded = [bytes(packet) for packet in film.demux(video=0) if packet.size]
    starts = [body.index(b"\0\0\1\xb6") for body in coded]
    is_b = [body[start + 4] >> 6 == 2 for body, start in zip(coded, starts, strict=True)]
    mark = b"\0\0\1\xb2DivX503b1393p"
    coded[0] = coded[0][: starts[0]] + mark + coded[0][starts[0] :]
    followed_by_b = [*is_b[1:], False]
    return [
        NOTHING_NEW if b else body + coded[row + 1] * followed
        for row, (body, b, followed) in enumerate(zip(coded, is_b, followed_by_b, strict=True))
    ]
