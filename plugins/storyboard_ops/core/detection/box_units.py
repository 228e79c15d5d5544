"""Read the boxes of a model's answer in the unit and order that they certainly have.

Models are told to give ``[x1, y1, x2, y2]`` in thousandths of the picture's sides. Some give
pixels, shares of 1, percentages, ``[y1, x1, y2, x2]``, a corner with width and height, or corners
in the wrong order. The boxes of an answer are compared with the picture and with each other:
another reading is taken only where it is the only one possible. Boxes that can be read in several
ways are refused, because a wrong box teaches the image model a wrong picture.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from storyboard_ops.domain.image_records import Box

#: Boxes are requested in thousandths of the picture's sides (Amazon Nova user guide).
BOX_SCALE = 1000
#: Share of a side by which a box may leave the picture, for corners are rounded; it is clipped.
TOLERANCE = 0.01
#: A box with a side of at most this share of the picture's shows nobody.
SPECK = 0.005
#: Numbers farther from 0 have no unit.
FARTHEST = 20_000
#: Up to these, fractions are shares or percentages, perhaps of boxes that leave the picture.
MOST_SHARE, MOST_PERCENT = 2, 120

Numbers = tuple[float, float, float, float]
Size = tuple[int, int]  # width, height in pixels


class UnclearBoxError(ValueError):
    """A value is not a box inside the picture, or its unit or order is not certain."""


@dataclass(frozen=True)
class Unit:
    """What numbers count: ``across`` and ``down`` are the width and height of the picture."""

    name: str
    across: float
    down: float

    def shares(self, corners: Numbers) -> Numbers:
        """Return corners as shares of the picture's sides."""
        left, top, right, bottom = corners
        return left / self.across, top / self.down, right / self.across, bottom / self.down

    def contains(self, corners: Numbers) -> bool:
        """Return whether corners are in the picture, the left and top one first."""
        left, top, right, bottom = self.shares(corners)
        inside = min(left, top) >= -TOLERANCE and max(right, bottom) <= 1 + TOLERANCE
        return inside and left < right and top < bottom


THOUSANDTHS = Unit("thousandths", BOX_SCALE, BOX_SCALE)
PERCENT = Unit("percentages", 100, 100)
SHARES = Unit("shares", 1, 1)

#: Makes four numbers of an answer the corners left, top, right, bottom.
Order = Callable[[Numbers], Numbers]


def _keep(numbers: Numbers) -> Numbers:
    return numbers


def _sort_corners(numbers: Numbers) -> Numbers:
    x1, y1, x2, y2 = numbers
    return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def _swap_axes(numbers: Numbers) -> Numbers:
    y1, x1, y2, x2 = numbers
    return x1, y1, x2, y2


def _add_size(numbers: Numbers) -> Numbers:
    left, top, width, height = numbers
    return left, top, left + width, top + height


#: Orders of a list by their names in messages, the requested one first.
ORDERS: Mapping[str, Order] = {
    "[x1, y1, x2, y2]": _keep,
    "[y1, x1, y2, x2]": _swap_axes,
    "corners in the wrong order": _sort_corners,
    "[x, y, width, height]": _add_size,
}
REQUESTED, ROWS_FIRST, *_ = ORDERS
#: What models call the numbers of a box, and the order of these names.
NAMES: Sequence[tuple[tuple[str, ...], Order]] = (
    (("x1", "y1", "x2", "y2"), _sort_corners),
    (("xmin", "ymin", "xmax", "ymax"), _sort_corners),
    (("left", "top", "right", "bottom"), _sort_corners),
    (("x", "y", "width", "height"), _add_size),
    (("x", "y", "w", "h"), _add_size),
    (("left", "top", "width", "height"), _add_size),
)
_NUMBER = re.compile(r"\s*(?P<number>[+-]?(?:\d{1,9}(?:\.\d{0,30})?|\.\d{1,30}))\s*(?P<sign>%?)\s*")


@dataclass(frozen=True)
class _Given:
    """Four numbers of an answer, and what their spelling says about them."""

    numbers: Numbers
    order: Order | None = None  # None: a list, whose order is not said
    is_percent: bool = False

    @property
    def has_area(self) -> bool:
        """Whether the numbers are a box in some unit, so that they say something about it."""
        x1, y1, x2, y2 = self.numbers
        if min(self.numbers) < -TOLERANCE * BOX_SCALE:
            return False
        return min(x2, y2) > 0 if self.order is _add_size else x1 != x2 and y1 != y2


def read_boxes(values: Sequence[Any], picture: Size | None = None) -> list[Box | UnclearBoxError]:
    """Read the boxes of one answer; each becomes a Box, or the error that says why it does not.

    ``picture``: width and height, in pixels, of the picture as the model got it; without it no box
    is read as pixels.
    """
    read: dict[int, Box | UnclearBoxError] = {}
    given: dict[int, _Given] = {}
    for number, value in enumerate(values):
        try:
            given[number] = _given(value)
        except UnclearBoxError as error:
            read[number] = error
    for is_percent in (True, False):
        group = {n: one for n, one in given.items() if one.is_percent is is_percent}
        read |= zip(group, _read_group([*group.values()], picture), strict=True)
    return [read[number] for number in range(len(values))]


