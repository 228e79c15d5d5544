"""Compute where to cut a crop and at which size to store it, in whole pixels.

A crop is the detection with a margin, extended to a square. Where the picture is not high or wide
enough for a square, the crop has the nearest shape that fits. The limits are those of the strictest
trainer (Nova Canvas fine-tuning, Amazon Nova user guide): 512 to 4,096 pixels per side, 12,582,912
pixels in total, 1:4 to 4:1.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from storyboard_ops.core.pictures.pixel_rect import PixelRect, pixels_of
from storyboard_ops.domain.image_records import Detection, Drop
from storyboard_ops.domain.review.corrected_cut import CutBox
from storyboard_ops.domain.training.trainer_limits import NOVA_CANVAS

Framing = Literal["full", "medium", "close"]

#: Smallest share of the picture that the character's box fills in a framing. A standing figure from
#: head to foot fills up to a quarter of a wide picture, head and shoulders half of it.
MEDIUM_FROM = 0.25
CLOSE_FROM = 0.45
#: Smallest share of the height of the box that the face fills in a framing, in any picture.
MEDIUM_FACE_FROM = 0.3
CLOSE_FACE_FROM = 0.55
#: A box this close to the border of the picture, as a share of its side, touches it: detectors
#: answer in thousandths, with an error of a few.
EDGE_SHARE = 0.005
#: Characters with a smaller share of their own box inside the crop are not recorded.
MIN_OVERLAP = 0.01


@dataclass(frozen=True)
class OutputSize:
    """Size of the stored picture in pixels, and the factor of enlargement (below 1: shrunk)."""

    width: int
    height: int
    enlargement: float


def crop_rect(box: PixelRect, picture: PixelRect, padding: float) -> PixelRect:
    """Return the rectangle to cut around a box: square where possible, inside the picture.

    ``padding`` is the margin on every side as a share of the box's longer side. ``box`` must be
    inside ``picture``. The result contains the padded box; where the trainer's 4:1 leaves no room
    for it, the box alone, or the middle of the box.
    """
    margin = math.ceil(padding * max(box.width, box.height))
    wanted = box.grown(margin).intersection(picture)
    side = max(wanted.width, wanted.height)
    width, height = _allowed_shape(min(side, picture.width), min(side, picture.height))
    across = wanted if width >= wanted.width else box
    down = wanted if height >= wanted.height else box
    return PixelRect(
        _centred(across.left + across.width / 2, width, picture.left, picture.right),
        _centred(down.top + down.height / 2, height, picture.top, picture.bottom),
        width,
        height,
    )


def output_size(cut: PixelRect, max_enlargement: float) -> OutputSize | Drop:
    """Return the size to store, up to ``max_enlargement`` times the cut, or why not."""
    shorter, longer = sorted((cut.width, cut.height))
    least, most = NOVA_CANVAS.side_px
    needed = least / shorter
    if needed > max_enlargement:
        return Drop(
            stage="crop",
            reason="too small",
            detail=(
                f"{cut.width} x {cut.height} px would need enlarging {needed:.4g} times to reach "
                f"{least} px a side; at most {max_enlargement:g} times is allowed"
            ),
            score=needed,
        )
    scale = max(1.0, needed)
    scale = min(scale, most / longer, math.sqrt(NOVA_CANVAS.pixels / cut.area))
    return OutputSize(_scaled(cut.width, scale), _scaled(cut.height, scale), scale)


def least_cut_side(max_enlargement: float) -> int:
    """Return the shortest side of a cut, in pixels, that need not be enlarged further."""
    return math.ceil(NOVA_CANVAS.side_px[0] / max_enlargement)


def cut_fault(cut: CutBox, frame: tuple[int, int], max_enlargement: float) -> str:
    """Return why a picture cannot be cut there, for people; empty: it can.

    ``frame``: width and height in pixels.
    """
    width, height = frame
    least, size = least_cut_side(max_enlargement), f"{cut.width} x {cut.height} px"
    shorter, longer = sorted((cut.width, cut.height))
    if cut.left + cut.width > width or cut.top + cut.height > height:
        return f"The crop is not inside the frame of {width} x {height} px"
    if shorter < least:
        return f"The crop has {size}; each side must be at least {least} px"
    if longer > NOVA_CANVAS.aspect * shorter:
        most = NOVA_CANVAS.aspect
        return f"The crop has {size}; a side may be at most {most} times as long as the other"
    return ""


def framing_of(box: PixelRect, picture: PixelRect, face_height: int = 0) -> Framing:
    """Classify the framing by the share of the picture that the character's box fills.

    A small box may be no more than a head, so that the face counts too where its height in pixels
    is known.
    """
    share = box.intersection(picture).area / picture.area
    face = face_height / box.height
    if share >= CLOSE_FROM or face >= CLOSE_FACE_FROM:
        return "close"
    return "medium" if share >= MEDIUM_FROM or face >= MEDIUM_FACE_FROM else "full"


def touches_edge(box: PixelRect, picture: PixelRect) -> bool:
    """Return whether the character touches any border of the picture."""
    near_x, near_y = EDGE_SHARE * picture.width, EDGE_SHARE * picture.height
    return head_cut(box, picture) or (
        box.left - picture.left <= near_x
        or picture.right - box.right <= near_x
        or picture.bottom - box.bottom <= near_y
    )


def head_cut(box: PixelRect, picture: PixelRect) -> bool:
    """Return whether the character touches the upper border, so the head may be missing."""
    return box.top - picture.top <= EDGE_SHARE * picture.height


def overlaps(
    cut: PixelRect, own: str | None, others: Iterable[Detection], frame_size: tuple[int, int]
) -> dict[str, float]:
    """Return, for other characters inside a cut, the share of their box that is visible.

    A character with several boxes gets the largest share. ``frame_size`` is (width, height) in
    pixels. Shares are rounded to four places; the result is sorted by character.
    """
    shares: dict[str, float] = {}
    for other in others:
        if other.character is None or other.character == own:
            continue
        box = pixels_of(other.box, *frame_size)
        share = round(box.intersection(cut).area / box.area, 4)
        if share >= MIN_OVERLAP:
            shares[other.character] = max(share, shares.get(other.character, 0.0))
    return dict(sorted(shares.items()))


def _allowed_shape(width: int, height: int) -> tuple[int, int]:
    """Shorten the longer side where the aspect exceeds the trainer's limit."""
    longest = NOVA_CANVAS.aspect
    return min(width, longest * height), min(height, longest * width)


def _centred(centre: float, length: int, low: int, high: int) -> int:
    """Return the start of an interval around a centre, shifted into ``low..high``."""
    return max(low, min(math.floor(centre - length / 2 + 0.5), high - length))


def _scaled(pixels: int, scale: float) -> int:
    """Scale and round down to a whole pixel; rounding noise of the division must not lose one."""
    return max(1, math.floor(pixels * scale + 1e-6))
