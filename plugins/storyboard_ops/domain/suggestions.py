"""Suggest what was meant by a name that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

#: Share of letters that a name and a suggestion have in common, at least.
LEAST_LIKENESS = 0.6
#: Characters of a name that are compared: no name is longer.
MOST_COMPARED = 200


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """Return a sentence that suggests the most similar name, with a space in front; "" for none.

    >>> did_you_mean("sead", ["seed", "trainer"])
    " Did you mean 'seed'?"
    >>> did_you_mean("colour", ["seed", "trainer"])
    ''
    """
    names = {name.casefold(): name for name in known}
    close = get_close_matches(given[:MOST_COMPARED].casefold(), names, 1, LEAST_LIKENESS)
    return f" Did you mean {names[close[0]]!r}?" if close else ""
