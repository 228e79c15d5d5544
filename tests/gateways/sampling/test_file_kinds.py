"""Files without a film are named as what they are."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from storyboard_ops.domain.error_tree import VideoUnreadable
from storyboard_ops.gateways.sampling.index import read_stream
from storyboard_ops.steps.sampling.film_decoder import open_film
from tests.films.film_maker import make_film, numbered
from tests.gateways.sampling.counted_bytes import CountedBytes

X264 = {"g": "12", "x264-params": "log-level=none"}
FRAGMENTS = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
KEYS = {
    "encryption_scheme": "cenc-aes-ctr",
    "encryption_key": "00112233445566778899aabbccddeeff",
    "encryption_kid": "a7e61c373e219033c21091fa607bf3b8",
}


def film(folder: Path, name: str, codec: str = "libx264", **muxing: str) -> bytes:
    options = X264 if codec == "libx264" else {}
    path = make_film(folder / name, 30, codec=codec, options=options, container_options=muxing)
    return path.read_bytes()


def sound(folder: Path) -> bytes:
    """An MXF (OP-Atom) with sound only."""
    path = folder / "sound.mxf"
    with av.open(str(path), "w", format="mxf_opatom") as container:
        stream: Any = container.add_stream("pcm_s16le", rate=48_000, layout="mono")
        for number in range(10):
            silence = np.zeros((1, 1920), np.int16)
            frame = av.AudioFrame.from_ndarray(silence, format="s16", layout="mono")
            frame.rate, frame.pts = 48_000, 1920 * number
            container.mux(stream.encode(frame))
    return path.read_bytes()


def pictures(kind: str, count: int) -> bytes:
    drawn = [Image.fromarray(numbered(number)) for number in range(count)]
    body = io.BytesIO()
    if count == 1:
        drawn[0].save(body, kind)
    else:
        drawn[0].save(body, kind, save_all=True, append_images=drawn[1:], duration=500)
    return body.getvalue()


def segment(folder: Path) -> bytes:
    body = film(folder, "film.mp4", **FRAGMENTS)
    return body[body.index(b"moof") - 4 :]


def initialization(folder: Path) -> bytes:
    body = film(folder, "film.mp4", **FRAGMENTS)
    return body[: body.index(b"moof") - 4]


MPEG_DASH = struct.pack(">I4s4sI4s", 20, b"styp", b"msdh", 0, b"msdh")
NAMED: dict[str, tuple[Callable[[Path], bytes], str]] = {
    "FLV head": (lambda folder: film(folder, "film.flv")[:13], "an FLV file without a picture"),
    "FLV head and facts": (lambda folder: film(folder, "film.flv")[:200], "an FLV file without"),
    "Matroska head": (lambda folder: film(folder, "film.mkv")[:300], "a Matroska or WebM file"),
    "AVI head": (lambda folder: film(folder, "film.avi", "mpeg4")[:4100], "an AVI file without"),
    "Ogg head": (lambda folder: b"OggS" + bytes(100), "an Ogg file without a picture"),
    "MXF head": (lambda folder: sound(folder)[:600], "an MXF file without a picture"),
    "MXF with sound": (sound, "it contains no video (audio only)"),
    "encrypted MP4": (
        lambda folder: film(folder, "film.mp4", **KEYS),
        "its pictures are encrypted (copy protection, scheme cenc)",
    ),
    "encrypted fragments": (
        lambda folder: film(folder, "film.mp4", **KEYS, **FRAGMENTS),
        "its pictures are encrypted (copy protection, scheme cenc)",
    ),
    "segment": (segment, "it is a segment of a fragmented MP4 without its initialization"),
    "DASH segment": (
        lambda folder: MPEG_DASH + segment(folder),
        "it is a segment of a fragmented MP4 without its initialization",
    ),
    "initialization": (initialization, "it is the initialization segment of a fragmented MP4"),
    "animated WebP": (lambda folder: pictures("WEBP", 5), "it is an animated WebP, for which"),
    "ZIP": (lambda folder: b"PK\3\4" + bytes(50), "it is a ZIP archive; upload the films in it"),
    "playlist": (lambda folder: b"#EXTM3U\n#EXT-X-VERSION:3\n", "it is a playlist (HLS)"),
    "manifest": (lambda folder: b'<?xml version="1.0"?>\n<MPD></MPD>', "it is an XML text"),
    "web page": (lambda folder: b"<!DOCTYPE html><html></html>", "it is a web page"),
    "PDF": (lambda folder: b"%PDF-1.7\n" + bytes(40), "it is a PDF; upload a film."),
    "RED": (lambda folder: b"\0\0\1\0RED2" + bytes(400), "it is a RED recording (R3D)"),
    "text": (lambda folder: b"Once upon a time", "it is not a video file: no known container"),
    "short": (lambda folder: b"\0\0\0", "it is not a video file: no known container"),
}


@pytest.mark.parametrize("name", NAMED)
def test_a_file_without_a_film_is_named_as_what_it_is(name: str, tmp_path: Path) -> None:
    make, reason = NAMED[name]
    with pytest.raises(VideoUnreadable) as refused:
        read_stream(CountedBytes(make(tmp_path)))
    assert reason in refused.value.reason


@pytest.mark.parametrize(
    ("kind", "count", "samples"),
    [("WEBP", 1, 1), ("AVIF", 1, 1), ("JPEG2000", 1, 1), ("AVIF", 6, 3), ("GIF", 6, 3)],
)
def test_pictures_that_can_be_decoded_are_a_film(kind: str, count: int, samples: int) -> None:
    """Those that move show each for half a second."""
    decoder = open_film(CountedBytes(pictures(kind, count)))
    assert decoder.clock(Fraction(1)).count == samples
