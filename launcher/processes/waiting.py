"""Waiting until something is so, without a thread."""

from __future__ import annotations

from collections.abc import Callable
from operator import not_

from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

POLL_SECONDS = 0.2


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
