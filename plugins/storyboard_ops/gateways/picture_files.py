"""Pictures as bytes of a file format."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]  # (height, width, 3), RGB, 0..255

JPEG_QUALITY = 95


def jpeg_bytes(picture: Picture) -> bytes:
    """JPEG of an RGB picture: quality 95, colour at full resolution (4:4:4)."""
    return _encoded(
        picture,
        ".jpg",
        [
            cv2.IMWRITE_JPEG_QUALITY,
            JPEG_QUALITY,
            cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
            cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
        ],
    )


def png_bytes(picture: Picture) -> bytes:
    """PNG of an RGB picture, lossless."""
    return _encoded(picture, ".png", [])


def rgb_picture(body: bytes) -> Picture:
    """The RGB picture in a file's bytes; raises ValueError when there is none."""
    picture = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise ValueError("the bytes hold no picture that can be decoded")
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def _encoded(picture: Picture, suffix: str, options: list[int]) -> bytes:
    encoded, body = cv2.imencode(suffix, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), options)
    if not encoded:
        raise ValueError(f"a picture of shape {picture.shape} cannot be written as {suffix}")
    return body.tobytes()
