"""Estimate which share of a figure a box shows: at a border it may be no more than a sleeve."""

from __future__ import annotations

from collections.abc import Sequence

from storyboard_ops.core.dataset.crop_geometry import EDGE_SHARE
from storyboard_ops.core.detection.face_search import find_face
from storyboard_ops.core.pictures.arrays import Picture
from storyboard_ops.core.pictures.light import share_of_two_colours
from storyboard_ops.core.pictures.pixel_rect import PixelRect

#: Width of a standing figure by its height: shoulders of two heads, seven and a half heads high.
STANDING_WIDTH = 2 / 7.5
#: A box at a side that is this many times as wide as high may be an arm that reaches in.
ARM_WIDTH = 1.3
#: Two colours that cover this much of a box at a border are cloth and what is behind it.
PLAIN = 0.72
#: Estimated share of the figure that an arm is.
ARM_SHARE = 0.15
#: Share of the area of the other boxes in the shot below which a figure is cut off: at a border of
#: the picture, and elsewhere, where it may also be further away.
CUT_BELOW, HIDDEN_BELOW = 0.25, 0.1


def seen_share(figure: Picture, box: PixelRect, picture: PixelRect) -> float:
    """Estimate the share of a figure that its box shows, 0..1, from one frame.

    ``figure``: the pixels of the box, (H, W, 3) RGB; ``box`` is inside ``picture``, both in pixels.
    Only a box at the left or right border may show less than the figure; one with a face does not.
    """
    near = EDGE_SHARE * picture.width
    if box.left - picture.left > near and picture.right - box.right > near:
        return 1.0
    if box.width >= 0.9 * picture.width or find_face(figure) is not None:
        return 1.0
    reaches_down = picture.bottom - box.bottom <= EDGE_SHARE * picture.height
    is_arm = box.width >= ARM_WIDTH * box.height and not reaches_down
    if is_arm or share_of_two_colours(figure) >= PLAIN:
        return ARM_SHARE
    return min(1.0, box.width / (STANDING_WIDTH * box.height))


def seen_beside_others(area: float, at_border: bool, others: Sequence[float]) -> float:
    """Estimate the share of a figure that is seen, by the boxes of the same character in the shot.

    Areas are in any unit. 1.0 where there are no others, or the box is not much smaller.
    """
    if not others:
        return 1.0
    usual = sorted(others)[len(others) // 2]
    share = area / usual
    return share if share < (CUT_BELOW if at_border else HIDDEN_BELOW) else 1.0
