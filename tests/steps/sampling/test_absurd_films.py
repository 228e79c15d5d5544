"""Films with absurd pictures, times and counts are refused by name or sampled in part."""

from __future__ import annotations

from array import array
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from bench.hostile import films
from bench.hostile.inputs import jpeg
from storyboard_ops.core.sampling.index import VideoIndex, judged_index
from storyboard_ops.core.sampling.packet_table import PacketTable, unrolled
from storyboard_ops.domain.error_tree import ManifestCorrupt, VideoUnreadable
from storyboard_ops.domain.sampling.coded_packets import NO_PTS, CodedPackets, StreamFacts
from storyboard_ops.gateways.sampling.byte_source import FileBytes
from storyboard_ops.steps.sampling.film_decoder import open_film


def packets(pts: list[int], duration: int = 40) -> CodedPackets:
    """Keyframes of ten bytes."""
    count = len(pts)
    ones, zeros = array("q", [1] * count), array("q", [0] * count)
    lasting, size = array("q", [duration] * count), array("q", [10] * count)
    places = array("q", range(0, 10 * count, 10))
    return CodedPackets(array("q", pts), array("q", pts), lasting, places, size, ones, zeros, zeros)


def facts(coded: CodedPackets) -> StreamFacts:
    return StreamFacts(
        uri="s3://b/film.mkv",
        file_size=10_000,
        end=10_000,
        container="matroska,webm",
        stream=0,
        codec="mpeg4",
        time_base=Fraction(1, 1000),
        frame_rate=Fraction(25),
        duration=None,
        reordered=False,
        hollow=False,
        cut_off=False,
        torn=False,
        failure="",
        packets=coded,
    )


DAYS = 24 * 3600 * 1000


@pytest.mark.parametrize(
    "coded",
    [
        pytest.param(packets([0, 40, 8 * DAYS]), id="weeks"),
        pytest.param(packets([0, 2**62]), id="far away"),
        pytest.param(packets([-(2**62), 0]), id="far before"),
        pytest.param(packets([2**62, 2**62 + 40]), id="late start"),
        pytest.param(packets([0, 40], duration=2**62), id="long pictures"),
        pytest.param(packets([0, 40], duration=-(2**62)), id="negative pictures"),
    ],
)
def test_absurd_times_are_refused(coded: CodedPackets) -> None:
    with pytest.raises(VideoUnreadable, match="at most 168 hours are read"):
        judged_index(facts(coded))


def test_a_film_of_a_day_with_the_time_of_day_is_indexed() -> None:
    now = 1_800_000_000_000  # milliseconds since 1970
    assert len(judged_index(facts(packets([now, now + 40, now + DAYS]))).table) == 3


def test_a_clock_that_is_reset_at_every_picture_takes_no_longer() -> None:
    times = [k % 2 * 1000 for k in range(1_000_000)]
    table = PacketTable.of(packets(times), Fraction(1, 1000))
    continuous = unrolled(table, longest_gap=None).pts
    assert continuous[:5].tolist() == [0, 1000, 1040, 2040, 2080]
    assert continuous[-1] == 1_000_000 // 2 * 1040 - 40


def test_missing_time_stamps_stay_missing() -> None:
    table = PacketTable.of(packets([0, NO_PTS, 1000, 0, NO_PTS]), Fraction(1, 1000))
    assert unrolled(table, longest_gap=None).pts.tolist() == [0, NO_PTS, 1000, 1040, NO_PTS]


@pytest.mark.parametrize("damage", [b"", b"{", b"[]\n", b'{"time_base": "1/0"}\nPK', b"\xff\n"])
def test_an_index_that_is_none_is_refused(damage: bytes) -> None:
    with pytest.raises(ManifestCorrupt, match="index of the film's packets is damaged"):
        VideoIndex.from_bytes(damage)


def test_a_damaged_index_is_refused_or_read() -> None:
    whole = judged_index(facts(packets([0, 40, 80]))).to_bytes()
    rng = np.random.default_rng(14)
    for _ in range(200):
        damaged = bytearray(whole)
        for place in rng.integers(0, len(whole), 3):
            damaged[place] = rng.integers(0, 256)
        try:
            VideoIndex.from_bytes(bytes(damaged))
        except ManifestCorrupt:
            continue


def test_more_samples_than_a_film_may_have_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "film.mkv"
    path.write_bytes(films.of_pictures(*[jpeg(64)] * 3))
    with closing(FileBytes(path)) as source:
        decoder = open_film(source)
        assert decoder.clock(Fraction(1)).count == 3
        with pytest.raises(VideoUnreadable, match="at most 10,000,000 are drawn"):
            decoder.clock(Fraction(1, 10_000_000))


def test_a_picture_that_grows_in_the_middle_of_a_film_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "film.mkv"
    path.write_bytes(films.of_pictures(jpeg(64), jpeg(9_000), jpeg(64)))
    with closing(FileBytes(path)) as source:
        decoder = open_film(source)
        shapes = [each.picture.shape for each in decoder.samples(decoder.clock(Fraction(1)), 0, 3)]
    assert shapes == [(64, 64, 3)] * 3


def test_a_coded_picture_of_two_gigabytes_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    sizes = films.full(b"stsz", films.numbers(0, 1, 0x7FFFFFF0))
    path.write_bytes(films.movie(films.track(sizes)))
    with closing(FileBytes(path)) as source, pytest.raises(VideoUnreadable):
        open_film(source)
