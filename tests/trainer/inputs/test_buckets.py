"""Pictures are reduced to few shapes, and never enlarged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from trainer.errors import JobFailed
from trainer.inputs.buckets import RATIOS, bucket_of, fit_bucket

SIDES = st.integers(64, 700)


@pytest.mark.parametrize(
    ("picture", "size"),
    [
        ((1024, 1024), (1024, 1024)),
        ((3840, 2160), (1360, 768)),  # 16:9
        ((1080, 1920), (768, 1360)),
        ((512, 512), (512, 512)),  # small ones stay small
        ((640, 360), (640, 352)),
        ((70, 1000), (64, 160)),  # longer than the longest shape: cut
    ],
)
def test_the_size_of_a_picture(picture: tuple[int, int], size: tuple[int, int]) -> None:
    assert bucket_of(picture, 1024, 16) == size


@given(width=SIDES, height=SIDES, resolution=st.sampled_from([64, 128, 256]))
def test_no_size_is_larger_than_the_picture_or_the_resolution(
    width: int, height: int, resolution: int
) -> None:
    wide, tall = bucket_of((width, height), resolution, 16)
    assert wide <= width and tall <= height
    assert wide * tall <= resolution**2
    assert wide % 16 == tall % 16 == 0
    assert fit_bucket(Image.new("RGB", (width, height)), (wide, tall)).size == (wide, tall)


def test_large_pictures_have_few_sizes() -> None:
    sizes = {bucket_of((w, h), 512, 16) for w in range(1600, 3000, 77) for h in (1600, 2000, 2900)}
    assert len(sizes) <= len(RATIOS)


def test_a_picture_that_is_too_small_is_refused() -> None:
    with pytest.raises(JobFailed, match=r"bo_1\.png of 12 x 80 px is too small.*at least 16 px"):
        bucket_of((12, 80), 512, 16, "bo_1.png")


def test_the_middle_of_a_picture_is_kept() -> None:
    picture = Image.new("RGB", (96, 64), "blue")
    picture.paste("red", (16, 0, 80, 64))
    assert fit_bucket(picture, (64, 64)).getcolors() == [(64 * 64, (255, 0, 0))]
