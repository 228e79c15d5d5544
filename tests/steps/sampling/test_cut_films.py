"""Films whose recording or upload was cut off: what is there is sampled, its end is told."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from storyboard_ops.domain.error_tree import VideoUnreadable
from storyboard_ops.steps.sampling.film_decoder import FilmDecoder, open_film
from tests.films.film_maker import HEIGHT, WIDTH, make_film, number_in, numbered
from tests.gateways.sampling.counted_bytes import CountedBytes

PICTURES, RATE = 250, 25


class Kind(NamedTuple):
    """A container, and the codec that its films are in here."""

    name: str
    codec: str = "libx264"
    muxing: dict[str, str] = {}
    length: str = ""  # how long the whole film is, as far as the container says


FRAGMENTS = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
KINDS = {
    "MP4": Kind("film.mp4", muxing={"movflags": "faststart"}, length=" of 10.00 s"),
    "fragmented MP4": Kind("film.mp4", muxing=FRAGMENTS),
    "Matroska": Kind("film.mkv", length=" of 10.00 s"),
    "WebM": Kind("film.webm", "libvpx", length=" of 10.00 s"),
    "AVI": Kind("film.avi", "mpeg4"),
    "FLV": Kind("film.flv"),
    "MPEG-TS": Kind("film.ts"),
    "MXF": Kind("film.mxf", "mpeg2video", length=" of 10.00 s"),
}
OPTIONS = {
    "libx264": {"g": "12", "bf": "2", "x264-params": "scenecut=0:log-level=none"},
    "libvpx": {"g": "12", "deadline": "realtime"},
    "mpeg4": {"g": "12"},
    "mpeg2video": {"g": "12", "bf": "2"},
}


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


@pytest.fixture(scope="module")
def body(kind: Kind, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return film(kind, tmp_path_factory.mktemp("films"))


def film(kind: Kind, folder: Path) -> bytes:
    """Ten seconds, 250 numbered pictures."""
    path = make_film(
        folder / kind.name,
        PICTURES,
        codec=kind.codec,
        options=OPTIONS[kind.codec],
        container_options=kind.muxing,
        picture=noisy,
    )
    return path.read_bytes()


def noisy(number: int) -> np.ndarray:
    """A numbered picture that takes more bytes than the container around it."""
    noise = np.random.default_rng(number).integers(-40, 41, (HEIGHT, WIDTH, 1))
    return (numbered(number) + noise).clip(0, 255).astype(np.uint8)


def numbers(decoder: FilmDecoder, interval: Fraction = Fraction(1)) -> list[int]:
    clock = decoder.clock(interval)
    return [number_in(sample.picture) for sample in decoder.samples(clock, 0, clock.count)]


def test_a_whole_film_has_lost_nothing(body: bytes) -> None:
    decoder = open_film(CountedBytes(body))
    assert decoder.index.lost == ""
    assert numbers(decoder) == list(range(0, PICTURES, RATE))


@pytest.mark.parametrize("percent", [35, 60, 61, 85])
def test_what_is_there_is_sampled_and_where_it_ends_is_told(
    kind: Kind, body: bytes, percent: int
) -> None:
    there = body[: len(body) * percent // 100]
    decoder = open_film(CountedBytes(there))
    shown = numbers(decoder, Fraction(1, RATE))
    assert decoder.index.lost.startswith("cut off at ")
    seconds = float(decoder.index.lost.split()[3])
    assert seconds == pytest.approx(len(shown) / RATE)
    assert f"s{kind.length}: the file ends after {len(there)} bytes" in decoder.index.lost
    assert seconds == pytest.approx(10 * percent / 100, abs=1.5)


def test_a_fragment_without_its_whole_table_is_left_out(tmp_path: Path) -> None:
    """Libav alone would refuse the film. Every fragment holds a GOP of 12 pictures."""
    body = film(KINDS["fragmented MP4"], tmp_path)
    table = body.rindex(b"moof") - 4
    decoder = open_film(CountedBytes(body[: table + 200]))
    assert numbers(decoder, Fraction(1, RATE)) == list(range(240))
    assert decoder.index.lost == (
        f"cut off at 9.60 s: the file ends after {table + 200} bytes, its container does not"
    )


def test_an_mp4_whose_index_is_cut_off_is_refused_by_that_name(tmp_path: Path) -> None:
    body = film(Kind("film.mp4"), tmp_path)
    assert body.index(b"moov") > body.index(b"mdat")
    with pytest.raises(VideoUnreadable, match=r"its index \(the moov box\) is missing"):
        open_film(CountedBytes(body[:-1]))
