"""Where to cut and how large to draw it: the arithmetic of crops, in whole pixels.

A crop is the detection with a margin, made square by taking in more of the surroundings. Where
the picture is not high or wide enough for a square, it is the nearest shape that fits. The limits
are those of the strictest trainer (Nova Canvas fine-tuning, Amazon Nova user guide): 512 to 4,096
pixels a side, 12,582,912 pixels in all, 1:4 to 4:1.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from storyboard_ops.core.pictures.pixel_rect import PixelRect, pixels_of
from storyboard_ops.domain.image_records import Detection, Drop
from storyboard_ops.domain.training.trainer_limits import NOVA_CANVAS

Framing = Literal["full", "medium", "close"]

#: Share of the picture that the character's box fills, from which a framing begins. A standing
#: figure from head to foot fills up to a quarter of a wide picture, head and shoulders half of it.
MEDIUM_FROM = 0.25
CLOSE_FROM = 0.45
#: A box this close to the border of the picture, as a share of its side, runs into it: detectors
#: answer in thousandths and are a few of them off.
EDGE_SHARE = 0.005
#: Others who fill less of the crop than this share of their own box are not worth naming.
MIN_OVERLAP = 0.01


@dataclass(frozen=True)
class OutputSize:
    """Size of the crop's picture in pixels, and by how much it was enlarged (below 1: shrunk)."""

    width: int
    height: int
    enlargement: float


def crop_rect(box: PixelRect, picture: PixelRect, padding: float) -> PixelRect:
    """Return what to cut around a box: square where the picture allows, never outside of it.

    ``padding`` is the margin on every side as a share of the box's longer side. ``box`` must lie in
    the ``picture``. The padded box lies in the result; where the trainer's 4:1 leaves no room for
    it, the box alone does, or the middle of the box.
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
    """Return how large a cut is drawn, at most ``max_enlargement`` times, or why it cannot be."""
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


def framing_of(box: PixelRect, picture: PixelRect) -> Framing:
    """How near the character is, by the share of the picture that its box fills."""
    share = box.intersection(picture).area / picture.area
    if share >= CLOSE_FROM:
        return "close"
    return "medium" if share >= MEDIUM_FROM else "full"


def touches_edge(box: PixelRect, picture: PixelRect) -> bool:
    """Whether the character runs into any border of the picture."""
    near_x, near_y = EDGE_SHARE * picture.width, EDGE_SHARE * picture.height
    return head_cut(box, picture) or (
        box.left - picture.left <= near_x
        or picture.right - box.right <= near_x
        or picture.bottom - box.bottom <= near_y
    )


def head_cut(box: PixelRect, picture: PixelRect) -> bool:
    """Whether the character runs into the upper border, so that the head may be missing."""
    return box.top - picture.top <= EDGE_SHARE * picture.height


def overlaps(
    cut: PixelRect, own: str | None, others: Iterable[Detection], frame_size: tuple[int, int]
) -> dict[str, float]:
    """Other characters inside a cut: the share of their box that shows, largest box of each.

    ``frame_size`` is (width, height) in pixels. Shares are rounded to four places.
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
    """Shorten the longer side of what is flatter or slimmer than the trainer takes."""
    longest = NOVA_CANVAS.aspect
    return min(width, longest * height), min(height, longest * width)


def _centred(centre: float, length: int, low: int, high: int) -> int:
    """Start of a stretch around a centre, pushed into ``low..high``."""
    return max(low, min(math.floor(centre - length / 2 + 0.5), high - length))


def _scaled(pixels: int, scale: float) -> int:
    """Scaled down to a whole pixel; noise of the division must not lose one."""
    return max(1, math.floor(pixels * scale + 1e-6))
