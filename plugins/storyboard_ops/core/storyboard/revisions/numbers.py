"""Numbers between numbers, as screenplays write them.

    010  020  030     steps of ten
    010  010A  020    inserted after 010; then 010B, and between 010A and 010B: 010AA
    A010  010         inserted before the first; and A010A between 010 and 010A

A number is read as (letters before, digits, letters after). Letters after sort like words, with
none first. Letters before sort from the right, with none last: A010A stands before 010A.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from string import ascii_uppercase

#: Between numbers that people have not given.
STEP = 10
#: Most characters of a number, see ``NumberText``.
MOST_NUMBER = 10

_FORM = re.compile(r"([A-Z]*)([0-9]+)([A-Z]*)")
_LAST = "["  # sorts after every letter

Key = tuple[int, str, str]


def order_key(number: str) -> Key | None:
    """Return what a number sorts by; None for other forms, such as 12-1, which have no order."""
    read = _FORM.fullmatch(number)
    return (int(read[2]), read[3], read[1][::-1] + _LAST) if read else None


def fill_numbers(
    fixed: Sequence[str], wanted: Sequence[str], used: Collection[str] = ()
) -> list[str]:
    """Return a number for each place, keeping the ``fixed`` ones; empty ones are given.

    A ``wanted`` number is given where it is free and in order. ``used`` numbers are given to
    nobody. Numbers ascend except where the fixed ones do not, or where no number is left between
    two of them.
    """
    taken = {*used, *fixed} - {""}
    given: list[str] = []
    for number, wish, right in zip(fixed, wanted, _next_fixed(fixed), strict=True):
        left = given[-1] if given else ""
        given.append(number or _choose(wish, left, right, taken))
        taken.add(given[-1])
    return given


def _next_fixed(fixed: Sequence[str]) -> list[str]:
    """Return for each place the first number after it that is fixed; empty: there is none."""
    found = [""]
    for number in reversed(fixed[1:]):
        found.append(number or found[-1])
    return found[::-1][: len(fixed)]


def _choose(wanted: str, left: str, right: str, taken: set[str]) -> str:
    if wanted and wanted not in taken and _is_between(wanted, left, right):
        return wanted
    if not right:
        return _next_ten(left, taken)
    return insert_between(left, right, taken)


def _is_between(number: str, left: str, right: str) -> bool:
    key, low, high = map(order_key, (number, left, right))
    return key is not None and (low is None or low < key) and (high is None or key < high)


def insert_between(left: str, right: str, taken: Collection[str]) -> str:
    """Return the first number after ``left`` ("": none) and before ``right`` that is not taken.

    Where ``right`` does not sort after ``left``, the next number of all that does is the bound.
    """
    low, high = order_key(left), order_key(right)
    if low and high and high <= low:
        later = [key for key in map(order_key, taken) if key and key > low]
        high = min(later, default=None)
    for number in (*_after(left), *_before(left, right)):
        key = order_key(number)
        is_free = number not in taken and len(number) <= MOST_NUMBER
        if key and is_free and (not low or low < key) and (not high or key < high):
            return number
    # No number is left there.
    return _next_ten("", taken, above=taken)


def _next_ten(left: str, taken: Collection[str], above: Iterable[str] = ()) -> str:
    """Return the first multiple of ten after a number, and after those ``above``."""
    digits = [key[0] for key in map(order_key, (left, *above)) if key]
    number = max(digits, default=0) // STEP * STEP + STEP
    while f"{number:03d}" in taken:
        number += STEP
    return f"{number:03d}"


def _after(number: str) -> Iterator[str]:
    """Yield the numbers with other letters after it: 010A, 010B ...; of 010A: 010B ..., 010AA."""
    read = _FORM.fullmatch(number)
    if read is None:
        return
    letters = read[3]
    if letters:
        yield from (read[2] + letters[:-1] + one for one in _letters_after(letters[-1]))
    while len(letters) < MOST_NUMBER:
        yield from (read[2] + letters + one for one in ascii_uppercase)
        letters += ascii_uppercase[0]


def _before(left: str, right: str) -> Iterator[str]:
    """Yield the numbers with other letters before ``right``: A010, B010 ..."""
    read, other = _FORM.fullmatch(right), _FORM.fullmatch(left)
    if read is None:
        return
    rest, letters = read[2] + read[3], read[1]
    if other and other[2] + other[3] == rest and other[1]:
        yield from (one + other[1][1:] + rest for one in _letters_after(other[1][0]))
    while len(letters) < MOST_NUMBER:
        yield from (one + letters + rest for one in ascii_uppercase)
        letters = ascii_uppercase[0] + letters


def _letters_after(letter: str) -> str:
    return ascii_uppercase[ascii_uppercase.index(letter) + 1 :]
