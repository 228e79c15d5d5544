"""SIGTERM: the machine goes away soon, after a spot interruption or because a job was stopped."""

from __future__ import annotations

import signal
from types import FrameType

from trainer.errors import Interrupted

#: Exit status of a process that SIGTERM ended.
EXIT_INTERRUPTED = 128 + signal.SIGTERM


class Interruption:
    """Remembers a SIGTERM until the job reaches a place where it can stop."""

    def __init__(self) -> None:
        self.requested = False
        signal.signal(signal.SIGTERM, self._remember)

    def check(self) -> None:
        """Raise Interrupted if the job was asked to stop."""
        if self.requested:
            raise Interrupted

    def _remember(self, _signal: int, _frame: FrameType | None) -> None:
        self.requested = True
