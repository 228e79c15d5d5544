"""How long a panel is shown, as people write it at the end of a paragraph.

In brackets: ``(2 s)``, ``[2.5 sec]``, ``(2,5 seconds)``, ``(0:03)``, ``(1 min)``, ``(3秒)``.
Without brackets only after the end of a sentence, since "she waits 3 seconds" is part of one:
``Mira runs. 2s``, ``Mira runs. 0:03``.
"""

from __future__ import annotations

import re

_UNIT = r"seconds?|secs?|sec|sek|s|秒|sek(?:unden?)?|сек|minutes?|mins?|min|分"
_LENGTH = (
    rf"(?:(?P<number>\d{{1,4}}(?:[.,]\d{{1,3}})?)\s?(?P<unit>{_UNIT})\.?"
    r"|(?:(?P<hours>\d{1,2}):)?(?P<minutes>\d{1,2}):(?P<seconds>\d{2}(?:[.,]\d{1,3})?))"
)
_WHOLE = re.compile(_LENGTH, re.IGNORECASE)
_AT_END = re.compile(rf"\s*(?:[(\[（]\s*{_LENGTH}\s*[)\]）](?P<stop>[.!?…]?))$", re.IGNORECASE)
_BARE_AT_END = re.compile(rf"(?:^|(?<=[.!?…\"”’)])\s+){_LENGTH}$", re.IGNORECASE)
#: An age, as characters are introduced: JENNY (30s).
_AGE = re.compile(r"(?<=[^\W\d_])\s*\([1-9]0s\)[.!?]?$")
_LAST_WORD = re.compile(r"[^\W\d_]+$")
#: A length needs fewer letters than this, so that only the end of a long paragraph is searched.
_REACH = 60


def is_length(text: str) -> bool:
    """Whether a text is a length, and nothing else."""
    return len(text) <= _REACH and _WHOLE.fullmatch(text.strip()) is not None


def split_length(paragraph: str) -> tuple[str, float | None]:
    """Split a paragraph into its text and the seconds at its end; None where it names none.

    >>> split_length("Mira runs. (2,5 s)"), split_length("Mira looks (4 s).")
    (('Mira runs.', 2.5), ('Mira looks.', 4.0))
    >>> split_length("Mira waits. 0:03"), split_length("The train leaves at 0:03")
    (('Mira waits.', 3.0), ('The train leaves at 0:03', None))
    """
    start = max(0, len(paragraph) - _REACH)
    end = paragraph[start:]
    match = _AT_END.search(end) or _BARE_AT_END.search(end)
    if match is None or (match.start() == 0 < start) or _is_age(end):
        return paragraph, None
    stop = match.groupdict().get("stop") or ""
    return paragraph[: start + match.start()].rstrip() + stop, _seconds(match)


def _is_age(end: str) -> bool:
    age = _AGE.search(end)
    name = _LAST_WORD.search(end[: age.start()]) if age else None
    return name is not None and len(name[0]) > 1 and name[0].isupper()


def _seconds(match: re.Match[str]) -> float:
    if match["number"] is None:
        hours, minutes, seconds = (_number(match[part]) for part in ("hours", "minutes", "seconds"))
        return (hours * 60 + minutes) * 60 + seconds
    return _number(match["number"]) * (60 if match["unit"].lower()[0] in "m分" else 1)


def _number(digits: str | None) -> float:
    return float((digits or "0").replace(",", "."))
