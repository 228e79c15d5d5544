"""Files that nobody made nice: the right frames, or an error that says what is wrong with them.

The expected values come from a full decode of each file with PyAV alone and, for the three whose
own time stamps cannot be used, from ``ffmpeg -vf showinfo``.
"""

from fractions import Fraction
from typing import NamedTuple

import av
import numpy as np
import pytest

from storyboard_ops.domain.error_tree import VideoUnreadable
from storyboard_ops.gateways.sampling.frame_pixels import PixelConverter
from storyboard_ops.steps.sampling.film_decoder import FilmDecoder, Sample, open_film
from tests.films.film_files import film_bytes
from tests.films.full_decode import converted, every_frame, full_decode
from tests.studio.studio_fixture import FOOTAGE

pytestmark = pytest.mark.skipif(
    not FOOTAGE.is_dir(),
    reason=f"test footage is not at {FOOTAGE}; set STORYBOARD_FOOTAGE to its folder",
)

SECOND = Fraction(1)


class Answer(NamedTuple):
    """What sampling once a second gives."""

    name: str
    samples: int
    first_pts: int
    last_pts: int
    width: int
    height: int
    stream: int = 0


PLAIN = [
    Answer("clips/bbb_trailer_33s_vp8.webm", 33, 0, 32000, 640, 360),
    Answer("clips/ceremony_faces_3s.mp4", 4, 1001, 90090, 640, 480),
    Answer("clips/hikers_17s.mp4", 18, 0, 509509, 640, 480),
    Answer("clips/intel_people_concat_21s.mp4", 22, 0, 257044, 480, 270),
    Answer("clips/penny_chip_A_40s.mp4", 40, 258, 479490, 1280, 720),
    Answer("clips/sintel_shaman_hut_5s_720p.mp4", 5, 0, 49152, 1280, 546),
    Answer("clips/sintel_trailer_first30s.mp4", 30, 0, 356352, 854, 480),
    Answer("odd/made ünïcode 名前 'quote' & space.MP4", 3, 0, 24576, 854, 480),
    Answer("odd/made_anamorphic_sar_16_9.mp4", 6, 0, 64000, 640, 360),
    Answer("odd/made_bbb_av1.mp4", 8, 0, 89600, 640, 360),
    Answer("odd/made_bitflips_in_mdat.mp4", 15, 0, 172032, 640, 360),
    Answer("odd/made_black_5s.mp4", 5, 0, 51200, 640, 360),
    Answer("odd/made_editlist_midgop.mov", 8, 0, 86016, 854, 480),
    Answer("odd/made_h264_vorbis.mkv", 12, 3, 11003, 640, 360),
    Answer("odd/made_half_fps_40s.mp4", 40, 0, 622592, 1280, 720),
    Answer("odd/made_hevc_10bit.mp4", 9, 0, 98304, 854, 480),
    Answer("odd/made_interlaced_pal_mpeg2.mpg", 8, 48600, 678600, 1024, 576),
    Answer("odd/made_odd_dims_yuv444.mp4", 4, 0, 38400, 425, 239),
    Answer("odd/made_one_frame.mp4", 1, 0, 0, 640, 360),
    Answer("odd/made_one_keyframe_30s.mp4", 30, 0, 356352, 854, 480),
    Answer("odd/made_png_named.mp4", 1, 0, 0, 256, 260),
    Answer("odd/made_prores_10bit422.mov", 2, 0, 12288, 854, 480),
    Answer("odd/made_rotate180_penny.mp4", 9, 246, 98550, 1280, 720),
    Answer("odd/made_rotate90_penny.mp4", 9, 246, 98550, 720, 1280),
    Answer("odd/made_start_at_10h.ts", 3, 3240126000, 3240306000, 640, 360),
    Answer("odd/made_static_picture_10s.mp4", 10, 0, 115200, 256, 240),
    Answer("odd/made_tiny_32x18.mp4", 4, 0, 38400, 32, 18),
    Answer("odd/made_truncated_faststart_55pct.mp4", 10, 0, 110592, 640, 360),
    Answer("odd/made_two_video_streams.mp4", 6, 0, 61440, 854, 480, stream=1),
    Answer("odd/made_vfr_13s_gap.mp4", 26, 49152, 356352, 854, 480),
    Answer("odd/made_vfr_irregular.mp4", 14, 504, 160248, 640, 360),
    Answer("odd/made_vp9.webm", 8, 0, 7000, 640, 360),
    Answer("odd/made_webm_content_named_as.mp4", 3, 1240, 3240, 640, 360),
]

UNREADABLE = {
    "odd/made_zero_length.mp4": "the file is empty (0 bytes)",
    "odd/made_text_named.mp4": "it is not a video file: no known container begins with b'This",
    "odd/made_audio_only.mp4": "it contains no video (audio only)",
    "odd/made_audio_with_cover_art.mp4": "it contains cover art and no film",
    "odd/made_truncated_moov_lost.mp4": "its index (the moov box) is missing",
}


