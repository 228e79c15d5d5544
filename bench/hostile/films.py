"""Films of a few hundred bytes that declare absurd things. Source: ISO/IEC 14496-12."""

from __future__ import annotations

import struct
import zlib

#: The largest number of 32 bits.
ALL = 2**32 - 1
_UNITY = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def numbers(*values: int) -> bytes:
    """Encode 32-bit numbers."""
    return struct.pack(f">{len(values)}I", *values)


def box(kind: bytes, *content: bytes) -> bytes:
    """Make a box."""
    body = b"".join(content)
    return numbers(8 + len(body)) + kind + body


def full(kind: bytes, *content: bytes) -> bytes:
    """Make a box with version and flags, both 0."""
    return box(kind, bytes(4), *content)


ONE_SIZE, ONE_TIME = full(b"stsz", numbers(0, 1, 10)), full(b"stts", numbers(1, 1, 40))
NO_SIZE, NO_TIME = full(b"stsz", numbers(0, 0)), full(b"stts", numbers(0))


def track(
    sizes: bytes = ONE_SIZE,
    times: bytes = ONE_TIME,
    *more: bytes,
    width: int = 64,
    height: int = 64,
    per_chunk: int = 1,
    chunks: int = 1,
    edits: bytes = b"",
    handler: bytes = b"vide",
) -> bytes:
    """Make a track of MPEG-4 pictures, or of PCM sound for the handler ``soun``."""
    picture = box(
        *(b"mp4v", bytes(6), b"\0\1", bytes(16), struct.pack(">HH", width, height)),
        *(numbers(0x480000, 0x480000, 0), b"\0\1", bytes(32), b"\0\x18\xff\xff"),
    )
    sound = box(
        *(b"sowt", bytes(6), b"\0\1", bytes(8), b"\0\2\0\x10", bytes(4), numbers(48_000 << 16))
    )
    entry = picture if handler == b"vide" else sound
    media_head = full(b"vmhd", bytes(8)) if handler == b"vide" else full(b"smhd", bytes(4))
    tables = box(
        *(b"stbl", full(b"stsd", numbers(1), entry), sizes, times, *more),
        full(b"stsc", numbers(1, 1, per_chunk, 1)),
        full(b"stco", numbers(chunks), numbers(100) * chunks),
    )
    source = box(b"dinf", full(b"dref", numbers(1), full(b"url ")))
    size = numbers(width << 16, height << 16)
    return box(
        b"trak",
        full(b"tkhd", numbers(0, 0, 1, 0, 1000), bytes(16), _UNITY, size),
        edits and box(b"edts", edits),
        box(
            b"mdia",
            full(b"mdhd", numbers(0, 0, 1000, 1000, 0)),
            full(b"hdlr", numbers(0), handler, bytes(13)),
            box(b"minf", media_head, source, tables),
        ),
    )


def movie(*tracks: bytes, after: bytes = b"", fragments: bytes = b"", data: int = 1000) -> bytes:
    """Make an MP4 with ``data`` bytes of pictures, which are zeros."""
    head = full(
        b"mvhd", numbers(0, 0, 1000, 1000, 0x10000), bytes(12), _UNITY, bytes(24), numbers(2)
    )
    kind = box(b"ftyp", b"isom", bytes(4), b"isom")
    return kind + box(b"moov", head, *tracks, after) + fragments + box(b"mdat", bytes(data))


def constant(count: int, size: int = 1) -> bytes:
    """Make a film that declares ``count`` pictures of one size in twelve bytes."""
    times = full(b"stts", numbers(1, count, 1))
    return movie(track(full(b"stsz", numbers(size, count)), times, per_chunk=count))


def edited(edits: int, pictures: int) -> bytes:
    """Make a film whose edit list shows all of its pictures many times."""
    times = full(b"stts", numbers(1, pictures, 1))
    entries = full(b"elst", numbers(edits), numbers(pictures, 0, 0x10000) * edits)
    sizes = full(b"stsz", numbers(1, pictures))
    return movie(track(sizes, times, per_chunk=pictures, edits=entries))


