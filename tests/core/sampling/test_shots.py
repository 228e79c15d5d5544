"""Where one shot ends and the next begins."""

import cv2
import numpy as np
import pytest

from storyboard_ops.core.sampling.exact_cuts import HEIGHT, WIDTH, cut_times
from storyboard_ops.core.sampling.shots import (
    KnownCuts,
    SampledCuts,
    anchor_before,
    distance,
    signature,
)
from tests.core.sampling.test_triage import flat, scene


def apart(one: np.ndarray, other: np.ndarray) -> float:
    return distance(signature(one), signature(other))


def test_a_picture_is_at_no_distance_from_itself_at_any_size() -> None:
    assert apart(scene(), scene()) == pytest.approx(0, abs=1e-6)
    assert apart(scene(), cv2.resize(scene(), (1280, 720), interpolation=cv2.INTER_NEAREST)) < 0.05


def test_other_scenes_are_far_and_a_passing_figure_is_near() -> None:
    passing = scene()
    cv2.circle(passing, (200, 180), 60, (250, 210, 180), -1)
    assert apart(scene(0), scene(1)) > 0.4
    assert apart(scene(), passing) < 0.15


def test_a_slow_pan_is_no_cut() -> None:
    assert apart(scene(), np.roll(scene(), 16, axis=1)) < 0.24


def test_black_and_white_have_no_colour_in_common_and_no_layout() -> None:
    assert apart(flat(0), flat(255)) == pytest.approx(0.5)


def test_grain_on_a_flat_picture_is_no_layout() -> None:
    grain = np.random.default_rng(1).integers(0, 3, (2, 360, 640, 3), dtype=np.uint8)
    assert apart(flat(100) + grain[0], flat(100) + grain[1]) < 0.05


def test_anchors() -> None:
    assert [anchor_before(k) for k in (0, 1, 63, 64, 65, 1000)] == [0, 0, 0, 64, 64, 960]


def flat_colour(*rgb: int) -> np.ndarray:
    return np.full((36, 64, 3), rgb, np.uint8)


@pytest.mark.parametrize(
    ("rgb", "place"),
    [
        ((255, 187, 0), (0, 3, 3)),  # 44 degrees: the last hue of the first eighth
        ((128, 255, 0), (2, 3, 3)),  # 90 degrees: the first hue of the third
        ((0, 68, 255), (4, 3, 3)),  # 224 degrees: the last hue of the fifth
        ((64, 48, 48), (0, 1, 1)),  # 64 of 255 in saturation and value: the second quarters
        ((63, 63, 63), (0, 0, 0)),
        ((255, 255, 255), (0, 0, 3)),
    ],
)
def test_colours_are_counted_in_eighths_of_hue_and_quarters_of_the_rest(
    rgb: tuple[int, int, int], place: tuple[int, int, int]
) -> None:
    colours = signature(flat_colour(*rgb)).colours
    assert colours.shape == (8, 4, 4)
    assert colours[place] == 1


def halves(left: int, right: int) -> np.ndarray:
    picture = flat_colour(left, left, left)
    picture[:, 32:] = right
    return picture


@pytest.mark.parametrize(("step", "apart_by"), [(4, 0.125), (8, 0.5), (16, 0.5)])
def test_a_layout_counts_fully_from_a_contrast_of_four_on(step: int, apart_by: float) -> None:
    """Two halves change places: the luma varies by half a step, and no colour changes."""
    change = apart(halves(100, 100 + step), halves(100 + step, 100))
    assert change == pytest.approx(apart_by, abs=1e-3)


def test_a_cut_lies_between_samples_that_differ_by_more_than_is_allowed() -> None:
    black, white = flat(0), flat(255)
    step = apart(black, white)
    exactly, less = SampledCuts(step), SampledCuts(step - 1e-6)
    assert [exactly.begins_shot(k, p) for k, p in enumerate((black, white))] == [True, False]
    assert [less.begins_shot(k, p) for k, p in enumerate((black, white))] == [True, True]
    assert less.begins_shot(2, white) is False


def test_known_cuts_are_where_they_are_said_to_be() -> None:
    known = KnownCuts(frozenset({2}))
    assert [known.begins_shot(k, flat(0)) for k in range(4)] == [False, False, True, False]


def test_exact_cuts_are_the_first_pictures_of_their_shots() -> None:
    shots = [flat_colour(10, 10, 10)] * 3 + [flat_colour(240, 60, 60)] * 2 + [flat_colour(0, 0, 90)]
    shown = [(1000 + 40 * n, cv2.resize(p, (WIDTH, HEIGHT))) for n, p in enumerate(shots)]
    assert list(cut_times(shown)) == [1120, 1200]
