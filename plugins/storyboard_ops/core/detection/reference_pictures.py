"""Build the reference pictures of a detection request within the limits of its model.

While a request may contain every picture, each is sent by itself. Otherwise a character with
several goes as one sheet: its pictures side by side in frames, below the character's id.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from storyboard_ops.core.pictures.codec import SENT_QUALITY, decode_rgb, encode_jpeg, fit_within
from storyboard_ops.domain.error_tree import SettingsError
from storyboard_ops.domain.models.call_limits import ConverseLimits

#: Longest side, in pixels, of a reference picture as it is sent: enough to recognize it, cheap in
#: tokens.
REFERENCE_SIDE = 512
#: A sheet that is smaller than this per picture shows nobody.
LEAST_CELL_SIDE = 64
#: Pixels between the frames of a sheet and around them, width of a frame, height of the id.
GUTTER, FRAME, LABEL_HEIGHT = 16, 2, 40
GROUND, FRAME_COLOUR, LABEL_COLOUR = 255, 128, 0  # grey levels
LABEL_FONT = cv2.FONT_HERSHEY_SIMPLEX


@dataclass(frozen=True)
class ReferencePicture:
    """A JPEG of a request that shows one character, in several pictures if it is a sheet."""

    character: str  # id
    picture: bytes
    is_sheet: bool = False
    is_prop: bool = False


def reference_pictures(
    shown: Mapping[str, Sequence[bytes]], limits: ConverseLimits, props: Collection[str] = ()
) -> list[ReferencePicture]:
    """Return the reference pictures of a request, in the order of the characters.

    ``shown``: encoded pictures by character id; ``props``: the ids among them that are objects. One
    picture of the request is left for the frame.
    Raises SettingsError when not even a sheet for each character fits.
    """
    most = limits.pictures - 1
    cast = {character: pictures for character, pictures in shown.items() if pictures}
    groups = [(name, [picture]) for name, pictures in cast.items() for picture in pictures]
    if len(groups) > most:
        groups = [(name, list(pictures)) for name, pictures in cast.items()]
    if len(groups) > most:
        raise SettingsError(
            f"A detection shows at least {len(cast) + 1} pictures: one of each of "
            f"{', '.join(cast)}, and the frame. {' or '.join(limits.models)} accepts at most "
            f"{limits.pictures} in a request. Set detection_model_id to a model that accepts more, "
            "or list fewer characters in the production file."
        )
    most_bytes = min(limits.picture_bytes, _bytes_for_references(limits) // max(1, len(groups)))
    return [
        replace(_fitting_picture(name, pictures, limits, most_bytes), is_prop=name in props)
        for name, pictures in groups
    ]


def bytes_for_frame(references: Sequence[ReferencePicture], limits: ConverseLimits) -> int:
    """Return the most bytes of the frame that is sent with these references."""
    used = sum(len(reference.picture) for reference in references)
    return min(limits.picture_bytes, limits.total_picture_bytes - used)


def draw_sheet(name: str, cells: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Draw pictures in frames on a white ground, row by row, below a name; (H, W, 3) uint8 RGB.

    ``cells``: (H, W, 3) uint8 RGB each. The sheet is about square, and not larger than needed.
    """
    columns = math.ceil(math.sqrt(len(cells)))
    rows = [_row(cells[start : start + columns]) for start in range(0, len(cells), columns)]
    width = max(row.shape[1] for row in rows)
    label = _label(name, width)
    return np.concatenate([_padded(part, part.shape[0], width) for part in (label, *rows)])


def _bytes_for_references(limits: ConverseLimits) -> int:
    """Leave the frame the bytes of one picture, or half of a small request."""
    total = limits.total_picture_bytes
    return total - min(limits.picture_bytes, total // 2)


def _fitting_picture(
    name: str, pictures: Sequence[bytes], limits: ConverseLimits, most_bytes: int
) -> ReferencePicture:
    """Show a character's pictures in one, as large as the limits allow."""
    decoded = [decode_rgb(picture) for picture in pictures]
    is_sheet, side = len(decoded) > 1, REFERENCE_SIDE
    while side >= LEAST_CELL_SIDE:
        cells = [fit_within(rgb, side) for rgb in decoded]
        drawn = draw_sheet(name, cells) if is_sheet else cells[0]
        encoded = encode_jpeg(drawn, SENT_QUALITY)
        if len(encoded) <= most_bytes and max(drawn.shape[:2]) <= limits.side_px[1]:
            return ReferencePicture(name, encoded, is_sheet)
        side = side * 3 // 4
    raise SettingsError(
        f"The {len(decoded)} reference pictures of {name!r} do not fit into {most_bytes:,} bytes "
        f"and {limits.side_px[1]:,} px per side, which {' or '.join(limits.models)} leaves for "
        "them in a request. Set detection_model_id to another model, or list fewer pictures."
    )


def _row(cells: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Put framed cells side by side, with gutters around each."""
    around = ((FRAME, FRAME), (FRAME, FRAME), (0, 0))
    framed = [np.pad(cell, around, constant_values=FRAME_COLOUR) for cell in cells]
    height = max(cell.shape[0] for cell in framed) + GUTTER
    gutter = np.full((height, GUTTER, 3), GROUND, np.uint8)
    parts = [part for cell in framed for part in (_padded(cell, height, cell.shape[1]), gutter)]
    return np.concatenate([gutter, *parts], axis=1)


def _label(name: str, width: int) -> NDArray[np.uint8]:
    """Write a name, as large as it fits."""
    label = np.full((LABEL_HEIGHT, width, 3), GROUND, np.uint8)
    scale = 1.0
    while (size := cv2.getTextSize(name, LABEL_FONT, scale, 1)[0])[0] > width - 2 * GUTTER:
        scale *= 0.9
    place = (GUTTER, (LABEL_HEIGHT + size[1]) // 2)
    colour = [LABEL_COLOUR] * 3
    cv2.putText(label, name, place, LABEL_FONT, scale, colour, 1, cv2.LINE_AA)
    return label


def _padded(part: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Extend a part of a sheet with its ground to the right and below."""
    padded = np.full((height, width, 3), GROUND, np.uint8)
    padded[: part.shape[0], : part.shape[1]] = part
    return padded
