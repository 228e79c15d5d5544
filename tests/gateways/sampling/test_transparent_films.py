"""Films with an alpha channel are laid on one neutral ground, and their records say so."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
import pytest

from storyboard_ops.cli.frames import write_frames
from storyboard_ops.core.pictures.ground import GROUND
from storyboard_ops.steps.sampling.film_decoder import Sample, open_film
from tests.films.film_files import film_bytes

RED = (200, 40, 40)


class Kind(NamedTuple):
    """How a film with alpha is coded."""

    name: str
    codec: str
    pixels: str
    options: dict[str, str] = {}


KINDS = {
    "ProRes 4444": Kind("film.mov", "prores_ks", "yuva444p10le"),
    "ProRes 4444, BT.2020 PQ": Kind(
        "film.mov", "prores_ks", "yuva444p10le", {"color_trc": "smpte2084"}
    ),
    "QuickTime Animation": Kind("film.mov", "qtrle", "argb", {"g": "12"}),
    "QuickTime PNG": Kind("film.mov", "png", "rgba"),
    "CineForm": Kind("film.mov", "cfhd", "gbrap12le"),
    "raw": Kind("film.mov", "rawvideo", "argb"),
    "VP9": Kind("film.webm", "libvpx-vp9", "yuva420p", {"auto-alt-ref": "0", "g": "12"}),
    "VP8": Kind("film.webm", "libvpx", "yuva420p", {"auto-alt-ref": "0", "g": "12"}),
    "FFV1": Kind("film.mkv", "ffv1", "bgra", {"g": "12"}),
    "FFV1, YCbCr": Kind("film.mkv", "ffv1", "yuva444p"),
    "FFVHUFF": Kind("film.avi", "ffvhuff", "bgra"),
    "Ut Video": Kind("film.avi", "utvideo", "gbrap"),
    "APNG": Kind("film.apng", "apng", "rgba"),
}


def cut_out(number: int, hidden: tuple[int, int, int]) -> np.ndarray:
    """A red figure that moves, RGBA; its shadow is half transparent, its ground wholly."""
    picture = np.zeros((48, 160, 4), np.uint8)
    picture[..., :3] = hidden
    left = 20 + number
    picture[8:40, left : left + 40] = (*RED, 255)
    picture[8:40, left + 40 : left + 80] = (*RED, 128)
    return picture


def film(folder: Path, kind: Kind, hidden: tuple[int, int, int], alpha: bool = True) -> Path:
    path = folder / kind.name
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(kind.codec, rate=25, options=kind.options)
        stream.width, stream.height, stream.pix_fmt = 160, 48, kind.pixels
        for number in range(30):
            picture = cut_out(number, hidden)
            if not alpha:
                picture[..., 3] = 255
            frame = av.VideoFrame.from_ndarray(picture, format="rgba")
            frame = frame.reformat(format=kind.pixels)
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def sampled(path: Path) -> list[Sample]:
    decoder = open_film(film_bytes(path))
    clock = decoder.clock(Fraction(1, 5))
    return list(decoder.samples(clock, 0, clock.count))


@pytest.mark.parametrize("hidden", [(0, 0, 0), (0, 255, 0)], ids=["black", "green"])
@pytest.mark.parametrize("kind", KINDS)
def test_transparent_parts_show_the_ground(
    kind: str, hidden: tuple[int, int, int], tmp_path: Path
) -> None:
    samples = sampled(film(tmp_path, KINDS[kind], hidden))
    assert len(samples) == 6
    for sample in samples:
        left = 20 + 5 * sample.k
        ground, figure, shadow = (
            sample.picture[20, column].astype(int) for column in (2, left + 20, left + 60)
        )
        assert sample.transparent
        assert np.abs(ground - GROUND).max() <= 2
        assert np.abs(shadow - (figure + GROUND) / 2).max() <= 4
        if "PQ" not in kind:
            assert np.abs(figure - RED).max() <= 8


@pytest.mark.parametrize("kind", ["ProRes 4444", "FFV1", "VP9"])
def test_an_alpha_channel_that_hides_nothing_is_not_mentioned(kind: str, tmp_path: Path) -> None:
    samples = sampled(film(tmp_path, KINDS[kind], (0, 255, 0), alpha=False))
    assert [sample.transparent for sample in samples] == [False] * 6
    assert np.abs(samples[0].picture[2, 2].astype(int) - (0, 255, 0)).max() <= 4


def test_the_records_of_frames_say_that_a_ground_was_added(tmp_path: Path) -> None:
    path = film(tmp_path, KINDS["QuickTime Animation"], (0, 0, 0))
    frames = write_frames(str(path), Fraction(1), tmp_path / "frames")
    assert [frame.transparent for frame in frames] == [True, True]
    assert '"transparent":2' in (tmp_path / "frames/manifest.jsonl").read_text().replace(" ", "")
