"""Frame rates of editing, and the timecode that each of them is counted in.

Arithmetic is exact: 23.976 is 24000/1001. Drop-frame timecode leaves out two labels (four at 59.94)
at the start of every minute that is not a multiple of ten, so that it keeps up with the clock; no
frame is lost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Literal

RateName = Literal[
    "23.976", "24", "25", "29.97", "29.97df", "30", "48", "50", "59.94", "59.94df", "60"
]

TIMECODE_PATTERN = r"^([01]\d|2[0-3]):[0-5]\d:[0-5]\d[:;.]\d{2}$"
_TIMECODE = re.compile(r"(\d{2}):(\d{2}):(\d{2})[:;.,](\d{2})")


@dataclass(frozen=True)
class FrameRate:
    """Frames per second, and how they are counted."""

    name: RateName
    exact: Fraction  # frames per second
    drop: bool = False  # timecode leaves labels out

    @property
    def nominal(self) -> int:
        """Frames per second of timecode: 24 at 23.976."""
        return -(-self.exact.numerator // self.exact.denominator)

    @property
    def is_ntsc(self) -> bool:
        """Whether a second of timecode is longer than a second, by 0.1 %."""
        return self.exact.denominator == 1001

    @property
    def frame(self) -> Fraction:
        """Seconds of one frame."""
        return 1 / self.exact

    @property
    def frames_per_day(self) -> int:
        """Labels of timecode from 00:00:00:00 until it starts again."""
        return 144 * self._per_ten_minutes

    @property
    def _dropped(self) -> int:
        """Labels that are left out at the start of a minute."""
        return self.nominal // 15 if self.drop else 0

    @property
    def _per_ten_minutes(self) -> int:
        return 600 * self.nominal - 9 * self._dropped

    def seconds(self, frames: int) -> float:
        """Return how long this many frames are."""
        return float(frames * self.frame)

    def nearest_frame(self, seconds: Fraction) -> int:
        """Return the frame boundary that is nearest; the later one of two."""
        return (seconds * self.exact + Fraction(1, 2)).__floor__()

    def timecode(self, frame: int) -> str:
        """Return the label of a frame, ``01:00:00:00``; ``01:00:00;00`` in drop frame.

        Timecode starts again after 24 hours.
        """
        tens, rest = divmod(frame % self.frames_per_day, self._per_ten_minutes)
        per_minute = 60 * self.nominal - self._dropped
        # The first minute of ten has all its labels.
        minutes = max(0, (rest - self._dropped) // per_minute)
        label = frame % self.frames_per_day + self._dropped * (9 * tens + minutes)
        seconds, frames = divmod(label, self.nominal)
        hours, seconds = divmod(seconds, 3600)
        mark = ";" if self.drop else ":"
        return f"{hours:02d}:{seconds // 60:02d}:{seconds % 60:02d}{mark}{frames:02d}"

    def frame_at(self, timecode: str) -> int:
        """Return the frame with a label; raises ValueError when there is none."""
        found = _TIMECODE.fullmatch(timecode.strip())
        if found is None:
            raise ValueError(f"{timecode!r} is not a timecode such as {self.timecode(0)}")
        hours, minutes, seconds, frames = map(int, found.groups())
        if minutes > 59 or seconds > 59 or frames >= self.nominal:
            raise ValueError(
                f"{timecode} does not exist at {self}: it counts 60 minutes, 60 seconds and "
                f"{self.nominal} frames, each from 0"
            )
        if frames < self._dropped and seconds == 0 and minutes % 10:
            raise ValueError(
                f"{timecode} does not exist at {self}: drop-frame timecode leaves out the first "
                f"{self._dropped} frames of this minute"
            )
        minutes += 60 * hours
        label = (60 * minutes + seconds) * self.nominal + frames
        return label - self._dropped * (minutes - minutes // 10)

    def __str__(self) -> str:
        return f"{self.name.removesuffix('df')} fps{' drop frame' if self.drop else ''}"


def _ntsc(name: RateName, nominal: int, drop: bool = False) -> FrameRate:
    return FrameRate(name, Fraction(nominal * 1000, 1001), drop)


#: Every rate that a timeline can have.
FRAME_RATES: MappingProxyType[RateName, FrameRate] = MappingProxyType(
    {
        rate.name: rate
        for rate in (
            _ntsc("23.976", 24),
            FrameRate("24", Fraction(24)),
            FrameRate("25", Fraction(25)),
            _ntsc("29.97", 30),
            _ntsc("29.97df", 30, drop=True),
            FrameRate("30", Fraction(30)),
            FrameRate("48", Fraction(48)),
            FrameRate("50", Fraction(50)),
            _ntsc("59.94", 60),
            _ntsc("59.94df", 60, drop=True),
            FrameRate("60", Fraction(60)),
        )
    }
)
#: Film rate, which boards are counted in where nobody says otherwise.
FILM = FRAME_RATES["24"]

_WRITTEN = re.compile(
    r"(?P<fps>\d{2}(?:\.\d{1,9})?)\s*(?:fps)?\s*-?\s*"
    r"(?P<count>df|drop(?:[- ]?frame)?|ndf|non[- ]?drop(?:[- ]?frame)?)?"
)


def plain_rate_name(given: Any) -> Any:
    """Return the name of a rate as people write it: 25, "23.98", "29.97 drop frame".

    What is no rate is returned as it is.
    """
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        return given
    written = _WRITTEN.fullmatch(str(given).strip().lower())
    if written is None:
        return given
    drop = (written["count"] or "").startswith("d")
    rate = closest_rate(float(written["fps"]), drop)
    return rate.name if rate is not None and rate.drop == drop else given


def closest_rate(fps: float, drop: bool = False) -> FrameRate | None:
    """Return the rate that a file gives as a number, exact or rounded; None when none is near."""
    near = [rate for rate in FRAME_RATES.values() if abs(float(rate.exact) - fps) < 0.006]
    return next((rate for rate in near if rate.drop == drop), near[0] if near else None)
