"""Show text from outside so that it changes nothing but its own place.

Names, captions, reasons and the names of films come from people and models. Escaping keeps them
from becoming markup; what is left are characters that act on what is next to them: control
characters move a terminal's cursor, bidirectional overrides turn the following text round, and
towers of combining marks cover the lines above. ``include/board_kit/page/visible.js`` does the same
in the browser.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby

#: Combining marks of one letter that are shown. The longest stacks of living scripts have fewer.
MOST_MARKS = 8

FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
_ISOLATES = "\u2066\u2067\u2068"
#: C0 but tab and line feed, C1, line and paragraph separators, embeddings and overrides. A carriage
#: return is shown unless it ends a line.
_ACTIVE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\ud800-\udfff]|\r(?!\n)")
_ISOLATING = re.compile("[\u2066-\u2069]")
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})


def visible(text: str) -> str:
    """Return the text with a visible sign in place of each character that acts on its neighbours.

    A sign is the code point in brackets: ``⟨U+001B⟩``. (Few fonts have the pictures of controls.)
    Isolates that are opened and closed within the text stay, for they act on nothing else; so do
    joiners and directional marks, which scripts need. Above MOST_MARKS combining marks in a row,
    the rest is replaced by its number (``⟨+37 marks⟩``).
    """
    if text.isascii():
        return _ACTIVE.sub(_sign, text)
    return _limit_marks(_show_open_isolates(_ACTIVE.sub(_sign, text)))


def isolated(text: str) -> str:
    """Return the text for use within a sentence, whose order it then leaves alone."""
    shown = visible(text)
    if shown.isascii() or not any(map(_is_directed, shown)):
        return shown
    return f"{FIRST_STRONG_ISOLATE}{shown}{POP_ISOLATE}"


def _sign(match: re.Match[str]) -> str:
    return f"⟨U+{ord(match[0]):04X}⟩"


def _show_open_isolates(text: str) -> str:
    """Show isolates that the text does not close, and ends of isolates that it has not opened."""
    opened: list[int] = []
    open_ends: set[int] = set()
    for match in _ISOLATING.finditer(text):
        if match[0] in _ISOLATES:
            opened.append(match.start())
        elif opened:
            opened.pop()
        else:
            open_ends.add(match.start())
    shown = open_ends.union(opened)
    return _ISOLATING.sub(lambda m: _sign(m) if m.start() in shown else m[0], text)


def _limit_marks(text: str) -> str:
    shown: list[str] = []
    for is_mark, letters in groupby(text, key=_is_mark):
        run = "".join(letters)
        more = len(run) - MOST_MARKS
        shown.append(f"{run[:MOST_MARKS]}⟨+{more} marks⟩" if is_mark and more > 0 else run)
    return "".join(shown)


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter) in ("Mn", "Me")


def _is_directed(letter: str) -> bool:
    return unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT
