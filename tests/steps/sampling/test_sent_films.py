"""Films as people send them: clocks, flags and fields that containers describe in other ways.

Every picture carries its number, so the right one is known without a decoder; where a picture must
be exact, it is compared with a full decode.
"""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from storyboard_ops.steps.sampling.film_decoder import Sample, open_film
from tests.films.field_film import field_units
from tests.films.film_files import film_bytes
from tests.films.film_maker import make_film, number_in, numbered
from tests.films.film_surgery import (
    film_of_packets,
    packed,
    with_avi_length,
    with_edit_at,
    with_edits,
    with_keyframes_at,
    without_first_sync,
    without_sync_table,
)
from tests.films.full_decode import full_decode

X264 = {"g": "12", "bf": "2", "x264-params": "scenecut=0:log-level=none"}


def sampled(path: Path, interval: Fraction = Fraction(1)) -> list[Sample]:
    decoder = open_film(film_bytes(path))
    clock = decoder.clock(interval)
    return list(decoder.samples(clock, 0, clock.count))


def numbers(path: Path, interval: Fraction = Fraction(1)) -> list[int]:
    return [number_in(sample.picture) for sample in sampled(path, interval)]


def shown_at(times: list[int], rate: int, interval: Fraction) -> list[int]:
    """The picture on screen at each sample; the last one stays for a tick."""
    step = interval * rate
    samples = range(-(-(times[-1] + 1 - times[0]) // step))
    return [bisect_right(times, times[0] + k * step) - 1 for k in samples]


def moving(number: int) -> np.ndarray:
    """Noise that wanders, so that pictures are predicted from others."""
    noise = np.random.default_rng(0).integers(0, 256, (48, 160, 3), dtype=np.uint8)
    return np.roll(noise, number, axis=1)


def assert_equals_full_decode(path: Path, interval: Fraction) -> None:
    samples, expected = sampled(path, interval), full_decode(path, interval)
    assert [sample.pts for sample in samples] == [one.pts for one in expected]
    for sample, one in zip(samples, expected, strict=True):
        assert np.array_equal(sample.picture, one.picture), sample.k


class Recording(NamedTuple):
    """An AVI, and the chunks in which it has a picture; the others are empty."""

    codec: str
    times: list[int]
    rate: int = 25
    options: dict[str, str] = {}
    pixels: str = "yuv420p"


WITH_B = {"g": "12", "bf": "2"}
DROPPED = [time for time in range(120) if time not in (29, 30, 31, 60, 90, 91)]
AVI = {
    "screen recording that stands still for 13 s": Recording(
        "mjpeg", [*range(160), *range(485, 650)], pixels="yuvj420p"
    ),
    "half rate": Recording("ffvhuff", list(range(0, 1_000, 2))),
    "a picture a second, chunks of a millisecond": Recording(
        "mjpeg", [0, 990, 2_010, 3_000, 3_990, 5_040], rate=1_000, pixels="yuvj420p"
    ),
    "Xvid with B-frames": Recording("mpeg4", DROPPED, rate=30, options=WITH_B),
    "MPEG-4 without B-frames": Recording("mpeg4", DROPPED, rate=30, options={"g": "12"}),
    "H.264 with B-frames": Recording("libx264", DROPPED, rate=30, options=X264),
    "H.264 without": Recording("libx264", DROPPED, options={**X264, "bf": "0"}),
    "every third chunk with B-frames": Recording("mpeg4", list(range(0, 300, 3)), 30, WITH_B),
    "DivX 3": Recording("msmpeg4", DROPPED, options={"g": "12"}),
    "Cinepak": Recording("cinepak", list(range(0, 60, 4)), pixels="rgb24"),
    "MPEG-2": Recording("mpeg2video", DROPPED, options=WITH_B),
    "nothing dropped": Recording("mpeg4", list(range(100)), options=WITH_B),
}


@pytest.fixture(params=AVI)
def recording(request: pytest.FixtureRequest) -> Recording:
    return AVI[request.param]


def avi(recording: Recording, folder: Path) -> Path:
    return make_film(
        folder / "film.avi",
        times=recording.times,
        codec=recording.codec,
        rate=recording.rate,
        options=recording.options,
        pixels=recording.pixels,
    )


def test_empty_chunks_of_an_avi_keep_the_picture_before_on_screen(
    recording: Recording, tmp_path: Path
) -> None:
    path = avi(recording, tmp_path)
    for interval in (Fraction(1), Fraction(1, 3)):
        assert numbers(path, interval) == shown_at(recording.times, recording.rate, interval)
    assert open_film(film_bytes(path)).index.lost == ""


def test_an_avi_that_ends_with_empty_chunks_is_not_cut_off(tmp_path: Path) -> None:
    path = with_avi_length(avi(AVI["nothing dropped"], tmp_path), 600)
    assert numbers(path) == [0, 25, 50, 75]
    assert open_film(film_bytes(path)).index.lost == ""


def test_packed_b_frames_of_divx_are_shown_in_their_own_time(tmp_path: Path) -> None:
    options = {"g": "20", "bf": "1", "b_strategy": "0", "sc_threshold": "1000000000"}
    source = make_film(tmp_path / "source.avi", 61, codec="mpeg4", options=options)
    path = film_of_packets(tmp_path / "film.avi", packed(source), 2, "mpeg4")
    assert numbers(path) == [0, 25, 50]
    assert numbers(path, Fraction(1, 5)) == list(range(0, 61, 5))


def in_fields(name: str, folder: Path, *, pairs: bool) -> Path:
    """75 pictures, coded as fields; ``pairs``: both fields of a picture are in one packet."""
    units = field_units(75)
    bodies = [one + two for one, two in zip(units[::2], units[1::2], strict=True)]
    if pairs:
        return film_of_packets(folder / name, bodies, 2, "libx264", (160, 64))
    return film_of_packets(folder / name, units, 1, "libx264", (160, 64))


@pytest.mark.parametrize("pairs", [True, False], ids=["pairs", "fields"])
@pytest.mark.parametrize("name", ["film.ts", "film.mp4", "film.mkv", "film.mov", "film.avi"])
def test_h264_in_fields_has_a_picture_for_every_two(name: str, pairs: bool, tmp_path: Path) -> None:
    path = in_fields(name, tmp_path, pairs=pairs)
    assert numbers(path) == [0, 25, 50]
    for number, sample in enumerate(sampled(path, Fraction(1, 5))):
        assert number_in(sample.picture) == 5 * number
        assert (sample.picture == sample.picture[0]).all()  # both fields show it


@pytest.mark.parametrize("in_frames", [range(0), range(75), range(0, 75, 2), range(30, 75)])
def test_a_raw_stream_of_fields_and_frames_is_shown_at_its_frame_rate(
    in_frames: range, tmp_path: Path
) -> None:
    path = tmp_path / "film.h264"
    path.write_bytes(b"".join(field_units(75, frames=frozenset(in_frames))))
    assert numbers(path) == [0, 25, 50]
    assert numbers(path, Fraction(1, 5)) == list(range(0, 75, 5))


CODECS = {
    "closed GOP": ("libx264", X264),
    "open GOP": ("libx264", {**X264, "x264-params": "open-gop=1:scenecut=0:log-level=none"}),
    "HEVC": ("libx265", {"x265-params": "keyint=12:open-gop=1:log-level=none"}),
    "MPEG-4": ("mpeg4", WITH_B),
}
TICKS = 512  # of a picture in an MP4 of 25 pictures a second


@pytest.mark.parametrize("begins", [0, 1, 2.5, 5, 11, 12, 13, 14, 20.5])
@pytest.mark.parametrize("codec", CODECS)
def test_an_edit_list_begins_anywhere(codec: str, begins: float, tmp_path: Path) -> None:
    name, options = CODECS[codec]
    path = make_film(tmp_path / "film.mp4", 40, codec=name, options=options)
    assert_equals_full_decode(with_edit_at(path, int(begins * TICKS)), Fraction(1, 25))


@pytest.mark.parametrize("begins", [0, 2, 5.5, 12, 14])
@pytest.mark.parametrize("codec", CODECS)
def test_an_edit_list_begins_before_the_first_keyframe(
    codec: str, begins: float, tmp_path: Path
) -> None:
    """The first pictures are there and can be decoded, but the container does not say so."""
    name, options = CODECS[codec]
    path = make_film(tmp_path / "film.mp4", 40, codec=name, options=options)
    without_first_sync(with_edit_at(path, int(begins * TICKS)))
    assert_equals_full_decode(path, Fraction(1, 25))


EDITS = {
    "begins late": [(500, -1), (1_200, 2 * TICKS)],
    "leaves out a part": [(600, 2 * TICKS), (400, 28 * TICKS)],
    "goes back": [(400, 30 * TICKS), (400, 5 * TICKS)],
    "repeats": [(320, 7 * TICKS), (320, 7 * TICKS)],
    "waits in the middle": [(600, 2 * TICKS), (200, -1), (400, 28 * TICKS)],
    "three parts": [(333, 1_500), (333, 6_000), (333, 14_000)],
}


@pytest.mark.parametrize("edits", EDITS)
@pytest.mark.parametrize("codec", ["closed GOP", "open GOP", "MPEG-4"])
def test_an_edit_list_of_several_parts(codec: str, edits: str, tmp_path: Path) -> None:
    name, options = CODECS[codec]
    path = make_film(tmp_path / "film.mp4", 50, codec=name, options=options)
    assert_equals_full_decode(with_edits(path, EDITS[edits]), Fraction(1, 25))


#: Codec, pixel format, options.
PREDICTED = {
    "H.264": ("libx264", "yuv420p", X264),
    "HEVC": ("libx265", "yuv420p", {"x265-params": "keyint=12:log-level=none"}),
    "MPEG-4": ("mpeg4", "yuv420p", WITH_B),
    "MPEG-2": ("mpeg2video", "yuv420p", WITH_B),
    "VP9": ("libvpx-vp9", "yuv420p", {"g": "12", "deadline": "realtime"}),
    "QuickTime Animation": ("qtrle", "rgb24", {"g": "12"}),
    "Cinepak": ("cinepak", "rgb24", {"g": "12"}),
    "Sorenson": ("svq1", "yuv410p", {"g": "12"}),
}


@pytest.mark.parametrize("codec", PREDICTED)
def test_a_film_whose_every_packet_counts_as_a_keyframe_is_exact(
    codec: str, tmp_path: Path
) -> None:
    name, pixels, options = PREDICTED[codec]
    container = "film.mov" if name in ("qtrle", "cinepak", "svq1") else "film.mp4"
    picture = numbered if name in ("cinepak", "svq1") else moving  # those are slow on noise
    path = make_film(
        tmp_path / container, 50, codec=name, pixels=pixels, options=options, picture=picture
    )
    assert_equals_full_decode(without_sync_table(path), Fraction(1, 3))


@pytest.mark.parametrize("flagged", [{0, 12, 17}, {0, 5, 12}, {0, 12, 24, 31}, set(range(40))])
@pytest.mark.parametrize(
    ("codec", "container"),
    [
        ("msmpeg4v2", "film.asf"),
        ("wmv2", "film.asf"),
        ("mpeg4", "film.mkv"),
        ("flv", "film.flv"),
        ("ffv1", "film.mkv"),
    ],
)
def test_a_packet_that_is_wrongly_flagged_as_a_keyframe_is_not_trusted(
    codec: str, container: str, flagged: set[int], tmp_path: Path
) -> None:
    source = tmp_path / f"source.{'mkv' if codec in ('mpeg4', 'ffv1') else 'avi'}"
    make_film(source, 40, codec=codec, options={"g": "12"}, picture=moving)
    path = with_keyframes_at(source, tmp_path / container, frozenset(flagged))
    assert_equals_full_decode(path, Fraction(1, 5))


def test_a_transport_stream_whose_clock_wraps_goes_on(tmp_path: Path) -> None:
    """MPEG-TS counts to 2^33 in 1/90000 s, which takes 26.5 hours."""
    begins = 2**33 - 90_000
    path = make_film(
        tmp_path / "film.ts",
        times=[begins + 3_600 * number for number in range(100)],
        time_base=Fraction(1, 90_000),
        options=X264,
        container_options={"mpegts_copyts": "1"},
    )
    assert numbers(path) == [0, 25, 50, 75]
    assert numbers(path, Fraction(1, 5)) == list(range(0, 100, 5))


INTRA = {"g": "1", "bf": "0", "x264-params": "log-level=none", "profile": "high422"}
#: Muxer, codec, pixel format, options: what cameras and editing programs write.
MXF = {
    "ProRes 422": ("mxf", "prores_ks", "yuv422p10le", {}),
    "ProRes 4444": ("mxf", "prores_ks", "yuva444p10le", {}),
    "DNxHR": ("mxf", "dnxhd", "yuv422p", {"profile": "dnxhr_sq"}),
    "DNxHR, OP-Atom": ("mxf_opatom", "dnxhd", "yuv422p", {"profile": "dnxhr_sq"}),
    "H.264 intra, as in XAVC": ("mxf", "libx264", "yuv422p10le", INTRA),
    "XDCAM": ("mxf", "mpeg2video", "yuv422p", WITH_B),
}


@pytest.mark.parametrize("kind", MXF)
def test_mxf_of_cameras_and_editing_programs(kind: str, tmp_path: Path) -> None:
    muxer, codec, pixels, options = MXF[kind]
    path = make_film(
        tmp_path / "film.mxf",
        60,
        codec=codec,
        pixels=pixels,
        options=options,
        container=muxer,
        picture=lambda number: numbered(number, 320, 180),
    )
    assert numbers(path) == [0, 25, 50]
    assert numbers(path, Fraction(1, 5)) == list(range(0, 60, 5))
