"""Encoded bytes to arrays and back. Arrays are (H, W, 3) uint8, RGB."""

from __future__ import annotations

import io

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from storyboard_ops.domain.error_tree import BadInput

#: Longest side of a picture sent to a model: more pixels cost tokens and change no answer.
MODEL_SIDE = 1024
#: Bytes that every service takes of a picture: Converse 3.75 MB, DetectCustomLabels 4 MB, the other
#: calls of Rekognition 5 MB (API references). A frame of an ultra-high-definition film has more.
MOST_SENT_BYTES = 3_750_000
#: Pixels a side that every service takes: DetectCustomLabels 4,096, the others more.
MOST_SENT_SIDE = 4_096
#: Longest side, in pixels, of what is sent in place of a picture with more of either.
SENT_SIDE = 2048


def decode_rgb(encoded: bytes) -> NDArray[np.uint8]:
    """Decode JPEG or PNG bytes to (H, W, 3) RGB; raises BadInput when they are no picture."""
    try:
        bgr = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:  # nothing at all, or a header that asks for more pixels than OpenCV takes
        bgr = None
    if bgr is None:
        raise BadInput(f"{len(encoded)} bytes are no readable picture; JPEG and PNG are.")
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


def encode_png(rgb: NDArray[np.uint8]) -> bytes:
    """Encode (H, W, 3) RGB losslessly."""
    return _encode(".png", rgb, [cv2.IMWRITE_PNG_COMPRESSION, 4])


def encode_jpeg(rgb: NDArray[np.uint8], quality: int = 95) -> bytes:
    """Encode (H, W, 3) RGB as JPEG with full colour resolution (4:4:4)."""
    full = cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444
    return _encode(
        ".jpg",
        rgb,
        [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, full],
    )


def fit_within(rgb: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Shrink so that no side is longer than ``side`` pixels; smaller pictures stay as they are."""
    height, width = rgb.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return rgb
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)


def model_jpeg(encoded: bytes, side: int = MODEL_SIDE) -> bytes:
    """A picture as it is sent to a model: JPEG, at most ``side`` pixels long."""
    return encode_jpeg(fit_within(decode_rgb(encoded), side), quality=92)


def sendable(encoded: bytes) -> bytes:
    """A picture as every service takes it: as it is or, where it has too much, smaller."""
    sent, side = encoded, SENT_SIDE
    if _longest_side(encoded) > MOST_SENT_SIDE:
        sent = model_jpeg(encoded, MOST_SENT_SIDE)
    while len(sent) > MOST_SENT_BYTES:
        sent, side = model_jpeg(encoded, side), side * 3 // 4
    return sent


def _longest_side(encoded: bytes) -> int:
    """In pixels, by the header; 0 for what is no picture: the service says so."""
    try:
        with Image.open(io.BytesIO(encoded)) as picture:
            return max(picture.size)
    except (UnidentifiedImageError, Image.DecompressionBombError):
        return 0


def _encode(extension: str, rgb: NDArray[np.uint8], options: list[int]) -> bytes:
    done, buffer = cv2.imencode(extension, cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), options)
    if not done:
        raise BadInput(f"A picture of shape {rgb.shape} could not be encoded as {extension}.")
    return buffer.tobytes()
