"""Single frames: what is drawn, and that the truth tells exactly what is drawn."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest

from sample_film.camera import FPS, HEIGHT, WIDTH
from sample_film.compositor import draw
from sample_film.reel import (
    SOLID,
    ReelFrame,
    frame_at,
    shot_list,
    shot_starts,
    total_frames,
    visible_box,
)
from sample_film.shots import SHOTS


def shot_named(name: str) -> int:
    return next(n for n, shot in enumerate(SHOTS) if shot.name == name)


def frame_of(name: str, seconds: float) -> ReelFrame:
    return frame_at(shot_starts()[shot_named(name)] + int(seconds * FPS))


def test_a_frame_is_a_720p_picture():
    frame = frame_of("title", 2.0)
    assert frame.pixels.shape == (HEIGHT, WIDTH, 3)
    assert frame.pixels.dtype == np.uint8


def test_the_same_frame_is_drawn_again_to_the_last_bit():
    first = frame_of("wonder", 0.5)
    frame_of("title", 0.0)  # something else in between
    again = frame_of("wonder", 0.5)
    assert np.array_equal(first.pixels, again.pixels)
    assert first.truth == again.truth


def test_boxes_enclose_exactly_the_visible_pixels():
    number = shot_named("visitors")
    picture = draw(SHOTS[number], 80)
    truth = frame_of("visitors", 80 / FPS).truth
    assert [c.id for c in truth.characters] == ["pell", "orso", "mira"]
    for figure, character in zip(picture.figures, truth.characters, strict=True):
        solid = np.argwhere(figure.mask >= SOLID)
        (top, left), (bottom, right) = solid.min(axis=0), solid.max(axis=0) + 1
        box = np.array(character.box) * [WIDTH, HEIGHT, WIDTH, HEIGHT]
        assert box == pytest.approx([left, top, right - left, bottom - top], abs=0.02)


def test_a_character_in_front_takes_pixels_from_the_one_behind():
    picture = draw(SHOTS[shot_named("visitors")], 80)
    pell, _, mira = picture.figures
    overlap = (pell.mask >= SOLID) & (mira.mask >= SOLID)
    assert not overlap.any()
    assert pell.mask.sum() / 255 < 0.95 * pell.area


def test_a_table_hides_who_stands_behind_it():
    characters = frame_of("building", 4.0).truth.characters
    assert {c.id for c in characters} == {"orso", "mira"}
    assert all(0.4 < c.visible < 0.85 for c in characters)


def test_visible_counts_what_the_frame_cuts_off():
    (pell,) = frame_of("admiring", 1.0).truth.characters
    assert pell.box[1] + pell.box[3] == pytest.approx(1.0)  # legs below the frame
    assert 0.3 < pell.visible < 0.8


def test_an_empty_mask_has_no_box():
    assert visible_box(np.zeros((HEIGHT, WIDTH), dtype=np.uint8)) is None


@pytest.mark.parametrize(
    ("shot", "seconds", "tag"),
    [
        ("title", 2.0, "title"),
        ("title", 0.0, "black"),
        ("title", 0.4, "fade"),
        ("morning", 0.5, "dissolve"),
        ("wonder", 2.5, "still"),
        ("meeting", 2.0, "blur"),
        ("building", 0.5, "blur"),
        ("credits", 2.0, "credits"),
    ],
)
def test_tags(shot: str, seconds: float, tag: str):
    assert tag in frame_of(shot, seconds).truth.tags


def test_sharp_frames_are_not_tagged_blurred():
    assert "blur" not in frame_of("building", 4.0).truth.tags
    assert "blur" not in frame_of("meeting", 1.0).truth.tags


def test_blur_is_visible_in_the_picture():
    """Variance of the Laplacian, the usual measure of sharpness, in the middle of the frame."""

    def sharpness(seconds: float) -> float:
        middle = frame_of("meeting", seconds).pixels[100:500, 300:980]
        return float(cv2.Laplacian(cv2.cvtColor(middle, cv2.COLOR_BGR2GRAY), cv2.CV_64F).var())

    assert sharpness(2.02) < 0.5 * sharpness(1.0)


def test_a_held_pose_gives_nearly_the_same_picture():
    now, later = frame_of("hoping", 2.0).pixels, frame_of("hoping", 3.5).pixels
    assert np.array_equal(now, later)


def test_shots_cover_every_frame_once():
    shots = shot_list()
    assert shots[0].start == 0
    for before, after in pairwise(shots):
        assert before.start + before.frames == after.start
    assert shots[-1].start + shots[-1].frames == total_frames()


def test_the_film_lasts_about_a_minute():
    assert 55 <= total_frames() / FPS <= 70


def test_a_frame_after_the_end_is_refused():
    with pytest.raises(IndexError, match=f"0 to {total_frames() - 1}"):
        frame_at(total_frames())
