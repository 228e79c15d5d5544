"""One launcher per state folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from launcher.errors import StateInUse
from launcher.state.layout import StateFolder
from launcher.state.private_files import FILE_MODE, close_folder


@contextmanager
def hold_lock(state: StateFolder) -> Iterator[None]:
    """Hold the lock of `state`; the kernel releases it when this process ends, however it ends.

    The folder of the lock and of all states is closed to other users.

    Raises:
        UsageError: that folder belongs to another user.
        StateInUse: another process holds it.
    """
    close_folder(state.lock.parent)
    lock = FileLock(state.lock, mode=FILE_MODE)
    try:
        lock.acquire(blocking=False)
    except Timeout as error:
        raise StateInUse(
            f"Another launcher is using {state.path}. Wait until it ends; if it runs in the "
            "background, `make down` stops it."
        ) from error
    try:
        yield
    finally:
        lock.release()


def is_locked(state: StateFolder) -> bool:
    """Whether some process holds the lock of `state`."""
    try:
        with hold_lock(state):
            return False
    except StateInUse:
        return True
