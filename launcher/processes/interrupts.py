"""Ctrl-C, SIGTERM and SIGHUP, delivered where the code is ready for them.

An exception raised by a signal handler could strike between starting a process and recording it.
So the first signal is only recorded, and `check()`, which every wait calls, raises. A second signal
raises at once, for a call that blocks for long.
"""

from __future__ import annotations

import signal
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """A signal stops the launcher. Not an Exception, so that no error handler swallows it."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


class Interrupts:
    """Records the first stop signal of this process."""

    def __init__(self) -> None:
        self._received: int | None = None

    def install(self) -> None:
        """Handle the stop signals. Call it from the main thread."""
        for number in SIGNALS:
            signal.signal(number, self._receive)

    def check(self) -> None:
        """Raise Interrupted if a stop signal has arrived."""
        if self._received is not None:
            raise Interrupted(self._received)

    def reset(self) -> None:
        """Forget the signal, so that the cleanup that follows can be interrupted by a new one."""
        self._received = None

    def _receive(self, number: int, frame: FrameType | None) -> None:
        if self._received is not None:
            raise Interrupted(number)
        self._received = number
