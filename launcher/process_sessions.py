"""Ending everything a component has started.

Airflow gives each task a process group of its own, so a group is too small a net. A component is
therefore started as leader of a new *session* (`setsid`): tasks, workers and their children stay in
it, and its identifier is the leader's process id. Only a process that calls `setsid` itself would
escape.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable

import psutil

POLL_SECONDS = 0.05


def members(session_ids: Iterable[int]) -> list[psutil.Process]:
    """The living processes (zombies left out) of the sessions, in no particular order."""
    wanted = set(session_ids)
    return [process for process in psutil.process_iter() if _lives_in(process, wanted)]


def _lives_in(process: psutil.Process, wanted: set[int]) -> bool:
    try:
        return os.getsid(process.pid) in wanted and process.status() != psutil.STATUS_ZOMBIE
    except (ProcessLookupError, PermissionError, psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def end(session_ids: Iterable[int], grace_seconds: float) -> None:
    """Ask every process of the sessions to stop; kill what is left after `grace_seconds`."""
    wanted = set(session_ids)
    _signal_all(members(wanted), signal.SIGTERM)
    deadline = time.monotonic() + grace_seconds
    while members(wanted):
        if time.monotonic() >= deadline:
            _signal_all(members(wanted), signal.SIGKILL)
        time.sleep(POLL_SECONDS)


def _signal_all(processes: list[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        try:
            process.send_signal(number)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
