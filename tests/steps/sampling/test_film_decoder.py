"""Exact frames of films made for the purpose; each picture carries its number."""

import functools
import gc
import io
import os
from collections.abc import Iterator
from dataclasses import fields
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storyboard_ops.core.sampling.index import judged_index
from storyboard_ops.core.sampling.plan import on_screen
from storyboard_ops.domain.error_tree import VideoUnreadable
from storyboard_ops.gateways.sampling.decoder import (
    DecodedFrame,
    DecodingError,
    DecodingPass,
    choose_threads,
)
from storyboard_ops.gateways.sampling.index import read_stream
from storyboard_ops.gateways.sampling.range_reader import BLOCK
from storyboard_ops.steps.sampling import film_decoder
from storyboard_ops.steps.sampling.film_decoder import FilmDecoder, open_film
from tests.films.film_files import film_bytes
from tests.films.film_maker import make_film, number_in, numbered
from tests.films.full_decode import full_decode
from tests.gateways.sampling.counted_bytes import CountedBytes


def numbers(path: Path, interval: Fraction = Fraction(1)) -> list[int]:
    decoder = open_film(film_bytes(path))
    clock = decoder.clock(interval)
    return [number_in(sample.picture) for sample in decoder.samples(clock, 0, clock.count)]


REFRESHED = {
    "x264-params": "intra-refresh=1:keyint=50:bframes=3:b-adapt=0:log-level=none",
}
GOP_12 = {"g": "12", "bf": "3", "x264-params": "log-level=none"}
CODECS = {
    "closed GOP": ("libx264", GOP_12),
    "open GOP": ("libx264", {**GOP_12, "x264-params": "open-gop=1:log-level=none"}),
    "HEVC": ("libx265", {"x265-params": "keyint=12:log-level=none"}),
    "MPEG-2": ("mpeg2video", {"g": "12", "bf": "2"}),
    "VP9": ("libvpx-vp9", {"g": "12", "deadline": "realtime", "cpu-used": "8"}),
    "keyframes only": ("ffv1", {}),
}


