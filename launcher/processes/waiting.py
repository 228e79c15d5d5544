"""Waiting until something is so, without a thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from operator import not_

from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

POLL_SECONDS = 0.2


#: Seconds between two lines about a wait.
REMIND_SECONDS = 15.0


def say_nothing(text: str) -> None:
    """Take a line that nobody reads."""


class Reminder:
    """Says every REMIND_SECONDS what is waited for, and for how long already; call it often."""

    def __init__(self, what: str, say: Callable[[str], None], doing: str = "starting") -> None:
        self._what, self._say, self._doing = what, say, doing
        self._began = self._spoke = time.monotonic()

    def __call__(self) -> None:
        """Say it if it is time."""
        now = time.monotonic()
        if now - self._spoke >= REMIND_SECONDS:
            self._spoke = now
            self._say(f"{self._what}: still {self._doing} after {now - self._began:.0f} s.")


def wait_until(ready: Callable[[], bool], timeout: float, check: Callable[[], None]) -> None:
    """Poll until `ready()` is true.

    Args:
        timeout: seconds.
        check: called after each poll; what it raises ends the wait.

    Raises:
        TimeoutError: `ready()` stayed false for `timeout` seconds.
    """

    def poll() -> bool:
        answer = ready()
        check()
        return answer

    polling = Retrying(
        retry=retry_if_result(not_),
        wait=wait_fixed(POLL_SECONDS),
        stop=stop_after_delay(timeout),
    )
    try:
        polling(poll)
    except RetryError as error:
        raise TimeoutError(f"not so after {timeout:.0f} s") from error
