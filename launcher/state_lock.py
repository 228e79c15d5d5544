"""One launcher per state folder."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from launcher.errors import StateInUse
from launcher.layout import StateFolder


@contextmanager
def held(state: StateFolder) -> Iterator[None]:
    """Hold the lock of `state`; the kernel lets it go when this process ends, however it ends.

    Raises:
        StateInUse: another process holds it.
    """
    state.lock.parent.mkdir(parents=True, exist_ok=True)
    with state.lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StateInUse(
                f"Another launcher is using {state.path}. Wait for it to end; if it runs in the "
                "background, `make down` ends it."
            ) from error
        yield


def is_held(state: StateFolder) -> bool:
    """Whether some process holds the lock of `state`."""
    try:
        with held(state):
            return False
    except StateInUse:
        return True
