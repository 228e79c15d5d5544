"""Poll a service for a short time within a step; long waits are deferred, see ``airflow_ops``."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_for(look: Callable[[], T | None], seconds: float, pause: float = 1.0) -> T | None:
    """Call ``look`` until it returns a value; None when there is none within ``seconds``."""
    deadline = time.monotonic() + seconds
    while (seen := look()) is None:
        if time.monotonic() > deadline:
            return None
        time.sleep(pause)
    return seen


def wait_until(done: Callable[[], bool], seconds: float, pause: float = 1.0) -> bool:
    """Call ``done`` every ``pause`` seconds; returns whether it came true within ``seconds``."""
    return wait_for(lambda: done() or None, seconds, pause) is not None
