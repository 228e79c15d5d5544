"""Decode and encode pictures. Arrays are (H, W, 3) uint8, RGB."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from storyboard_ops.core.pictures.picture_header import judged_header
from storyboard_ops.domain.error_tree import BadInput

#: Longest side, in pixels, of a picture sent to a model: more cost tokens and change no answer.
MODEL_SIDE = 1024
#: Bytes that every service accepts for a picture: Converse 3.75 MB, DetectCustomLabels 4 MB, other
#: Rekognition calls 5 MB (API references). A frame of a UHD film exceeds it.
MOST_SENT_BYTES = 3_750_000
#: Pixels per side that every service accepts: DetectCustomLabels 4,096, the others more.
MOST_SENT_SIDE = 4_096
#: Longest side, in pixels, of what is sent instead of a picture that exceeds either limit.
SENT_SIDE = 2048


def decode_rgb(encoded: bytes) -> NDArray[np.uint8]:
    """Decode JPEG or PNG bytes to (H, W, 3) RGB.

    Raises BadInput when they are not a picture, or one that ``judged_header`` refuses.
    """
    header = judged_header(encoded)
    try:
        bgr = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:  # no bytes, or a header that claims more pixels than OpenCV accepts
        bgr = None
    # EXIF may say to turn it.
    if bgr is None or sorted(bgr.shape[:2]) != sorted((header.width, header.height)):
        raise BadInput(
            f"{len(encoded):,} bytes are not a readable picture: its file is damaged. Save it "
            "again as JPEG or PNG."
        )
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
    """Shrink so that no side exceeds ``side`` pixels; smaller pictures stay unchanged."""
    height, width = rgb.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return rgb
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)


def model_jpeg(encoded: bytes, side: int = MODEL_SIDE) -> bytes:
    """Encode a picture as it is sent to a model: JPEG, no side above ``side`` pixels."""
    return encode_jpeg(fit_within(decode_rgb(encoded), side), quality=92)


def sendable(encoded: bytes) -> bytes:
    """Return a picture that every service accepts: unchanged or, above a limit, as smaller JPEG."""
    sent, side = encoded, SENT_SIDE
    if _longest_side(encoded) > MOST_SENT_SIDE:
        sent = model_jpeg(encoded, MOST_SENT_SIDE)
    while len(sent) > MOST_SENT_BYTES:
        sent, side = model_jpeg(encoded, side), side * 3 // 4
    return sent


def _longest_side(encoded: bytes) -> int:
    """Read the longest side, in pixels, from the header; 0 when it is not a usable picture."""
    try:
        header = judged_header(encoded)
    except BadInput:
        return 0
    return max(header.width, header.height)


def _encode(extension: str, rgb: NDArray[np.uint8], options: list[int]) -> bytes:
    done, buffer = cv2.imencode(extension, cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), options)
    if not done:
        raise BadInput(f"A picture of shape {rgb.shape} could not be encoded as {extension}.")
    return buffer.tobytes()
