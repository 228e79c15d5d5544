"""How long a panel is shown, as people write it at the end of a paragraph.

In brackets, there or at the start: ``(2 s)``, ``[2.5 sec]``, ``(2,5 seconds)``, ``(0:03)``,
``(1 min 5 s)``, ``(3")``, ``(ca. 2s)``, ``(48 frames)``, ``(00:00:04:12)``, ``(4 s 12 f)``,
``(4+12)``. Without brackets where it cannot be a part of the sentence: ``Mira runs. 3 seconds``,
``Mira runs. 0:03``, ``Mira runs - 2 s``, ``Mira runs 2s``; but not in ``she waits 3 seconds``,
``a man in his 30s``, ``the clock shows 0:03``.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_LEAD = r"(?:(?:ca|approx|dur|duration|length|time)\b[.:]?|about|[~≈]|t ?=)?\s*"
_NUMBER = r"(?:\d{1,4}(?:[.,]\d{1,3})?|[.,]\d{1,3})"
_SECOND = r"(?:seconds?|secs?|sek(?:unden?)?|сек|с|s|秒|\"|''|″|”)"
_MINUTE = r"(?:minutes?|mins?|m|мин|分|')"
_FRAME = r"(?:frames?|frms?|fr|ff?|コマ|帧|格|кадр(?:а|ов)?)"
_AND = r"\s?(?:(?:and|und|,|&|\+)\s?)?"
_LENGTH = (
    rf"{_LEAD}(?:"
    rf"(?:(?P<m>{_NUMBER})\s?{_MINUTE}\.?{_AND})?(?P<s>{_NUMBER})\s?{_SECOND}\.?"
    rf"(?:{_AND}(?P<sf>\d{{1,3}})\s?{_FRAME}\.?)?"
    rf"|(?P<f>\d{{1,5}})\s?{_FRAME}\.?|(?P<ps>\d{{1,3}})\s?\+\s?(?P<pf>\d{{1,2}})"
    rf"|(?P<ms>\d{{1,5}})\s?ms|(?P<min>{_NUMBER})\s?{_MINUTE}\.?"
    r"|(?P<th>\d{1,2}):(?P<tm>\d{2}):(?P<ts>\d{2})[:;](?P<tf>\d{2})"
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
#: Frames of a second where no frame rate is known.
USUAL_RATE = 24.0


class Length(NamedTuple):
    """How long a panel is shown: seconds and, on top of them, frames."""

    seconds: float
    frames: int = 0

    def in_frames(self, rate: float) -> int:
        """Return the whole length in frames, at this many per second."""
        return round(self.seconds * rate) + self.frames

    def in_seconds(self, rate: float = USUAL_RATE) -> float:
        """Return the whole length in seconds, at this many frames per second."""
        return self.seconds + self.frames / rate


def is_length(text: str) -> bool:
    """Whether a text is a length, and nothing else."""
    return len(text) <= _REACH and _WHOLE.fullmatch(text.strip()) is not None


def split_length(paragraph: str) -> tuple[str, Length | None]:
    """Split a paragraph into its text and the length it names; None where it names none.

    >>> split_length("Mira runs. (2,5 s)")
    ('Mira runs.', Length(seconds=2.5, frames=0))
    >>> split_length("Mira looks (48 frames).")
    ('Mira looks.', Length(seconds=0.0, frames=48))
    >>> split_length("The train leaves at 0:03")
    ('The train leaves at 0:03', None)
    """
    start = max(0, len(paragraph) - _REACH)
    end = paragraph[start:]
    if match := _BRACKETS_AT_END.search(end):
        if not _is_age(end):
            text = paragraph[: start + match.start()].rstrip()
            return text + ("" if text.endswith(match["stop"]) else match["stop"]), _length(match)
    elif match := _BRACKETS_AT_START.match(paragraph[:_REACH]):
        return paragraph[match.end() :], _length(match)
    elif match := _bare(end, is_whole=start == 0):
        return paragraph[: start + match.start()].rstrip(), _length(match)
    return paragraph, None


def _bare(end: str, is_whole: bool) -> re.Match[str] | None:
    match = _SHORT.search(end) or _BARE.search(end)
    if match is None or _DECADE.search(end) or _length(match).in_seconds() > _MOST_BARE:
        return None
    return match if match.start() > 0 or is_whole else None


def _is_age(end: str) -> bool:
    name = _NAME_BEFORE_BRACKET.search(end) if _DECADE.search(end) else None
    return name is not None and name[0].isupper()


def _length(match: re.Match[str]) -> Length:
    groups = {name: part for name, part in match.groupdict().items() if name != "stop"}
    found = {name: float((part or "0").replace(",", ".")) for name, part in groups.items()}

    def total(*names: str) -> float:
        return sum(found.get(name, 0.0) for name in names)

    seconds = total("s", "ss", "sec", "ts", "ps") + total("ms") / 1000
    seconds += total("m", "min", "mm", "tm") * 60 + total("hh", "th") * 3600
    return Length(seconds, int(total("f", "sf", "pf", "tf")))