def read_share(value: Any) -> float | None:
    """Return a number in 0..1, or a percentage with its sign, as a share; None for others."""
    number, is_percent = _number(value)
    if number is None:
        return None
    share = number / PERCENT.across if is_percent else number
    return share if 0 <= share <= 1 else None


def _read_group(group: Sequence[_Given], picture: Size | None) -> list[Box | UnclearBoxError]:
    """Read boxes that have one unit, and one order where it is not said."""
    telling = [one for one in group if one.has_area]
    try:
        unit = _common_unit(telling, picture)
        order = _common_order(telling, unit)
    except UnclearBoxError as error:
        return [error] * len(group)
    return [_box(one, unit, one.order or order) for one in group]


def _box(one: _Given, unit: Unit, order: Order) -> Box | UnclearBoxError:
    corners = order(one.numbers)
    left, top, right, bottom = unit.shares(corners)
    if not unit.contains(corners) or min(right - left, bottom - top) <= SPECK:
        return UnclearBoxError(f"has no area inside the picture, in {unit.name}")
    return Box.clamped(left, top, right, bottom) or UnclearBoxError("has no area")


def _common_unit(group: Sequence[_Given], picture: Size | None) -> Unit:
    """Return the unit of an answer's boxes; raises UnclearBoxError where it is not certain."""
    if any(one.is_percent for one in group):
        return PERCENT
    numbers = [abs(value) for one in group for value in one.numbers]
    largest = max(numbers, default=BOX_SCALE)
    if any(value % 1 for value in numbers):
        if largest <= MOST_SHARE:
            return SHARES
        if largest <= MOST_PERCENT:
            return PERCENT
    if largest <= PERCENT.across * (1 + TOLERANCE):
        raise UnclearBoxError("may be in thousandths, percentages or shares of the picture")
    if largest <= BOX_SCALE:
        return THOUSANDTHS
    units = [THOUSANDTHS, *([Unit("pixels", *picture)] if picture else [])]
    possible = [unit for unit in units if _possible_orders(group, unit)]
    if len(possible) > 1:
        raise UnclearBoxError("may be in thousandths of the picture or in pixels")
    if not possible:
        size = f"nor the {picture[0]} x {picture[1]} pixels of" if picture else "of"
        raise UnclearBoxError(
            f"is in no certain unit: the answer fits neither {BOX_SCALE} thousandths {size} the "
            "picture"
        )
    return possible[0]


def _common_order(group: Sequence[_Given], unit: Unit) -> Order:
    """Return the order of an answer's lists; raises UnclearBoxError where it is not certain."""
    possible = _possible_orders(group, unit)
    if len(possible) > 1:
        raise UnclearBoxError(f"may be {' or '.join(possible)}")
    return next(iter(possible.values()), _keep)


def _possible_orders(group: Sequence[_Given], unit: Unit) -> Mapping[str, Order]:
    """Return the orders of lists in which all boxes are in the picture.

    Where the requested one is among them it is the only one, unless the boxes are in pixels: then
    the model did not follow its instructions, and may as well begin with the rows.
    """
    fitting = {name: order for name, order in ORDERS.items() if _all_inside(group, unit, order)}
    if REQUESTED not in fitting:
        return fitting
    is_said = unit.across == unit.down or all(one.order for one in group)
    rivals = [REQUESTED] if is_said else [REQUESTED, ROWS_FIRST]
    return {name: fitting[name] for name in rivals if name in fitting}


def _all_inside(group: Sequence[_Given], unit: Unit, order: Order) -> bool:
    return all(unit.contains((one.order or order)(one.numbers)) for one in group)


def _given(value: Any) -> _Given:
    """Return the four numbers of a box; raises UnclearBoxError when there are not four."""
    listed, order = _by_names(value) if isinstance(value, dict) else (_listed(value), None)
    if len(listed) != 4:
        raise UnclearBoxError("is not [x1, y1, x2, y2]")
    read = [_number(one) for one in listed]
    numbers = [number for number, _ in read if number is not None]
    signs = {is_percent for _, is_percent in read}
    if len(numbers) != 4 or len(signs) != 1:
        raise UnclearBoxError(f"is not in 0..{BOX_SCALE}")
    x1, y1, x2, y2 = numbers
    return _Given((x1, y1, x2, y2), order, signs == {True})


def _by_names(value: Mapping[Any, Any]) -> tuple[list[Any], Order | None]:
    by_name = {str(key).strip().replace("_", "").casefold(): one for key, one in value.items()}
    for names, order in NAMES:
        if all(name in by_name for name in names):
            return [by_name[name] for name in names], order
    return [], None


def _listed(value: Any) -> list[Any]:
    """Return the entries of a list, of two points, or of a list in a text."""
    if isinstance(value, str):
        return value.strip("[]() ").split(",", 4)
    if not isinstance(value, list):
        return []
    points = len(value) == 2 and all(isinstance(one, list) for one in value)
    return [number for point in value for number in point] if points else value


def _number(value: Any) -> tuple[float | None, bool]:
    """Return a number and whether it has a percent sign; None for what is not a number."""
    if isinstance(value, str):
        match = _NUMBER.fullmatch(value)
        if match is None:
            return None, False
        return _number(float(match["number"]))[0], bool(match["sign"])
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None, False
    return (float(value), False) if -FARTHEST <= value <= FARTHEST else (None, False)