def film(name: str) -> FilmDecoder:
    return open_film(film_bytes(FOOTAGE / name))


def sampled(decoder: FilmDecoder, interval: Fraction = SECOND) -> list[Sample]:
    clock = decoder.clock(interval)
    return list(decoder.samples(clock, 0, clock.count))


def test_every_odd_file_has_an_answer_here() -> None:
    answered = (
        {answer.name for answer in PLAIN}
        | set(UNREADABLE)
        | {
            "odd/made_missing_pts_bframes.avi",
            "odd/made_raw_es_no_pts.h264",
            "odd/made_resolution_change_and_pts_jump.ts",
        }
    )
    there = {
        f"{kind}/{path.name}" for kind in ("clips", "odd") for path in (FOOTAGE / kind).iterdir()
    }
    assert there == answered


@pytest.mark.parametrize("answer", PLAIN, ids=lambda answer: answer.name)
def test_frames_are_those_of_a_full_decode(answer: Answer) -> None:
    samples = sampled(film(answer.name))
    reference = full_decode(FOOTAGE / answer.name, SECOND, answer.stream)
    assert len(samples) == answer.samples
    assert (samples[0].pts, samples[-1].pts) == (answer.first_pts, answer.last_pts)
    assert samples[0].picture.shape == (answer.height, answer.width, 3)
    assert [sample.k for sample in samples] == list(range(answer.samples))
    for sample, expected in zip(samples, reference, strict=True):
        assert sample.pts == expected.pts
        assert np.array_equal(sample.picture, expected.picture)


@pytest.mark.parametrize("answer", PLAIN, ids=lambda answer: answer.name)
def test_a_shard_has_the_frames_of_one_pass(answer: Answer) -> None:
    decoder = film(answer.name)
    clock = decoder.clock(SECOND)
    half = clock.count // 2
    shard = decoder.samples(clock, half, clock.count)
    for sample, expected in zip(shard, sampled(decoder)[half:], strict=True):
        assert sample.pts == expected.pts
        assert np.array_equal(sample.picture, expected.picture)


@pytest.mark.parametrize(("name", "reason"), UNREADABLE.items(), ids=UNREADABLE.keys())
def test_what_is_no_film_is_refused_by_name_and_reason(name: str, reason: str) -> None:
    with pytest.raises(VideoUnreadable) as refused:
        film(name)
    assert refused.value.uri == str(FOOTAGE / name)
    assert refused.value.reason.startswith(reason)


@pytest.mark.parametrize(
    "name", ["odd/made_missing_pts_bframes.avi", "odd/made_raw_es_no_pts.h264"]
)
def test_films_without_usable_times_are_shown_at_their_frame_rate(name: str) -> None:
    """24 pictures a second, in the order in which a decoder shows them."""
    decoder = film(name)
    samples = sampled(decoder)
    ticks = [(sample.pts - samples[0].pts) * decoder.index.table.time_base for sample in samples]
    assert ticks == [0, 1, 2, 3, 4, 5]
    with av.open(str(FOOTAGE / name)) as container:
        frames = list(every_frame(container.streams.video[0]))
        converter = PixelConverter(None)
        for sample in samples:
            expected = converted(converter, frames[24 * sample.k])
            assert np.array_equal(sample.picture, expected)


def test_a_spliced_stream_goes_on_after_its_clock_jumps_back() -> None:
    """Three seconds of 640x360, then three of 320x240 that begin at the same time stamps."""
    samples = sampled(film("odd/made_resolution_change_and_pts_jump.ts"))
    assert [sample.picture.shape[1] for sample in samples] == [640, 640, 640, 320, 320, 320]
    assert [(sample.pts - samples[0].pts) / 90_000 for sample in samples] == [0, 1, 2, 3, 4, 5]


def test_a_truncated_film_says_where_it_breaks_off() -> None:
    """A full decode shows 234 pictures, the last at 9.71 s."""
    lost = film("odd/made_truncated_faststart_55pct.mp4").index.lost
    assert lost.startswith("cut off at 9.75 s of 15.00 s: the file ends after 588332 bytes")


@pytest.mark.parametrize(
    "name",
    [
        "odd/made_hevc_10bit.mp4",
        "odd/made_vfr_irregular.mp4",
        "odd/made_editlist_midgop.mov",
        "odd/made_interlaced_pal_mpeg2.mpg",
        "clips/hikers_17s.mp4",
    ],
)
@pytest.mark.parametrize("interval", [Fraction(37, 100), Fraction(5)])
def test_other_intervals_are_exact_too(name: str, interval: Fraction) -> None:
    samples = sampled(film(name), interval)
    reference = full_decode(FOOTAGE / name, interval)
    assert [sample.pts for sample in samples] == [expected.pts for expected in reference]
    for sample, expected in zip(samples, reference, strict=True):
        assert np.array_equal(sample.picture, expected.picture)
