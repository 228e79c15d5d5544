"""The pictures of an animatic: one canvas, bounded and even, with number and timecode."""

import numpy as np
import pytest

from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.core.storyboard.board import arrange_board
from storyboard_ops.core.storyboard.editorial.animatic_frames import AnimaticFrames, animatic_size
from storyboard_ops.core.storyboard.editorial.cut import cut_board
from tests.material.factories import failed_panel, panel


def flat(colour, width, height):
    return encode_png(np.full((height, width, 3), colour, np.uint8))


def cut_of(*panels):
    return cut_board(arrange_board(panels), "x", "01:00:00:00")


@pytest.mark.parametrize(
    ("given", "size"),
    [
        ((1280, 720), (1280, 720)),
        ((1281, 719), (1280, 720)),
        ((4096, 2304), (1920, 1080)),
        ((2304, 4096), (1080, 1920)),
        ((1024, 1024), (1024, 1024)),
        ((4096, 4096), (1080, 1080)),
        ((4096, 320), (1920, 150)),
        ((321, 321), (320, 320)),
        ((1, 1), (2, 2)),
    ],
)
def test_the_canvas_is_even_and_no_larger_than_full_hd(given, size):
    assert animatic_size(*given) == size


def test_a_picture_of_other_proportions_keeps_them():
    cut = cut_of(panel(1, width=640, height=360), panel(2, width=360, height=360))
    frames = AnimaticFrames(cut, burn_in=False)
    still = frames.still(cut.clips[1], flat((200, 10, 10), 360, 360))
    assert still.shape == (360, 640, 3)
    assert still[180, 320].tolist() == [200, 10, 10]
    assert still[180, 20].tolist() == still[180, 620].tolist() == [0, 0, 0]


def test_without_burn_in_frames_are_the_picture():
    cut = cut_of(panel(1, width=640, height=360, frames=3))
    drawn = AnimaticFrames(cut, burn_in=False)
    still = drawn.still(cut.clips[0], flat((1, 2, 3), 640, 360))
    frames = list(drawn.frames(cut.clips[0], still))
    assert len(frames) == 3
    assert all((frame == still).all() for frame in frames)


def test_number_and_timecode_are_in_the_lower_strip_alone():
    cut = cut_of(panel(1, width=640, height=360, frames=30))
    drawn = AnimaticFrames(cut, burn_in=True)
    still = drawn.still(cut.clips[0], flat((90, 90, 90), 640, 360))
    frames = [frame.copy() for frame in drawn.frames(cut.clips[0], still)]
    top = 360 - 22
    assert all((frame[:top] == still[:top]).all() for frame in frames)
    strips = [frame[top:] for frame in frames]
    assert all(strip[:, :200].max() > 200 for strip in strips)  # the number
    assert all((strip[:, :320] == strips[0][:, :320]).all() for strip in strips)
    # 01:00:00:00 to 01:00:01:05: every timecode looks different.
    assert len({strip[:, 320:].tobytes() for strip in strips}) == 30


@pytest.mark.parametrize("encoded", [None, b"", b"no picture"])
def test_a_panel_without_a_picture_says_so(encoded):
    cut = cut_of(failed_panel(1))
    still = AnimaticFrames(cut, burn_in=True).still(cut.clips[0], encoded)
    assert still.shape == (720, 1280, 3)
    assert still.max() > 200
    assert np.median(still) == 28
