"""Decodes and encodes picture files: the only module of `vision` that knows file formats.

Every picture in `local_aws.vision` is a `uint8` array of shape (height, width, 3) in
OpenCV's blue, green, red order.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[Any]
"""A picture: uint8, (height, width, 3), blue, green, red."""

Floats = NDArray[Any]
"""float32 values; the shape is documented at each use. OpenCV's own types have no dtype."""

SIGNATURES: dict[str, tuple[bytes, ...]] = {
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpeg": (b"\xff\xd8\xff",),
    "gif": (b"GIF87a", b"GIF89a"),
}


class UnreadablePictureError(ValueError):
    """The bytes are not a picture of a known format, or the file is damaged."""


def picture_format(data: bytes) -> str | None:
    """Return "png", "jpeg", "gif" or "webp" by the leading bytes, or None."""
    for name, signatures in SIGNATURES.items():
        if data.startswith(signatures):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return None


def decode_picture(data: bytes) -> Pixels:
    """Return the pixels of a PNG, JPEG, GIF (first frame) or WebP file, alpha laid on white.

    Raises UnreadablePictureError when the format is unknown or decoding fails.
    """
    if picture_format(data) is None:
        raise UnreadablePictureError("the bytes are not a PNG, JPEG, GIF or WebP picture")
    try:
        decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise UnreadablePictureError("the picture file cannot be decoded") from error
    if decoded is None or decoded.size == 0:
        raise UnreadablePictureError("the picture file is damaged or cut short")
    return _convert_to_bgr(decoded)


def encode_png(pixels: Pixels) -> bytes:
    """Return the picture as a PNG file."""
    return encode_picture(pixels, "png")


def encode_picture(pixels: Pixels, kind: str) -> bytes:
    """Return the picture as a file of the kind "png", "jpeg" or "webp"."""
    return cv2.imencode(f".{kind}", pixels)[1].tobytes()


def limit_sides(pixels: Pixels, longest: int) -> tuple[Pixels, float]:
    """Shrink so that no side exceeds `longest` pixels; return the picture and its scale <= 1."""
    scale = min(1.0, longest / max(pixels.shape[:2]))
    if scale == 1.0:
        return pixels, scale
    height, width = pixels.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), scale


def _convert_to_bgr(decoded: np.ndarray) -> Pixels:
    if decoded.dtype == np.uint16:
        decoded = (decoded >> 8).astype(np.uint8)
    if decoded.ndim == 2:
        pixels: Pixels = cv2.cvtColor(decoded, cv2.COLOR_GRAY2BGR)
        return pixels
    if decoded.shape[2] == 4:
        alpha = decoded[:, :, 3:].astype(np.float32) / 255.0
        blended: Pixels = np.rint(decoded[:, :, :3] * alpha + 255.0 * (1.0 - alpha)).astype(
            np.uint8
        )
        return blended
    return decoded
