"""Animatics, decoded again: every frame at its time, every panel in its frames."""

from fractions import Fraction

import av
import numpy as np
import pytest

from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.gateways.storyboard import animatic_file
from storyboard_ops.gateways.storyboard.animatic_file import (
    SAMPLE_RATE,
    find_encoder,
    write_animatic,
)

SIZE = (320, 180)
#: Frames of each panel, and its colour.
PANELS = [(1, (200, 30, 30)), (7, (30, 200, 30)), (24, (30, 30, 200)), (13, (210, 210, 210))]
NONE = np.zeros(0, np.int16)


def flat(colour):
    return np.full((SIZE[1], SIZE[0], 3), colour, np.uint8)


def write(path, rate, sounds=()):
    heard = [*sounds, *[NONE] * len(PANELS)]
    parts = [([flat(colour)] * n, sound) for (n, colour), sound in zip(PANELS, heard, strict=False)]
    write_animatic(path, SIZE, rate, parts)


@pytest.mark.parametrize(
    "rate", [Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(60)], ids=str
)
def test_every_panel_is_decoded_in_its_frames(tmp_path, rate):
    path = tmp_path / "animatic.mp4"
    write(path, rate)
    with av.open(str(path)) as film:
        video = film.streams.video[0]
        assert (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (video.average_rate, video.frames, video.start_time) == (rate, 45, 0)
        decoded = [(f.pts * f.time_base, f.to_ndarray(format="rgb24")) for f in film.decode(video)]
    assert [time for time, _ in decoded] == [number / rate for number in range(45)]
    shown = [tuple(picture[90, 160].astype(int)) for _, picture in decoded]
    wanted = [colour for frames, colour in PANELS for _ in range(frames)]
    assert np.abs(np.array(shown) - np.array(wanted)).max() <= 6


def test_the_index_is_before_the_pictures(tmp_path):
    path = tmp_path / "animatic.mp4"
    write(path, Fraction(25))
    body = path.read_bytes()
    assert body.index(b"moov") < body.index(b"mdat")


def test_sound_begins_with_its_panel_and_ends_with_it(tmp_path):
    path = tmp_path / "animatic.mp4"
    second = np.full(SAMPLE_RATE, 12_000, np.int16)
    second[1::2] = -12_000
    write(path, Fraction(25), [NONE, second, NONE, second[:100]])
    with av.open(str(path)) as film:
        audio = film.streams.audio[0]
        assert (audio.codec_context.name, audio.rate, audio.layout.name) == ("aac", 48_000, "mono")
        heard = np.concatenate([frame.to_ndarray()[0] for frame in film.decode(audio)])
    loud = np.abs(heard) > 0.1
    # Panel 2 is frames 1 to 7: 40 to 320 ms. The coder may spread it by a block of 1024.
    first, last = np.flatnonzero(loud[:SAMPLE_RATE])[[0, -1]] / 48
    assert first == pytest.approx(40, abs=22)
    assert last == pytest.approx(320, abs=22)
    assert len(heard) == pytest.approx(45 * SAMPLE_RATE / 25, abs=2_048)


def test_a_fault_in_the_middle_leaves_no_open_file(tmp_path):
    def frames():
        yield flat((1, 2, 3))
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        write_animatic(tmp_path / "animatic.mp4", SIZE, Fraction(25), [(frames(), NONE)])


def test_what_cannot_be_encoded_is_said(tmp_path):
    nowhere = tmp_path / "no folder" / "animatic.mp4"
    with pytest.raises(BadInput, match="The animatic cannot be encoded"):
        write_animatic(nowhere, SIZE, Fraction(25), [([flat((1, 2, 3))], NONE)])


def test_a_pyav_without_an_encoder_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(animatic_file, "ENCODERS", {"libnothing": {}})
    with pytest.raises(BadInput, match=r"has no encoder for H\.264"):
        write_animatic(tmp_path / "a.mp4", SIZE, Fraction(25), [])


def test_this_pyav_has_an_encoder():
    assert find_encoder() == "libx264"
