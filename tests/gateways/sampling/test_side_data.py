"""Frames with side data that libav knows and PyAV does not: it is passed over."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from av.sidedata.sidedata import Type
from PIL import Image, ImageOps

from storyboard_ops.steps.sampling.film_decoder import Sample, open_film
from tests.films.film_files import film_bytes
from tests.films.film_maker import number_in, numbered
from tests.films.film_surgery import film_of_packets

ORIENTATION, DESCRIPTION = 0x0112, 0x010E


def photo(number: int, orientation: int) -> bytes:
    """A JPEG as a camera writes it: numbered when it is turned as its EXIF data say."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[DESCRIPTION] = orientation, "a camera"
    body = io.BytesIO()
    Image.fromarray(numbered(number)).save(body, "JPEG", quality=95, exif=exif)
    return body.getvalue()


def sampled(path: Path) -> list[Sample]:
    decoder = open_film(film_bytes(path))
    clock = decoder.clock(Fraction(1))
    return list(decoder.samples(clock, 0, clock.count))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["film.mkv", "film.avi", "film.mov"])
def test_motion_jpeg_with_exif_is_upright(name: str, orientation: int, tmp_path: Path) -> None:
    bodies = [photo(number, orientation) for number in range(50)]
    samples = sampled(film_of_packets(tmp_path / name, bodies, 2))
    assert len(samples) == 2
    for sample, number in zip(samples, (0, 25), strict=True):
        upright = ImageOps.exif_transpose(Image.open(io.BytesIO(bodies[number])))
        difference = np.abs(np.asarray(upright, dtype=int) - sample.picture)
        assert sample.picture.shape == (upright.height, upright.width, 3)
        assert difference.mean() < 3  # another decoder


def test_a_photo_is_a_film_of_one_picture(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(photo(3, 1))
    (sample,) = sampled(path)
    assert number_in(sample.picture) == 3


@pytest.mark.parametrize("number", [28, 29, 31, 200])
def test_a_kind_that_is_unknown_has_a_name(number: int) -> None:
    """EXIF; views and reference displays of spatial video; what a later libav adds."""
    kind = Type(number)
    assert (kind.value, kind.name) == (number, f"UNKNOWN_{number}")
    assert Type(Type.DISPLAYMATRIX.value) is Type.DISPLAYMATRIX
