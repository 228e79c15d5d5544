"""Where one shot ends and the next begins."""

import cv2
import numpy as np
import pytest

from storyboard_ops.core.sampling.shots import anchor_before, distance, signature
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
