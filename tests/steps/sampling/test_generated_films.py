"""Any film gives the samples of a full decode."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from storyboard_ops.steps.sampling.film_decoder import open_film
from tests.films.film_files import film_bytes
from tests.films.full_decode import full_decode
from tests.films.generated_film import generated_film

FILMS_A_TEST = 20


def assert_equals_full_decode(seed: int, folder: Path) -> None:
    folder.mkdir()
    film = generated_film(seed, folder)
    expected = full_decode(film.path, film.interval, time_of=film.time_of)
    decoder = open_film(film_bytes(film.path))
    clock = decoder.clock(film.interval)
    samples = list(decoder.samples(clock, 0, clock.count))
    assert len(samples) == len(expected), film.recipe
    for sample, one in zip(samples, expected, strict=True):
        assert sample.pts - samples[0].pts == one.pts - expected[0].pts, film.recipe
        assert np.array_equal(sample.picture, one.picture), f"sample {sample.k} of {film.recipe}"
    assert decoder.index.lost == "", film.recipe


@pytest.mark.parametrize("seed", range(12))
def test_a_film_drawn_at_random_equals_its_full_decode(seed: int, tmp_path: Path) -> None:
    assert_equals_full_decode(seed, tmp_path / "film")


@pytest.mark.long
@pytest.mark.parametrize("first", range(1_000, 2_000, FILMS_A_TEST))
def test_a_thousand_films_equal_their_full_decode(first: int, tmp_path: Path) -> None:
    for seed in range(first, first + FILMS_A_TEST):
        assert_equals_full_decode(seed, tmp_path / str(seed))
