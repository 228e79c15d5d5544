"""Faces cut out for the search, and the figure below a face."""

from __future__ import annotations

import numpy as np
import pytest

from storyboard_ops.core.detection.faces import LEAST_SEARCH_SIDE, figure_box, search_picture
from storyboard_ops.domain.image_records import Box

GREY, RED, BLUE = (128, 128, 128), (200, 0, 0), (0, 0, 200)


def frame_with(*painted: tuple[Box, tuple[int, int, int]]) -> np.ndarray:
    """1000 x 500 px, grey, with filled boxes."""
    frame = np.full((500, 1000, 3), GREY, np.uint8)
    for box, colour in painted:
        rows = slice(round(box.y * 500), round(box.bottom * 500))
        frame[rows, round(box.x * 1000) : round(box.right * 1000)] = colour
    return frame


def test_a_figure_is_ten_faces_high_and_keeps_its_face():
    face = Box(x=0.45, y=0.1, w=0.05, h=0.08)
    figure = figure_box(face, 1000, 1000)
    head = 0.08 * 4 / 3
    assert figure.y == pytest.approx(face.bottom - head)
    assert figure.h == pytest.approx(7.5 * head)
    assert figure.w == pytest.approx(2 * head)
    assert figure.x + figure.w / 2 == pytest.approx(face.x + face.w / 2)


def test_proportions_hold_in_pixels_whatever_the_shape_of_the_frame():
    face = Box(x=0.45, y=0.3, w=0.02, h=0.06)
    wide = figure_box(face, 2000, 1000)
    assert wide.w * 2000 == pytest.approx(2 * 0.06 * 4 / 3 * 1000)


def test_a_figure_ends_at_the_borders_of_the_frame():
    figure = figure_box(Box(x=0.0, y=0.0, w=0.4, h=0.8), 1000, 1000)
    assert (figure.x, figure.y, figure.bottom) == (0.0, 0.0, 1.0)


def test_a_face_is_cut_with_a_margin():
    face = Box(x=0.4, y=0.4, w=0.2, h=0.4)  # 200 x 200 px
    cut = search_picture(frame_with((face, RED)), face, [])
    assert cut.shape == (200 + 2 * 80, 200 + 2 * 80, 3)
    assert tuple(cut[cut.shape[0] // 2, cut.shape[1] // 2]) == RED
    assert tuple(cut[5, 5]) == GREY


def test_another_face_in_the_cut_is_painted_over_but_never_the_own_one():
    face = Box(x=0.4, y=0.4, w=0.2, h=0.4)
    larger = Box(x=0.55, y=0.0, w=0.4, h=0.9)  # covers part of the face and of the margin
    cut = search_picture(frame_with((larger, BLUE), (face, RED)), face, [larger])
    colours = {tuple(int(v) for v in pixel) for pixel in cut.reshape(-1, 3)}
    assert BLUE not in colours
    rows, columns = np.nonzero((cut == RED).all(axis=2))
    assert (rows.max() - rows.min() + 1, columns.max() - columns.min() + 1) == (200, 200)


def test_a_small_face_is_enlarged_to_what_the_service_takes():
    cut = search_picture(frame_with(), Box(x=0.5, y=0.5, w=0.02, h=0.04), [])
    assert min(cut.shape[:2]) == LEAST_SEARCH_SIDE


def test_the_margin_goes_by_the_longer_side_of_the_face():
    assert search_picture(frame_with(), Box(x=0.4, y=0.4, w=0.1, h=0.4), []).shape == (360, 260, 3)
    assert search_picture(frame_with(), Box(x=0.4, y=0.4, w=0.2, h=0.2), []).shape == (260, 360, 3)


def test_a_face_is_enlarged_to_120_pixels_on_the_shorter_side():
    """20 x 40 px and 16 on every side: 52 x 72."""
    cut = search_picture(frame_with(), Box(x=0.5, y=0.5, w=0.02, h=0.08), [])
    assert cut.shape == (round(72 * 120 / 52), 120, 3)


def test_what_is_painted_over_gets_the_mean_colour_of_the_cut():
    face, other = Box(x=0.4, y=0.4, w=0.2, h=0.4), Box(x=0.35, y=0.3, w=0.04, h=0.1)
    cut = search_picture(frame_with((other, BLUE)), face, [other])
    mean = (np.array(GREY) * (360 * 360 - 40 * 50) + np.array(BLUE) * 40 * 50) / 360**2
    assert cut[50, 50].tolist() == mean.astype(int).tolist()
    assert cut.shape == (360, 360, 3)


def test_a_face_wider_than_its_shoulders_keeps_its_width():
    face = Box(x=0.2, y=0.4, w=0.6, h=0.1)
    figure = figure_box(face, 1000, 1000)
    assert (figure.x, figure.w) == (pytest.approx(0.2), pytest.approx(0.6))
