"""Short waits for a service inside a step; long ones are deferred, see ``airflow_ops``."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_for(look: Callable[[], T | None], seconds: float, pause: float = 1.0) -> T | None:
    """What is there to see once there is something; None when nothing came in so many seconds."""
    deadline = time.monotonic() + seconds
    while (seen := look()) is None:
        if time.monotonic() > deadline:
            return None
        time.sleep(pause)
    return seen


def wait_until(done: Callable[[], bool], seconds: float, pause: float = 1.0) -> bool:
    """Whether something has come true within so many seconds; asked every ``pause`` seconds."""
    return wait_for(lambda: done() or None, seconds, pause) is not None
