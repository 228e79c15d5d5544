"""Starts components and jobs, notices at once when one ends, and leaves none behind.

There is no thread: every wait calls `check()`, so a dead component ends the wait with its name and
the last lines of its log. Why not honcho or circus: docs/decisions/0080-supervision.md.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from launcher.errors import ComponentFailed, StartFailed
from launcher.processes.crash_guard import CrashGuard
from launcher.processes.interrupts import Interrupts
from launcher.processes.sessions import end_sessions
from launcher.processes.waiting import Reminder, say_nothing, wait_until
from launcher.state.private_files import UMASK, close_folder, open_private

GRACE_SECONDS = 4.0
TAIL_LINES = 15


@dataclass(frozen=True)
class ProcessSpec:
    """What to run: `command` in `folder` with exactly `environment`; its output goes to `log`."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path
    folder: Path


@dataclass(frozen=True)
class Component:
    """A started process that must live as long as the stack. Its pid is also its session id."""

    spec: ProcessSpec
    process: subprocess.Popen[bytes]

    def check(self) -> None:
        """Raise ComponentFailed if the process has ended."""
        status = self.process.poll()
        if status is not None:
            raise ComponentFailed(explain_end(self.spec, status))


@dataclass(frozen=True)
class Job(Component):
    """A started process that ends by itself, with exit status 0 if it succeeded."""

    def check(self) -> None:
        """Raise ComponentFailed if the process has ended with another status than 0."""
        status = self.process.poll()
        if status:
            raise ComponentFailed(explain_end(self.spec, status))

    def is_done(self) -> bool:
        """Whether the process has ended."""
        return self.process.poll() is not None


Started = TypeVar("Started", bound=Component)


class Supervisor:
    """Owns the processes of one stack; use it as a context manager."""

    def __init__(self, interrupts: Interrupts, say: Callable[[str], None] = say_nothing) -> None:
        """`say` is told what a long wait is for."""
        self._say = say
        self._interrupts = interrupts
        self._guard = CrashGuard()
        self.started: list[Component] = []

    def start(self, spec: ProcessSpec) -> Component:
        """Start a component, without waiting until it is ready."""
        return self._record(Component(spec, spawn(spec)))

    def start_job(self, spec: ProcessSpec) -> Job:
        """Start a job, without waiting for its end."""
        return self._record(Job(spec, spawn(spec)))

    def check(self) -> None:
        """Raise Interrupted after a stop signal, ComponentFailed if a component has ended."""
        self._interrupts.check()
        for each in self.started:
            each.check()

    def wait_until(self, what: str, ready: Callable[[], bool], timeout: float) -> None:
        """Poll until `ready()` is true.

        Raises:
            Interrupted, ComponentFailed: as `check`.
            StartFailed: `timeout` seconds passed; the message names `what` and the logs.
        """
        remind = Reminder(what, self._say)

        def check() -> None:
            self.check()
            remind()

        try:
            wait_until(ready, timeout, check)
        except TimeoutError as error:
            folders = sorted({str(each.spec.log.parent) for each in self.started})
            raise StartFailed(
                f"{what} was not ready after {timeout:.0f} s. The logs are in {', '.join(folders)}."
            ) from error

    @property
    def session_ids(self) -> list[int]:
        """The sessions of everything started."""
        return [each.process.pid for each in self.started]

    def stop(self) -> None:
        """End every process of every component: TERM, then KILL. Safe to call twice."""
        end_sessions(self.session_ids, GRACE_SECONDS)
        for each in self.started:
            each.process.wait()
        self.started.clear()
        self._guard.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _record(self, started: Started) -> Started:
        self.started.append(started)
        self._guard.add(started.process.pid)
        return started


def spawn(spec: ProcessSpec) -> subprocess.Popen[bytes]:
    """Start the process as leader of a new session, without standard input.

    Its log and the files that it makes are readable by their owner only.
    """
    close_folder(spec.log.parent)
    with open(spec.log, "ab", opener=open_private) as log:
        return subprocess.Popen(
            spec.command,
            env=dict(spec.environment),
            cwd=spec.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=UMASK,
        )


def explain_end(spec: ProcessSpec, status: int) -> str:
    """Say which process ended, how, and its last output. A negative `status` is a signal."""
    how = f"signal {-status}" if status < 0 else f"exit status {status}"
    return f"{spec.name} ended with {how}. Last lines of {spec.log}:\n{tail(spec.log)}"


def tail(log: Path, lines: int = TAIL_LINES) -> str:
    """Return the last lines of a log, indented, or a note that it is empty."""
    text = log.read_text(errors="replace").splitlines()[-lines:] if log.exists() else []
    return "\n".join(f"    {line}" for line in text) or "    (the log is empty)"
