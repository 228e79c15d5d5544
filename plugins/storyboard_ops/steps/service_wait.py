"""Short waits for a service inside a step; long ones are deferred, see ``airflow_ops``."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(done: Callable[[], bool], seconds: float, pause: float = 1.0) -> bool:
    """Whether something has come true within so many seconds; asked every ``pause`` seconds."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True
