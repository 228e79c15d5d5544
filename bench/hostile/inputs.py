"""Hostile inputs, made by code: none is larger than needed, and none may cost much to refuse."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from bench.hostile import films

#: What reads an input, see ``bench.hostile.measure``.
Reader = str


@dataclass(frozen=True)
class HostileInput:
    """An input, what reads it, and a part of the message that refuses it."""

    name: str
    reader: Reader
    make: Callable[[], bytes]
    refused: str


def billion_laughs() -> bytes:
    """Nine levels of nine aliases: 9^9 texts."""
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)]
    return "".join(lines).encode()


def chunk(kind: bytes, content: bytes) -> bytes:
    """Make a chunk of a PNG."""
    size, checksum = struct.pack(">I", len(content)), zlib.crc32(kind + content)
    return size + kind + content + struct.pack(">I", checksum)


def png(width: int, height: int, *more: bytes, depth: int = 1) -> bytes:
    """Make a black, grey PNG with further chunks before its pixels."""
    packer = zlib.compressobj(9)
    row = bytes(1 + (width * depth + 7) // 8)
    pixels = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0))
    end = chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return b"".join([b"\x89PNG\r\n\x1a\n", head, *more, end])


def two_headers() -> bytes:
    """A PNG of 20,000 x 20,000 pixels that other readers take for one of 64 x 64."""
    return png(20_000, 20_000)[:33] + png(64, 64)[8:]


def texts(count: int) -> bytes:
    """A PNG with compressed texts of 8 MB each."""
    text = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(7_900_000), 9))
    return png(64, 64, *[text] * count)


def scans(count: int) -> bytes:
    """A progressive JPEG whose last scan is repeated."""
    file = io.BytesIO()
    Image.new("RGB", (8_000, 8_000)).save(file, "JPEG", progressive=True)
    whole = file.getvalue()
    last = whole.rindex(b"\xff\xda")
    return whole[:last] + whole[last:-2] * count + whole[-2:]


def jpeg(side: int) -> bytes:
    """A black JPEG."""
    file = io.BytesIO()
    Image.new("RGB", (side, side)).save(file, "JPEG")
    return file.getvalue()


def packed_index() -> bytes:
    """An index of packets whose columns are compressed zeros, 2 GB of them."""
    columns = io.BytesIO()
    np.savez_compressed(columns, pts=np.zeros(80_000_000, np.int64))
    return b'{"time_base": "1/25"}\n' + columns.getvalue()


INPUTS = (
    HostileInput("YAML: aliases of aliases", "yaml", billion_laughs, "aliases"),
    HostileInput("YAML: 100,000 nested lists", "yaml", lambda: b"[" * 100_000, "deeper than 64"),
    HostileInput("YAML: 100,000 block lists", "yaml", lambda: b"- " * 100_000, "deeper than 64"),
    HostileInput("YAML: 256 KiB of faults", "production", lambda: b"[" + b"{}," * 87_000 + b"]",
                 "not valid"),
    HostileInput("YAML: unknown fields", "production",
                 lambda: b"".join(b"k%d: 1\n" % n for n in range(20_000)), "and 19,9"),
    HostileInput("YAML: 1 MB", "yaml", lambda: b"#" * 1_000_000, "more than 262,144 bytes"),
    HostileInput("YAML: number of 100,000 digits", "yaml", lambda: b"9" * 100_000, "400 digits"),
    HostileInput("JSON: 4 million nested lists", "json", lambda: b"[" * 4_000_000, "nested deeper"),
    HostileInput("JSON: 1 million nested objects", "json", lambda: b'{"a":' * 1_000_000,
                 "nested deeper"),
    HostileInput("JSON: 900 nested lists", "json", lambda: b"[" * 900 + b"]" * 900,
                 "nested deeper"),
    HostileInput("JSON: number of 8 million digits", "json", lambda: b"9" * 8_000_000,
                 "out of range"),
    HostileInput("JSON: 100 MB", "json", lambda: b" " * 100_000_000, "more than 8,388,608"),
    HostileInput("record: 2.7 million wrong fields", "record",
                 lambda: b'{"count": [' + b"{}," * 2_700_000 + b"{}]}", "more than 500,000 values"),
    HostileInput("answers: 4 million wrong decisions", "answers",
                 lambda: b"[" + b"0," * 4_000_000 + b"0]", "cannot be read"),
    HostileInput("answers: nested lists", "answers", lambda: b"[" * 100_000, "cannot be read"),
    HostileInput("index: 640 MB of zeros", "index", packed_index, "damaged"),
    HostileInput("PNG: 30,000 x 30,000", "picture", lambda: png(30_000, 30_000),
                 "30,000 x 30,000"),
    HostileInput("PNG: 1 x 1,000,000", "picture", lambda: png(1, 1_000_000), "1 x 1,000,000"),
    HostileInput("PNG: two headers", "picture", two_headers, "20,000 x 20,000"),
    HostileInput("PNG: 900 compressed texts", "picture", lambda: texts(900), "compressed texts"),
    HostileInput("JPEG: 500 scans", "picture", lambda: scans(500), "scans"),
    HostileInput("JPEG: 4 million segments", "picture",
                 lambda: b"\xff\xd8" + b"\xff\xfe\0\2" * 4_000_000, "1,000 parts"),
    HostileInput("film: 4 billion pictures", "film", lambda: films.constant(films.ALL),
                 "4,294,967,295"),
    HostileInput("film: 50 million pictures", "film", lambda: films.constant(50_000_000),
                 "50,000,000"),
    HostileInput("film: 10,000 edits of 100,000 pictures", "film",
                 lambda: films.edited(10_000, 100_000), "edit list"),
    HostileInput("film: fragment of 4 billion pictures", "film",
                 lambda: films.fragmented(films.ALL), "4,294,967,295"),
    HostileInput("film: 40 fragments of 1 million", "film",
                 lambda: films.fragmented(*[1_000_000] * 40), "40,000,000"),
    HostileInput("film: sound in absurd chunks", "film",
                 lambda: films.sound_in_chunks(2**31, 20), "41,943,040"),
    HostileInput("film: 2 GB of compressed description", "film",
                 lambda: films.compressed(2_000_000_000), "2,000,000,000 bytes"),
    HostileInput("film: 10,000 tracks", "film", lambda: films.movie(films.track() * 10_000),
                 "10,000 tracks"),
    HostileInput("film: 10,000 nested boxes", "film", lambda: films.nested(10_000),
                 "not a video file"),
    HostileInput("film: 2.7 million tiny pictures", "film", lambda: films.matroska(2_700_000),
                 "more than 2,600,000"),
    HostileInput("film: 9,000 x 9,000", "film", lambda: films.of_pictures(jpeg(9_000)),
                 "9,000 x 9,000"),
)  # fmt: skip
