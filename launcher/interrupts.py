"""Ctrl-C, SIGTERM and SIGHUP as something that loops ask for, not an exception out of nowhere.

An exception raised by a signal handler could strike between starting a process and noting it. So
the first signal is only remembered, and `check()`, which every wait calls, raises. A second signal
raises at once, for a call that blocks for long.
"""

from __future__ import annotations

import signal
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """Someone asked the launcher to stop. Not an Exception: no handler of errors may eat it."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


class Interrupts:
    """Remembers the first stop signal of this process."""

    def __init__(self) -> None:
        self._received: int | None = None

    def install(self) -> None:
        """Take over the stop signals. Call it from the main thread."""
        for number in SIGNALS:
            signal.signal(number, self._receive)

    def check(self) -> None:
        """Raise Interrupted once a stop signal has come."""
        if self._received is not None:
            raise Interrupted(self._received)

    def forgive(self) -> None:
        """Wait for a new signal: what follows (a clean-up) can be interrupted again."""
        self._received = None

    def ignore(self) -> None:
        """Let nothing interrupt what follows; it has to be short."""
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)

    def _receive(self, number: int, frame: FrameType | None) -> None:
        if self._received is not None:
            raise Interrupted(number)
        self._received = number