@pytest.fixture(scope="module", params=CODECS)
def coded_film(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    codec, options = CODECS[request.param]
    path = tmp_path_factory.mktemp("films") / "film.mkv"
    pixels = "yuv444p" if codec == "ffv1" else "yuv420p"
    return make_film(path, 100, codec=codec, options=options, pixels=pixels)


def test_one_sample_a_second_is_every_25th_picture(coded_film: Path) -> None:
    assert numbers(coded_film) == [0, 25, 50, 75]


def test_a_third_of_a_second_takes_the_picture_before(coded_film: Path) -> None:
    """25/3 = 8.33 pictures: at 0.333 s picture 8 is still on screen."""
    assert numbers(coded_film, Fraction(1, 3)) == [k * 25 // 3 for k in range(12)]


def test_every_picture_can_be_asked_for(coded_film: Path) -> None:
    assert numbers(coded_film, Fraction(1, 25)) == list(range(100))


@pytest.mark.parametrize(
    "name", ["film.mp4", "film.mov", "film.mkv", "film.ts", "film.mpg", "film.mxf"]
)
def test_every_container(name: str, tmp_path: Path) -> None:
    codec = "mpeg2video" if name.endswith("mpg") else "libx264"
    path = make_film(tmp_path / name, 100, codec=codec, options={"g": "12", "bf": "2"})
    assert numbers(path) == [0, 25, 50, 75]


def test_a_fragmented_mp4_is_read_to_its_end(tmp_path: Path) -> None:
    path = make_film(
        tmp_path / "film.mp4",
        100,
        options=GOP_12,
        container_options={"movflags": "frag_keyframe+empty_moov"},
    )
    assert numbers(path) == [0, 25, 50, 75]


def test_irregular_times_keep_a_frame_on_screen_until_the_next(tmp_path: Path) -> None:
    times = [0, 100, 950, 1000, 1001, 4999, 5000, 5100]  # milliseconds
    path = make_film(
        tmp_path / "film.mkv", times=times, time_base=Fraction(1, 1000), options=GOP_12
    )
    assert numbers(path) == [0, 3, 4, 4, 4, 6]


def test_a_turned_film_comes_out_upright(tmp_path: Path) -> None:
    path = make_film(
        tmp_path / "film.mp4",
        10,
        options=GOP_12,
        picture=lambda n: np.ascontiguousarray(np.rot90(numbered(n))),
        prepare=lambda stream: stream.set_display_rotation(-90),
    )
    decoder = open_film(film_bytes(path))
    clock = decoder.clock(Fraction(1, 25))
    pictures = [sample.picture for sample in decoder.samples(clock, 0, clock.count)]
    assert {picture.shape for picture in pictures} == {(48, 160, 3)}
    assert [number_in(picture) for picture in pictures] == list(range(10))


@pytest.mark.parametrize("first", [0, 3])
def test_av1_is_sampled_from_the_packets_that_matter(first: int, tmp_path: Path) -> None:
    """In an MP4 every second packet is called disposable, and holds what others refer to."""
    options = {"preset": "12", "g": "50", "svtav1-params": "lp=1"}
    path = make_film(tmp_path / "film.mp4", 150, codec="libsvtav1", options=options)
    decoder = open_film(film_bytes(path))
    clock = decoder.clock(Fraction(1))
    samples = decoder.decode_planned(clock, first, clock.count)
    assert [number_in(sample.picture) for sample in samples] == [0, 25, 50, 75, 100, 125][first:]


def test_a_picture_that_does_not_come_out_is_missed_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refreshed bit by bit, the film has keyframes from which only later pictures are whole."""
    converted: list[int] = []

    def counted(frame: DecodedFrame) -> np.ndarray:
        converted.append(frame.row)
        return shown(frame)

    shown = film_decoder._convert
    monkeypatch.setattr(film_decoder, "_convert", counted)
    path = make_film(tmp_path / "film.mp4", 300, options=REFRESHED)
    source = film_bytes(path)
    decoder = FilmDecoder(source, judged_index(read_stream(source)))
    clock = decoder.clock(Fraction(1))
    with pytest.raises(DecodingError, match=r"row \d+ is missing"):
        list(decoder.decode_planned(clock, 0, clock.count))
    assert len(converted) < 7  # of 12: none is held in memory that waits for it
    assert numbers(path) == list(range(0, 300, 25))


def test_a_film_that_is_refreshed_bit_by_bit_is_one_gop(tmp_path: Path) -> None:
    """From its later keyframes on, pictures come out that are not quite those of a full decode."""
    path = make_film(tmp_path / "film.mp4", 300, options=REFRESHED, picture=moving)
    source = film_bytes(path)
    decoder = open_film(source)
    assert judged_index(read_stream(source)).table.keyframe.sum() > 1
    assert decoder.index.table.keyframe.sum() == 1
    clock = decoder.clock(Fraction(1, 5))
    expected = full_decode(path, Fraction(1, 5))
    for first, last in ((0, 60), (23, 40)):
        shard = list(decoder.samples(clock, first, last))
        assert [(one.k, one.pts) for one in shard] == [
            (one.k, one.pts) for one in expected[first:last]
        ]
        for one, other in zip(shard, expected[first:last], strict=True):
            assert np.array_equal(one.picture, other.picture)


def moving(number: int) -> np.ndarray:
    """Noise that wanders, so that pictures are predicted from others."""
    noise = np.random.default_rng(0).integers(0, 256, (48, 160, 3), dtype=np.uint8)
    return np.roll(noise, number, axis=1)


def test_a_damaged_stretch_is_decoded_in_full_and_the_rest_is_right(tmp_path: Path) -> None:
    path = make_film(tmp_path / "film.mp4", 100, options=GOP_12)
    whole = open_film(film_bytes(path))
    row = 40
    position, size = whole.index.table.position[row], whole.index.table.size[row]
    body = bytearray(path.read_bytes())
    body[position + 8 : position + size] = bytes(size - 8)
    path.write_bytes(body)
    found = numbers(path)
    assert len(found) == 4
    assert (found[0], found[1], found[3]) == (0, 25, 75)
    assert frames_by(path, threads=1) == frames_by(path, threads=4)


def frames_by(path: Path, threads: int) -> list[bytes]:
    """Every picture of a film, decoded by so many threads."""
    decoder = open_film(film_bytes(path), threads)
    clock = decoder.clock(Fraction(1, 25))
    return [sample.picture.tobytes() for sample in decoder.samples(clock, 0, clock.count)]


def test_threads_change_no_picture(coded_film: Path) -> None:
    assert frames_by(coded_film, threads=1) == frames_by(coded_film, threads=4)


@pytest.mark.parametrize(
    ("picture", "bits", "threads"),
    [((1920, 1088), 12, 4), ((1920, 1088), 24, 4), ((4096, 2160), 12, 2), ((3840, 2160), 24, 1)],
)
def test_decoding_threads_hold_no_more_than_fits(
    picture: tuple[int, int], bits: int, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The larger the pictures, the fewer threads that hold some; no more than cores either."""
    size = picture[0] * picture[1] * bits // 8
    for cores in (1, 8):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        assert choose_threads(size) == min(cores, threads)


def test_pictures_that_nobody_can_place_are_passed_over(
    long_film: FilmDecoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A packet may give a second picture, which has no time of its own."""
    clock = long_film.clock(Fraction(1))
    expected = [(one.k, one.pts) for one in long_film.decode_in_full(clock, 0, clock.count)]

    def with_strangers(film: DecodingPass, rows: range) -> Iterator[DecodedFrame]:
        for frame in everything(film, rows):
            yield frame
            frame.row = -1
            yield frame

    everything = DecodingPass.decode_all
    monkeypatch.setattr(DecodingPass, "decode_all", with_strangers)
    assert [(one.k, one.pts) for one in long_film.decode_in_full(clock, 0, clock.count)] == expected


def test_a_decoder_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    """What the decoder has to know ahead of the first picture is gone."""
    path = make_film(tmp_path / "film.mkv", 30, codec="ffv1", pixels="yuv444p")
    with av.open(str(path)) as film:
        ahead = film.streams.video[0].codec_context.extradata
    assert ahead is not None
    path.write_bytes(path.read_bytes().replace(ahead, bytes(len(ahead))))
    with pytest.raises(VideoUnreadable, match="its decoder, ffv1, cannot be opened"):
        open_film(film_bytes(path))


def test_a_codec_without_decoder_is_refused(tmp_path: Path) -> None:
    path = make_film(tmp_path / "film.mkv", 30, options=GOP_12)
    path.write_bytes(path.read_bytes().replace(b"V_MPEG4/ISO/AVC", b"V_MPEG9/ISO/XYZ"))
    with pytest.raises(VideoUnreadable, match="there is no decoder for its codec"):
        open_film(film_bytes(path))


def test_a_film_of_noise_is_refused(tmp_path: Path) -> None:
    path = make_film(tmp_path / "film.mp4", 30, options=GOP_12)
    table = open_film(film_bytes(path)).index.table
    body = bytearray(path.read_bytes())
    first, end = int(table.position.min()), int((table.position + table.size).max())
    body[first:end] = np.random.default_rng(0).bytes(end - first)
    path.write_bytes(body)
    with pytest.raises(VideoUnreadable, match="no decodable picture"):
        open_film(film_bytes(path))


@pytest.fixture(scope="module")
def long_film(tmp_path_factory: pytest.TempPathFactory) -> FilmDecoder:
    options = {**GOP_12, "x264-params": "open-gop=1:keyint=30:log-level=none"}
    path = make_film(tmp_path_factory.mktemp("films") / "film.mp4", 200, options=options)
    return open_film(film_bytes(path))


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(
    interval=st.fractions(Fraction(1, 25), 3, max_denominator=97),
    cuts=st.lists(st.integers(0, 200), max_size=6),
)
def test_any_interval_and_any_shards_give_the_frames_of_one_pass(
    long_film: FilmDecoder, interval: Fraction, cuts: list[int]
) -> None:
    clock = long_film.clock(interval)
    edges = sorted({0, clock.count, *(cut for cut in cuts if cut < clock.count)})
    in_shards = [
        sample
        for first, last in pairwise(edges)
        for sample in long_film.samples(clock, first, last)
    ]
    assert [sample.k for sample in in_shards] == list(range(clock.count))
    for sample, reference in zip(
        in_shards, long_film.decode_in_full(clock, 0, clock.count), strict=True
    ):
        assert sample.pts == reference.pts
        assert np.array_equal(sample.picture, reference.picture)
        assert number_in(sample.picture) == int(sample.k * interval * 25)


@pytest.fixture(scope="module")
def heavy_film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """24 s of noise, so that a GOP of half a second is larger than a block."""

    def noise(number: int) -> np.ndarray:
        return np.random.default_rng(number).integers(0, 256, (180, 320, 3), dtype=np.uint8)

    options = {"g": "12", "bf": "2", "crf": "18", "preset": "ultrafast", "threads": "1"}
    path = tmp_path_factory.mktemp("films") / "film.mp4"
    return make_film(path, 600, options=options, picture=noise).read_bytes()


def test_sparse_samples_read_little_more_than_their_gops(heavy_film: bytes) -> None:
    source = CountedBytes(heavy_film)
    decoder = open_film(source)
    clock = decoder.clock(Fraction(8))
    assert len(list(decoder.samples(clock, 0, clock.count))) == 3

    table = decoder.index.table
    gops = 0
    for row in on_screen(table, clock, 0, clock.count):
        first = row - row % 12
        gops += int(table.size[first : first + 12].sum())
    probed = 12 * BLOCK  # what is read to open the film, once: its index and its first pictures
    assert source.bytes_read <= 1.2 * gops + probed


TWO_SECONDS = {"movflags": "frag_keyframe+empty_moov", "min_frag_duration": "2000000"}
#: File name, options, and the blocks that are read to find the way to a packet: a fragmented MP4
#: is entered from fragment to fragment.
CONTAINERS: dict[str, tuple[str, dict[str, str], int]] = {
    "Matroska": ("film.mkv", {}, 12),
    "MPEG-TS": ("film.ts", {}, 12),
    "fragmented MP4": ("film.mp4", TWO_SECONDS, 12 + 24 // 2),
}


class HeavyCopy(CountedBytes):
    """A heavy film in a container whose head does not say where the packets are."""

    blocks_to_enter: int


@pytest.fixture(scope="module", params=CONTAINERS)
def heavy_copy(
    request: pytest.FixtureRequest, heavy_film: bytes, tmp_path_factory: pytest.TempPathFactory
) -> HeavyCopy:
    """The same packets, not coded again."""
    name, options, blocks_to_enter = CONTAINERS[request.param]
    path = tmp_path_factory.mktemp("copies") / name
    with (
        av.open(io.BytesIO(heavy_film), "r") as film,
        av.open(str(path), "w", options=options) as copy,
    ):
        stream = copy.add_stream_from_template(film.streams.video[0])
        for packet in film.demux(film.streams.video[0]):
            if packet.size:
                packet.stream = stream
                copy.mux(packet)
    copied = HeavyCopy(path.read_bytes())
    copied.blocks_to_enter = blocks_to_enter
    return copied


def test_a_shard_reads_its_own_part_of_a_film(heavy_copy: HeavyCopy) -> None:
    """Once the film is indexed, its last sixth costs about a sixth of its bytes."""
    index = open_film(heavy_copy).index
    whole = FilmDecoder(heavy_copy, index)
    clock = whole.clock(Fraction(1))
    expected = list(whole.decode_in_full(clock, 20, 24))

    heavy_copy.requests.clear()
    got = list(FilmDecoder(heavy_copy, index).samples(clock, 20, 24))
    assert [(one.k, one.pts) for one in got] == [(one.k, one.pts) for one in expected]
    assert np.array_equal([one.picture for one in got], [one.picture for one in expected])
    probed = heavy_copy.blocks_to_enter * BLOCK
    assert heavy_copy.bytes_read <= heavy_copy.size / 6 + probed < heavy_copy.size / 2


def test_a_container_that_cannot_be_entered_is_read_from_its_beginning(
    heavy_copy: HeavyCopy, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = open_film(heavy_copy).index
    monkeypatch.setattr("storyboard_ops.gateways.sampling.decoder.SEARCHED_PACKETS", 0)
    decoder = FilmDecoder(heavy_copy, index)
    clock = decoder.clock(Fraction(1))
    expected = [sample.picture for sample in decoder.decode_in_full(clock, 20, 24)]
    assert np.array_equal([one.picture for one in decoder.samples(clock, 20, 24)], expected)


def test_a_container_that_fails_when_it_is_entered_is_read_from_its_beginning(
    heavy_copy: HeavyCopy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(entered: DecodingPass, row: int, places: object) -> bool:
        raise av.error.InvalidDataError(1, "no way in")

    index = open_film(heavy_copy).index
    monkeypatch.setattr(DecodingPass, "_seek", fail)
    decoder = FilmDecoder(heavy_copy, index)
    clock = decoder.clock(Fraction(1))
    assert [sample.k for sample in decoder.decode_in_full(clock, 20, 24)] == [20, 21, 22, 23]


def test_an_mp4_is_indexed_from_its_head(heavy_film: bytes) -> None:
    source = CountedBytes(heavy_film)
    facts = read_stream(source)
    assert len(facts.packets.pts) == 600
    assert source.bytes_read <= 12 * BLOCK < 0.2 * len(heavy_film)


def test_a_hollow_index_is_the_same_as_one_that_reads_everything(
    heavy_film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    hollow = read_stream(CountedBytes(heavy_film)).packets
    monkeypatch.setattr("storyboard_ops.gateways.sampling.index.movie_boxes", lambda source: None)
    whole = read_stream(CountedBytes(heavy_film)).packets
    for column in fields(hollow):
        assert getattr(hollow, column.name) == getattr(whole, column.name)


def test_decoded_frames_are_let_go_one_by_one(tmp_path: Path) -> None:
    """Without the cycle collector: nothing may keep a frame but the one that is being looked at."""
    large = functools.partial(numbered, width=1280, height=720)
    path = make_film(tmp_path / "film.mp4", 60, options=GOP_12, picture=large)
    decoder = open_film(film_bytes(path))
    clock = decoder.clock(Fraction(1, 25))
    gc.collect()
    gc.disable()
    try:
        before = frames_in_memory()
        for _ in decoder.samples(clock, 0, clock.count):
            pass
        assert frames_in_memory() - before < 5  # of 60
    finally:
        gc.enable()


def frames_in_memory() -> int:
    # type() and not isinstance(): asking other libraries' lazy objects for their class loads them.
    return sum(type(one) is VideoFrame for one in gc.get_objects())
