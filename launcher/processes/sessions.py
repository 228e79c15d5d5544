"""Ending everything a component has started.

Airflow gives each task a process group of its own, so ending a group is not enough. A component
therefore starts as leader of a new *session* (`setsid`): tasks, workers and their children stay in
it, and its identifier is the leader's process id. Only a process that calls `setsid` itself
escapes.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress

import psutil

POLL_SECONDS = 0.05


def processes_in(session_ids: Iterable[int]) -> list[psutil.Process]:
    """The living processes (no zombies) of the sessions, in no particular order."""
    wanted = set(session_ids)
    return [process for process in psutil.process_iter() if _is_alive_in(process, wanted)]


def _is_alive_in(process: psutil.Process, session_ids: set[int]) -> bool:
    try:
        in_session = os.getsid(process.pid) in session_ids
        return in_session and process.status() != psutil.STATUS_ZOMBIE
    except (ProcessLookupError, PermissionError, psutil.Error):
        return False


def end_sessions(session_ids: Iterable[int], grace_seconds: float) -> None:
    """Send TERM to every process of the sessions, and KILL to what is left after the grace time.

    The sessions are listed on every pass, because a process that is ending may still start another.
    """
    wanted = set(session_ids)
    _send_signal(signal.SIGTERM, processes_in(wanted))
    deadline = time.monotonic() + grace_seconds
    while left := processes_in(wanted):
        if time.monotonic() >= deadline:
            _send_signal(signal.SIGKILL, left)
        time.sleep(POLL_SECONDS)


def _send_signal(number: signal.Signals, processes: list[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            process.send_signal(number)
