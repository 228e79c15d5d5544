"""What an MP4 declares is judged before libav builds an index of it."""

from __future__ import annotations

import struct
import zlib
from contextlib import closing
from pathlib import Path

import pytest

from bench.hostile import films
from bench.hostile.films import ALL, full, numbers, track
from storyboard_ops.domain.error_tree import VideoUnreadable
from storyboard_ops.gateways.sampling.byte_source import FileBytes
from storyboard_ops.gateways.sampling.index import read_stream
from storyboard_ops.gateways.sampling.movie_tables import judge_tables

DAY_AT_30 = 24 * 3600 * 30


def sizes(count: int) -> bytes:
    return full(b"stsz", numbers(1, count))


def times(count: int, ticks: int = 40) -> bytes:
    return full(b"stts", numbers(1, count, ticks))


def sound(samples: int, chunks: int, per_chunk: int) -> bytes:
    """PCM: every sample lasts one tick, so libav indexes it by chunks."""
    more = {"handler": b"soun", "chunks": chunks, "per_chunk": per_chunk}
    return track(full(b"stsz", numbers(4, samples)), times(samples, 1), **more)  # type: ignore[arg-type]


def coded_sound(frames: int) -> bytes:
    return track(sizes(frames), times(frames, 1024), handler=b"soun")


@pytest.mark.parametrize(
    "tracks",
    [
        pytest.param([track()], id="one picture"),
        pytest.param([track(sizes(DAY_AT_30), times(DAY_AT_30))], id="24 hours at 30"),
        pytest.param(
            [track(sizes(DAY_AT_30), times(DAY_AT_30)), *[coded_sound(24 * 3600 * 47)] * 2],
            id="24 hours with two tracks of coded sound",
        ),
        pytest.param(
            [track(), sound(24 * 3600 * 48_000 & ALL, 86_400, 48_000)], id="24 hours of PCM"
        ),
        pytest.param([track(edits=full(b"elst", numbers(3), numbers(9, 0, 1) * 3))], id="edits"),
        pytest.param([track()] * 200, id="200 tracks"),
    ],
)
def test_an_honest_film_passes(tracks: list[bytes]) -> None:
    judge_tables("s3://b/film.mp4", films.movie(*tracks))


@pytest.mark.parametrize(
    ("film", "fault"),
    [
        pytest.param(films.constant(ALL), "declares 4,294,967,295 pictures", id="stsz"),
        pytest.param(films.constant(6_000_001), "at most 6,000,000 are read", id="one too many"),
        pytest.param(
            films.movie(track(full(b"stz2", numbers(8, ALL)))), "4,294,967,295", id="stz2"
        ),
        pytest.param(
            films.movie(*[track(sizes(5_000_000), times(5_000_000))] * 4),
            "declares 20,000,000",
            id="four tracks",
        ),
        pytest.param(films.fragmented(ALL), "4,294,967,295", id="trun"),
        pytest.param(films.fragmented(*[100_000] * 100), "10,000,000", id="many trun"),
        pytest.param(films.edited(1_000, 100_000), "1,000 entries for 100,000", id="elst"),
        pytest.param(films.sound_in_chunks(2**31, 20), "41,943,040", id="PCM in huge chunks"),
        pytest.param(
            films.movie(track(sizes(ALL), times(ALL, 2), handler=b"soun")), "4,294", id="sound"
        ),
        pytest.param(films.movie(*[track()] * 201), "201 tracks; at most 200", id="tracks"),
        pytest.param(films.compressed(300 << 20), "314,572,800 bytes", id="cmov"),
        pytest.param(
            films.box(b"uuid", bytes(16)) + films.constant(ALL)[20:],
            "4,294",
            id="unknown first",
        ),
        pytest.param(films.box(b"trak", full(b"stsz", numbers(1, ALL))), "4,294", id="no moov"),
        pytest.param(films.box(b"udta", films.constant(ALL)), "4,294", id="hidden in udta"),
    ],
)
def test_absurd_tables_are_refused_by_name(film: bytes, fault: str) -> None:
    with pytest.raises(VideoUnreadable, match=fault) as refusal:
        judge_tables("s3://b/film.mp4", film)
    assert str(refusal.value).startswith("s3://b/film.mp4: it")


def test_a_compressed_description_is_judged_like_any_other() -> None:
    inner = films.constant(ALL)
    packed = numbers(len(inner)) + zlib.compress(inner)
    with pytest.raises(VideoUnreadable, match="4,294,967,295"):
        judge_tables("s3://b/film.mov", films.box(b"cmvd", packed))
    judge_tables("s3://b/film.mov", films.box(b"cmvd", struct.pack(">I", 9) + b"no zlib"))


@pytest.mark.parametrize(
    ("film", "fault"),
    [
        (films.constant(ALL), "4,294,967,295"),
        (films.fragmented(ALL), "4,294,967,295"),
        (films.box(b"abcd", bytes(8)) + films.constant(ALL)[20:], "4,294,967,295"),
        (films.compressed(300 << 20), "314,572,800"),
    ],
    ids=["constant size", "fragment", "unknown box first", "compressed"],
)
def test_a_film_is_judged_before_it_is_opened(tmp_path: Path, film: bytes, fault: str) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(film)
    with closing(FileBytes(path)) as source, pytest.raises(VideoUnreadable, match=fault):
        read_stream(source)