def fragmented(*counts: int) -> bytes:
    """Make a film whose fragments declare pictures without a byte for each."""
    empty = track(NO_SIZE, NO_TIME, per_chunk=0, chunks=0)
    defaults = box(b"mvex", full(b"trex", numbers(1, 1, 1, 1, 0)))
    runs = [box(b"traf", full(b"tfhd", numbers(1)), full(b"trun", numbers(n))) for n in counts]
    fragments = [box(b"moof", full(b"mfhd", numbers(1)), run) for run in runs]
    return movie(empty, after=defaults, fragments=b"".join(fragments))


def sound_in_chunks(samples: int, chunks: int) -> bytes:
    """Make a film whose sound has many samples in each of many chunks."""
    sizes, times = full(b"stsz", numbers(4, ALL)), full(b"stts", numbers(1, ALL, 1))
    sound = track(sizes, times, handler=b"soun", per_chunk=samples, chunks=chunks)
    return movie(track(), sound)


def compressed(size: int) -> bytes:
    """Make a QuickTime film whose description is compressed zeros."""
    packer = zlib.compressobj(9)
    zeros = bytes(1 << 20)
    packed = b"".join(packer.compress(zeros) for _ in range(size >> 20)) + packer.flush()
    content = box(b"cmov", box(b"dcom", b"zlib"), box(b"cmvd", numbers(size), packed))
    kind = box(b"ftyp", b"qt  ", bytes(4), b"qt  ")
    return kind + box(b"moov", content) + box(b"mdat", bytes(1000))


def nested(levels: int) -> bytes:
    """Make a film with boxes in boxes."""
    inner = b""
    for _ in range(levels):
        inner = box(b"udta", inner)
    return movie(track(), after=inner)


def element(kind: bytes, content: bytes) -> bytes:
    """Make an element of Matroska (RFC 8794)."""
    return kind + (1 << 56 | len(content)).to_bytes(8) + content


def matroska(blocks: int) -> bytes:
    """Make a Matroska film of many pictures of two bytes each, 30 a second."""
    per_cluster = 900
    cluster = b"".join(
        b"\xa3\x86\x81" + struct.pack(">h", number * 33) + b"\x80\0\0"
        for number in range(per_cluster)
    )
    body = b"".join(
        element(b"\x1f\x43\xb6\x75", element(b"\xe7", (place * 33).to_bytes(5)) + cluster)
        for place in range(0, blocks, per_cluster)
    )
    return _in_container(b"V_MPEG4/ISO/ASP", body)


def of_pictures(*jpegs: bytes) -> bytes:
    """Make a Matroska film of JPEG pictures, one a second, which says that they are small."""
    blocks = (
        element(b"\xa3", b"\x81" + struct.pack(">h", number * 1000) + b"\x80" + picture)
        for number, picture in enumerate(jpegs)
    )
    cluster = element(b"\x1f\x43\xb6\x75", element(b"\xe7", b"\0") + b"".join(blocks))
    return _in_container(b"V_MJPEG", cluster)


def _in_container(codec: bytes, body: bytes) -> bytes:
    size = element(b"\xb0", b"\x40") + element(b"\xba", b"\x40")
    entry = (
        *(element(b"\xd7", b"\1"), element(b"\x73\xc5", b"\1"), element(b"\x83", b"\1")),
        *(element(b"\x86", codec), element(b"\xe0", size)),
    )
    info = element(b"\x15\x49\xa9\x66", element(b"\x2a\xd7\xb1", (1_000_000).to_bytes(4)))
    tracks = element(b"\x16\x54\xae\x6b", element(b"\xae", b"".join(entry)))
    head = element(b"\x1a\x45\xdf\xa3", element(b"\x42\x82", b"matroska"))
    return head + element(b"\x18\x53\x80\x67", info + tracks + body)
