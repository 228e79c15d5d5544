"""Figures are what stands out from the background: known places on drawn frames and real films."""

from __future__ import annotations

import json
from contextlib import closing
from fractions import Fraction

import cv2
import numpy as np
import pytest

from launcher.state.layout import PROJECT_ROOT
from storyboard_ops.core.production.cutting import cut_figure
from storyboard_ops.core.production.figures import find_figures
from storyboard_ops.domain.image_records import Box
from storyboard_ops.gateways.sampling.byte_source import open_local_or_web
from storyboard_ops.steps.sampling.film_decoder import open_film
from tests.films.cast_film import ANN, add_figure, drawn, ground


@pytest.mark.parametrize("second", [0, 3, 4, 7])
def test_each_figure_is_found_once_where_it_is(second):
    frame, boxes = drawn(second)
    found = find_figures(frame)
    assert len(found) == 2
    for box in boxes.values():
        assert max(figure.box.iou(box) for figure in found) > 0.7


def test_nobody_is_found_on_a_ground_alone():
    assert find_figures(ground(0)) == []
    assert find_figures(np.full((180, 320, 3), 90, np.uint8)) == []
    assert find_figures(np.zeros((18, 32, 3), np.uint8)) == []


def test_bars_above_and_below_belong_to_nobody():
    frame, boxes = drawn(1)
    barred = cv2.copyMakeBorder(frame, 60, 60, 0, 0, cv2.BORDER_CONSTANT, value=(0, 0, 0))
    found = find_figures(barred)
    assert len(found) == 2
    within = [
        Box(x=b.x, y=(b.y * 360 + 60) / 480, w=b.w, h=b.h * 360 / 480) for b in boxes.values()
    ]
    assert all(max(figure.box.iou(box) for figure in found) > 0.6 for box in within)


def test_a_figure_that_the_lower_border_cuts_off_is_found():
    frame = ground(1)
    add_figure(frame, 270, ANN)
    (figure,) = find_figures(frame[:200])
    assert figure.box.bottom == 1
    assert figure.cells.any()


@pytest.mark.parametrize("shape", [(90, 160), (360, 120), (1080, 1920)])
def test_frames_of_any_size(shape):
    frame = ground(0)
    add_figure(frame, 270, ANN)
    sized = cv2.resize(frame, shape[::-1], interpolation=cv2.INTER_AREA)
    found = find_figures(np.asarray(sized, np.uint8))
    assert all(one.box.x >= 0 and one.box.right <= 1 + 1e-9 for one in found)


def test_a_cut_out_has_a_little_of_what_is_around():
    frame, boxes = drawn(0)
    cut = cut_figure(frame, boxes["ann"])
    assert cut.shape == (230 + 2 * 14, 90 + 2 * 14, 3)
    assert cut_figure(frame, Box(x=0, y=0, w=0.1, h=0.1)).shape == (36 + 4, 64 + 4, 3)


def test_most_characters_of_the_sample_film_are_found():
    """Six in ten places of a film with woods, a harbour and a workshop."""
    film = PROJECT_ROOT / "include/sample_film"
    frames = json.loads((film / "truth.json").read_text())["frames"]
    truth = {round(one["t"]): one for one in frames}
    found = wanted = 0
    with closing(open_local_or_web(str(film / "paper-lantern.mp4"))) as source:
        decoder = open_film(source)
        samples = list(decoder.samples(decoder.clock(Fraction(3)), 2, 21))
    for sample in samples:
        places = [
            Box.clamped(x, y, x + w, y + h)
            for one in truth[3 * sample.k]["characters"]
            if not one.get("ambiguous")
            for x, y, w, h in [one["box"]]
        ]
        if places:
            figures = find_figures(sample.picture)
            wanted += len(places)
            found += sum(any(one.box.iou(place) >= 0.4 for one in figures) for place in places)
    assert wanted > 20
    assert found >= 0.6 * wanted
