"""The drawing code still draws the committed film, its truth and the reference pictures."""

from __future__ import annotations

import dataclasses
import json
from functools import cache

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from launcher.state.layout import SAMPLE_PRODUCTION, Project
from tools.sample_film.characters import CAST, orso
from tools.sample_film.encoder import coded_frame
from tools.sample_film.reel import frame_at
from tools.sample_film.references import SHEETS, draw_reference, file_name
from tools.sample_film.rendering import compositor, sprite
from tools.sample_film.staging.camera import FPS, HEIGHT, WIDTH
from tools.sample_film.truth import frame_entry

FILM = Project().sample_film
TRUTH = json.loads(FILM.with_name("truth.json").read_text(encoding="utf-8"))
REFERENCES = Project().productions / SAMPLE_PRODUCTION / "references"
#: The title; Orso alone, held still; Mira, Pell and Orso together, twice.
SECONDS = (2, 29, 33, 34)
TILE = 16  # pixels
#: Levels of 255. H.264 at this quality moves the mean luma of a tile by at most 2.5 in these
#: frames; an eye of the smallest figure that is 3 degrees out of place moves it by 7.
MAX_DIFFERENCE = 3.5


@cache
def committed(second: int) -> NDArray[np.float64]:
    """Mean luma of the tiles of the committed film's frame."""
    with av.open(str(FILM)) as container:
        container.seek(second * av.time_base)
        return tiles(next(f for f in container.decode(video=0) if (f.time or 0) >= second - 1e-6))


def drawn(second: int) -> NDArray[np.float64]:
    """Mean luma of the tiles of the frame as it is drawn now, converted as the encoder does."""
    return tiles(coded_frame(frame_at(second * FPS).pixels))


def tiles(frame: av.VideoFrame) -> NDArray[np.float64]:
    luma = frame.to_ndarray()[:HEIGHT].astype(np.float64)
    shape = (HEIGHT // TILE, TILE, WIDTH // TILE, TILE)
    means: NDArray[np.float64] = luma.reshape(shape).mean(axis=(1, 3))
    return means


@pytest.mark.parametrize("second", SECONDS)
def test_a_frame_is_still_drawn_as_the_committed_film_shows_it(second: int) -> None:
    assert np.abs(drawn(second) - committed(second)).max() < MAX_DIFFERENCE
    assert frame_entry(frame_at(second * FPS).truth) == TRUTH["frames"][second]


def test_an_eye_that_moves_by_three_degrees_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    moved = dataclasses.replace(orso.EYES, azimuth=orso.EYES.azimuth + 3)
    monkeypatch.setattr(orso, "EYES", moved)
    forget_drawings()
    try:
        assert np.abs(drawn(34) - committed(34)).max() > MAX_DIFFERENCE
    finally:
        forget_drawings()


def forget_drawings() -> None:
    """Empty the caches that hold drawn characters."""
    sprite.sprite.cache_clear()
    compositor._compose.cache_clear()


@pytest.mark.parametrize("who", CAST)
def test_the_reference_pictures_are_still_drawn_as_committed(who: str) -> None:
    for sheet in SHEETS:
        committed = cv2.imread(str(REFERENCES / file_name(CAST[who], sheet)))
        assert committed is not None
        now = draw_reference(CAST[who], sheet)
        assert committed.shape == now.shape
        # Vector instructions of another processor may round differently.
        assert np.abs(committed.astype(int) - now.astype(int)).max() <= 1
