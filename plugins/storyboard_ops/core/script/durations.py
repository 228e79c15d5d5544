"""How long a panel is shown, as people write it at the end of a paragraph.

In brackets, there or at the start: ``(2 s)``, ``[2.5 sec]``, ``(2,5 seconds)``, ``(0:03)``,
``(1 min 5 s)``, ``(3")``, ``(ca. 2s)``. Without brackets where it cannot be a part of the sentence:
``Mira runs. 3 seconds``, ``Mira runs. 0:03``, ``Mira runs - 2 s``, ``Mira runs 2s``; but not in
``she waits 3 seconds``, ``a man in his 30s``, ``the clock shows 0:03``.
"""

from __future__ import annotations

import re

_LEAD = r"(?:(?:ca|approx|dur|duration|length|time)\b[.:]?|about|[~≈]|t ?=)?\s*"
_NUMBER = r"(?:\d{1,4}(?:[.,]\d{1,3})?|[.,]\d{1,3})"
_SECOND = r"(?:seconds?|secs?|sek(?:unden?)?|сек|с|s|秒|\"|''|″|”)"
_MINUTE = r"(?:minutes?|mins?|m|мин|分|')"
_LENGTH = (
    rf"{_LEAD}(?:"
    rf"(?:(?P<m>{_NUMBER})\s?{_MINUTE}\.?\s?)?(?P<s>{_NUMBER})\s?{_SECOND}\.?"
    rf"|(?P<ms>\d{{1,5}})\s?ms|(?P<min>{_NUMBER})\s?{_MINUTE}\.?"
    r"|(?:(?P<hh>\d{1,2}):)?(?P<mm>\d{1,2}):(?P<ss>\d{2}(?:[.,]\d{1,3})?))"
)
_FORM = re.IGNORECASE
_WHOLE = re.compile(_LENGTH, _FORM)
_BRACKETS_AT_END = re.compile(rf"\s*[(\[{{（]\s*{_LENGTH}\s*[)\]}}）](?P<stop>[.!?…]?)$", _FORM)
_BRACKETS_AT_START = re.compile(rf"[(\[{{（]\s*{_LENGTH}\s*[)\]}}）][:.]?\s+", _FORM)
#: After the end of a sentence or a dash.
_BARE = re.compile(rf"(?:^|(?<=[.!?…\"”’)])\s+|\s+[-–—|/]\s+){_LENGTH}$", _FORM)
#: No other word is written like these.
_SHORT = re.compile(
    r"(?:\s*[-–—|/,])?\s+(?:(?P<s>\d{0,3}[1-9]|\d{1,3}[.,]\d{1,2})s|(?P<sec>\d{1,3}) ?secs?\.?)$"
)
#: A decade or an age: JENNY (30s).
_DECADE = re.compile(r"\b\d{0,3}0s\b\)?[.!?]?$")
_NAME_BEFORE_BRACKET = re.compile(r"[^\W\d_]{2,}(?=\s*\([^()]*\)[.!?]?$)")
#: Only so many letters at the end of a paragraph are searched, so that long ones take no longer.
_REACH = 60
#: A number without brackets that is longer is no length: a time of the day, a count.
_MOST_BARE = 60.0


def is_length(text: str) -> bool:
    """Whether a text is a length, and nothing else."""
    return len(text) <= _REACH and _WHOLE.fullmatch(text.strip()) is not None


def split_length(paragraph: str) -> tuple[str, float | None]:
    """Split a paragraph into its text and the seconds it names; None where it names none.

    >>> split_length("Mira runs. (2,5 s)"), split_length("Mira looks (4 s).")
    (('Mira runs.', 2.5), ('Mira looks.', 4.0))
    >>> split_length("Mira waits. 0:03"), split_length("The train leaves at 0:03")
    (('Mira waits.', 3.0), ('The train leaves at 0:03', None))
    """
    start = max(0, len(paragraph) - _REACH)
    end = paragraph[start:]
    if match := _BRACKETS_AT_END.search(end):
        if not _is_age(end):
            text = paragraph[: start + match.start()].rstrip()
            return text + ("" if text.endswith(match["stop"]) else match["stop"]), _seconds(match)
    elif match := _BRACKETS_AT_START.match(paragraph[:_REACH]):
        return paragraph[match.end() :], _seconds(match)
    elif match := _bare(end, is_whole=start == 0):
        return paragraph[: start + match.start()].rstrip(), _seconds(match)
    return paragraph, None


def _bare(end: str, is_whole: bool) -> re.Match[str] | None:
    match = _SHORT.search(end) or _BARE.search(end)
    if match is None or _DECADE.search(end) or _seconds(match) > _MOST_BARE:
        return None
    return match if match.start() > 0 or is_whole else None


def _is_age(end: str) -> bool:
    name = _NAME_BEFORE_BRACKET.search(end) if _DECADE.search(end) else None
    return name is not None and name[0].isupper()


def _seconds(match: re.Match[str]) -> float:
    found = {name: float((part or "0").replace(",", ".")) for name, part in _parts(match)}
    minutes = found.get("m", 0) + found.get("min", 0) + found.get("mm", 0)
    seconds = found.get("s", 0) + found.get("ss", 0) + found.get("sec", 0)
    return found.get("hh", 0) * 3600 + minutes * 60 + seconds + found.get("ms", 0) / 1000


def _parts(match: re.Match[str]) -> list[tuple[str, str | None]]:
    return [(name, part) for name, part in match.groupdict().items() if name != "stop"]
