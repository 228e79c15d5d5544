"""Reference pictures that are larger than any step decodes."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from storyboard_ops.core.pictures.codec import decode_rgb, encode_png
from storyboard_ops.core.pictures.shrink import SHRUNK_SIDE, shrink_oversized
from storyboard_ops.domain.error_tree import BadInput
from tests.material import factories

#: 81 megapixels: a scan, or a photograph of a medium-format camera.
WIDTH, HEIGHT = 9_000, 9_000


def picture(kind: str, width: int = WIDTH, height: int = HEIGHT, **options: object) -> bytes:
    """A red picture whose lower half is blue."""
    rows = np.zeros((height, 1, 3), np.uint8)
    rows[: height // 2, :, 0] = rows[height // 2 :, :, 2] = 250
    image = Image.fromarray(rows).resize((width, height), Image.Resampling.NEAREST)
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_81_megapixels_are_shrunk_and_that_is_said(kind: str) -> None:
    shrunk, remark = shrink_oversized(picture(kind))
    assert remark == "it has 9,000 x 9,000 pixels and is used at 4,096 x 4,096."
    rgb = decode_rgb(shrunk)
    assert rgb.shape == (SHRUNK_SIDE, SHRUNK_SIDE, 3)
    assert np.abs(rgb[100, 100].astype(int) - (250, 0, 0)).max() <= 3
    assert np.abs(rgb[-100, 100].astype(int) - (0, 0, 250)).max() <= 3
    assert Image.open(io.BytesIO(shrunk)).format == kind


def test_a_picture_within_bounds_is_not_touched() -> None:
    small = encode_png(factories.picture(1, 96, 96))
    assert shrink_oversized(small) == (small, "")


@pytest.mark.parametrize("body", [b"", b"mira", encode_png(factories.picture(1, 96, 96))[:60]])
def test_what_is_not_a_picture_is_refused(body: bytes) -> None:
    with pytest.raises(BadInput, match="not a readable picture"):
        shrink_oversized(body)


def test_a_picture_that_is_larger_still_is_refused_with_the_range() -> None:
    header = bytearray(picture("PNG", 8, 8))
    header[16:24] = (20_000).to_bytes(4) + (20_000).to_bytes(4)
    with pytest.raises(BadInput, match=r"20,000 x 20,000 pixels; allowed are 1 to 16,384"):
        shrink_oversized(bytes(header))


def test_a_large_picture_that_is_cut_off_is_refused() -> None:
    whole = picture("PNG")
    broken = whole[: len(whole) // 2] + whole[-12:]
    with pytest.raises(BadInput):
        shrink_oversized(broken)
