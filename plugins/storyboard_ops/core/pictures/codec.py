"""Decode and encode pictures. Arrays are (H, W, 3) uint8, RGB."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from storyboard_ops.core.pictures.picture_header import PNG, judged_header
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.models.call_limits import PictureLimits

#: Longest side, in pixels, of a picture sent to a model: more cost tokens and change no answer.
MODEL_SIDE = 1024
#: Longest side, in pixels, of a frame as it is sent, where the service does not allow less.
MOST_SENT_SIDE = 4_096
#: Longest side, in pixels, of what is sent instead of a frame with too many bytes.
SENT_SIDE = 2048
#: JPEG quality of what is sent.
SENT_QUALITY = 92


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


def encode_png_fast(rgb: NDArray[np.uint8]) -> bytes:
    """Encode (H, W, 3) RGB losslessly, in a third of the time and a tenth more bytes."""
    options = [cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_UP]
    return _encode(".png", rgb, [*options, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE])


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


def fit_shape(rgb: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Crop around the centre to the shape of ``width`` x ``height`` px, and shrink to that size.

    Nothing is distorted; a smaller picture is cropped but not enlarged.
    """
    rows, columns = rgb.shape[:2]
    kept_rows = min(rows, round(columns * height / width))
    kept_columns = min(columns, round(rows * width / height))
    top, left = (rows - kept_rows) // 2, (columns - kept_columns) // 2
    kept = rgb[top : top + kept_rows, left : left + kept_columns]
    if kept_columns <= width:
        return kept
    return np.asarray(cv2.resize(kept, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def model_jpeg(encoded: bytes, side: int = MODEL_SIDE) -> bytes:
    """Encode a picture as it is sent to a model: JPEG, no side above ``side`` pixels."""
    return encode_jpeg(fit_within(decode_rgb(encoded), side), SENT_QUALITY)


def fitting_jpeg(encoded: bytes, limits: PictureLimits, side: int = MODEL_SIDE) -> bytes:
    """Encode a picture like ``model_jpeg``, smaller where the service's limits require it."""
    side = min(side, limits.side_px[1])
    sent = model_jpeg(encoded, side)
    while len(sent) > limits.picture_bytes:
        side = side * 3 // 4
        sent = model_jpeg(encoded, side)
    return sent


def sendable(encoded: bytes, limits: PictureLimits, most_bytes: int | None = None) -> bytes:
    """Return a frame that a service accepts: unchanged or, above a limit, as smaller JPEG.

    ``most_bytes``: what is left for it in a request, where that is less than the service allows.
    """
    sent, side = encoded, SENT_SIDE
    most_bytes = min(most_bytes or limits.picture_bytes, limits.picture_bytes)
    most_side = min(MOST_SENT_SIDE, limits.side_px[1])
    kind = "png" if encoded.startswith(PNG) else "jpeg"
    if kind not in limits.formats or max(picture_size(encoded)) > most_side:
        sent = model_jpeg(encoded, most_side)
    while len(sent) > most_bytes:
        sent, side = model_jpeg(encoded, min(side, most_side)), side * 3 // 4
    return sent


def picture_size(encoded: bytes) -> tuple[int, int]:
    """Read width and height, in pixels, from the header; (0, 0) if it is not a usable picture."""
    try:
        header = judged_header(encoded)
    except BadInput:
        return 0, 0
    return header.width, header.height


def _encode(extension: str, rgb: NDArray[np.uint8], options: list[int]) -> bytes:
    done, buffer = cv2.imencode(extension, cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), options)
    if not done:
        raise BadInput(f"A picture of shape {rgb.shape} could not be encoded as {extension}.")
    return buffer.tobytes()
