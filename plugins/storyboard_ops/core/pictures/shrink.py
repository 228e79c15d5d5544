"""Shrink reference pictures that are larger than any step decodes, such as scans and photos."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps

from storyboard_ops.core.pictures.picture_header import JPEG, PNG, PictureTooLarge, judged_header
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.input_limits import MOST_SHRUNK_PIXELS

#: Longest side, in pixels, of what a larger picture is shrunk to: models are shown less.
SHRUNK_SIDE = 4_096
#: Of JPEG.
QUALITY = 95


def shrink_oversized(encoded: bytes) -> tuple[bytes, str]:
    """Return a picture unchanged and "", or a smaller one and a sentence about both sizes.

    Raises BadInput when it is not a picture, or has more than MOST_SHRUNK_PIXELS.
    """
    try:
        judged_header(encoded)
    except PictureTooLarge as error:
        width, height = error.size
        is_known = encoded.startswith((PNG, JPEG))  # the decoders of others take more memory
        if not (is_known and 0 < width * height <= MOST_SHRUNK_PIXELS):
            raise
        smaller, size = _shrink(encoded)
        return smaller, (
            f"it has {width:,} x {height:,} pixels and is used at {size[0]:,} x {size[1]:,}."
        )
    return encoded, ""


def _shrink(encoded: bytes) -> tuple[bytes, tuple[int, int]]:
    """Return a smaller picture in the same format, and its width and height in pixels."""
    try:
        with warnings.catch_warnings():
            # The size has been judged.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(encoded), formats=("PNG", "JPEG")) as image:
                kind = image.format
                image.thumbnail((SHRUNK_SIDE, SHRUNK_SIDE))
                turned = ImageOps.exif_transpose(image)
                written = io.BytesIO()
                turned.save(written, kind, quality=QUALITY)
                return written.getvalue(), turned.size
    except (OSError, ValueError, SyntaxError) as error:
        raise BadInput(
            f"{len(encoded):,} bytes are not a readable picture: its file is damaged. Save it "
            "again as JPEG or PNG."
        ) from error
