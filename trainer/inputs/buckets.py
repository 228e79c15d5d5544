"""The sizes that pictures are trained at: few aspect ratios, and never enlarged."""

from __future__ import annotations

import math

from PIL import Image

from trainer.errors import JobFailed

Size = tuple[int, int]  # width, height in px

#: Width by height; the upright ones are their inverses.
WIDE = (1.0, 4 / 3, 3 / 2, 16 / 9, 21 / 9)
RATIOS = tuple(sorted({*WIDE, *(1 / ratio for ratio in WIDE)}))


def bucket_of(picture: Size, resolution: int, multiple: int, name: str = "A picture") -> Size:
    """Return the size that a picture is trained at.

    The nearest of a few aspect ratios, with at most resolution x resolution pixels, no side longer
    than the picture's, and both sides divisible by ``multiple``. Raises JobFailed for a picture
    with a side below ``multiple``.
    """
    width, height = picture
    if min(picture) < multiple:
        raise JobFailed(
            f"{name} of {width} x {height} px is too small: both sides need at least "
            f"{multiple} px, and pictures are not enlarged. Take it out of the dataset."
        )
    ratio = min(RATIOS, key=lambda each: abs(math.log(each * height / width)))
    wide = resolution * math.sqrt(ratio)
    tall = wide / ratio
    fit = min(1.0, width / wide, height / tall)
    return _floor(wide * fit, multiple), _floor(tall * fit, multiple)


def _floor(side: float, multiple: int) -> int:
    # Rounded first: 256.0 must not become 240 because it came out as 255.99999.
    return max(multiple, int(round(side, 6) // multiple * multiple))


def fit_bucket(image: Image.Image, size: Size) -> Image.Image:
    """Return a picture reduced until it covers a size, and cut to it around its centre."""
    width, height = size
    scale = max(width / image.width, height / image.height)
    covering = (max(width, round(image.width * scale)), max(height, round(image.height * scale)))
    left, top = (covering[0] - width) // 2, (covering[1] - height) // 2
    resized = image.resize(covering, Image.Resampling.LANCZOS) if covering != image.size else image
    return resized.crop((left, top, left + width, top + height))
