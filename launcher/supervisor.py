"""Starts components and jobs, notices at once when one is gone, and leaves none behind.

There is no thread: whoever waits for something calls `check()` in its loop, so a dead component
ends the wait with its name and the last lines of its log.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from launcher import crash_guard, process_sessions
from launcher.errors import ComponentFailed, StartFailed
from launcher.interrupts import Interrupts

GRACE_SECONDS = 4.0
TAIL_LINES = 15
POLL_SECONDS = 0.2


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
    """A started process that has to live as long as the stack. Its pid is also its session id."""

    spec: ProcessSpec
    process: subprocess.Popen[bytes]

    def check(self) -> None:
        """Raise ComponentFailed when the process has ended."""
        status = self.process.poll()
        if status is not None:
            raise ComponentFailed(explain_end(self.spec, status))


@dataclass(frozen=True)
class Job(Component):
    """A started process that ends by itself, with status 0 when all went well."""

    def check(self) -> None:
        """Raise ComponentFailed when the process has ended with another status than 0."""
        status = self.process.poll()
        if status:
            raise ComponentFailed(explain_end(self.spec, status))

    def is_done(self) -> bool:
        """Whether the process has ended."""
        return self.process.poll() is not None


Started = TypeVar("Started", bound=Component)


class Supervisor:
    """Owns the processes of one stack; use it as a context manager."""

    def __init__(self, interrupts: Interrupts) -> None:
        self._interrupts = interrupts
        self._guard = crash_guard.start()
        self.started: list[Component] = []

    def start(self, spec: ProcessSpec) -> Component:
        """Start a component. Does not wait until it is ready."""
        return self._remember(Component(spec, spawn(spec)))

    def start_job(self, spec: ProcessSpec) -> Job:
        """Start a job. Does not wait for its end."""
        return self._remember(Job(spec, spawn(spec)))

    def check(self) -> None:
        """Raise Interrupted after a stop signal, ComponentFailed when a component is gone."""
        self._interrupts.check()
        for each in self.started:
            each.check()

    def wait_until(self, what: str, ready: Callable[[], bool], timeout: float) -> None:
        """Return when `ready()` is true; raise when a component ends or `timeout` seconds pass."""
        deadline = time.monotonic() + timeout
        while not ready():
            self.check()
            if time.monotonic() >= deadline:
                raise StartFailed(f"{what} was not ready after {timeout:.0f} s. {self._log_hint()}")
            time.sleep(POLL_SECONDS)
        self.check()

    def sessions(self) -> list[int]:
        """The session ids of everything started."""
        return [each.process.pid for each in self.started]

    def stop(self) -> None:
        """End every process of every component: TERM, then KILL. Safe to call twice."""
        process_sessions.end(self.sessions(), GRACE_SECONDS)
        for each in self.started:
            each.process.wait()
        self.started.clear()
        assert self._guard.stdin is not None
        self._guard.stdin.close()
        self._guard.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _remember(self, started: Started) -> Started:
        self.started.append(started)
        assert self._guard.stdin is not None
        self._guard.stdin.write(f"{started.process.pid}\n")
        self._guard.stdin.flush()
        return started

    def _log_hint(self) -> str:
        folders = sorted({str(each.spec.log.parent) for each in self.started})
        return f"The logs are in {', '.join(folders)}."


def spawn(spec: ProcessSpec) -> subprocess.Popen[bytes]:
    """Start the process as leader of a new session, with no standard input."""
    spec.log.parent.mkdir(parents=True, exist_ok=True)
    with spec.log.open("ab") as log:
        return subprocess.Popen(
            spec.command,
            env=dict(spec.environment),
            cwd=spec.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def explain_end(spec: ProcessSpec, status: int) -> str:
    """Who ended, how, and what it said last. A negative `status` is a signal, as in `Popen`."""
    how = f"signal {-status}" if status < 0 else f"exit status {status}"
    return f"{spec.name} ended with {how}. Last lines of {spec.log}:\n{tail(spec.log)}"


def tail(log: Path, lines: int = TAIL_LINES) -> str:
    """The last lines of a log, indented, or a note that it is empty."""
    text = log.read_text(errors="replace").splitlines()[-lines:] if log.exists() else []
    return "\n".join(f"    {line}" for line in text) or "    (the log is empty)"
