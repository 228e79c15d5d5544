"""The process behind a task: start it, read its state, stop it."""

import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from local_aws.storage.private_files import make_private_folder, open_private, write_private

PROJECT_ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class TaskOutcome:
    """How a task's command ended; `error` is set if it did not start or left no exit code."""

    exit_code: int | None = None
    error: str | None = None


class TaskProcess:
    """The process of one task; all its files are in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def start(
        self, command: Sequence[str], environment: Mapping[str, str], stop_seconds: int
    ) -> int:
        """Start the command in a session of its own; return the process id of its runner."""
        make_private_folder(self.folder)
        document = {
            "command": list(command),
            "environment": dict(environment),
            "stop_seconds": stop_seconds,
        }
        write_private(self.folder / "task.json", json.dumps(document))
        with open(self._lock_path(), "w", opener=open_private) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with _block_stop_signal():
                runner = subprocess.Popen(
                    [sys.executable, "-m", "local_aws.services.ecs.task_runner", str(self.folder)],
                    cwd=PROJECT_ROOT,
                    pass_fds=[lock.fileno()],
                    start_new_session=True,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                )
        return runner.pid

    def is_running(self) -> bool:
        """Return whether the runner holds its lock."""
        try:
            with self._lock_path().open() as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def outcome(self) -> TaskOutcome | None:
        """Return how the command ended; None while it runs."""
        if self.is_running():
            return None
        try:
            document = json.loads((self.folder / "exit.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return TaskOutcome(error="Host EC2 terminated: the process ended without an exit code")
        return TaskOutcome(**document)

    def stop(self, runner_pid: int) -> None:
        """Make the runner stop its command: SIGTERM, then SIGKILL after the stop timeout."""
        if self.is_running():
            with suppress(ProcessLookupError):
                os.kill(runner_pid, signal.SIGTERM)

    def _lock_path(self) -> Path:
        return self.folder / "running.lock"


@contextmanager
def _block_stop_signal() -> Iterator[None]:
    """Start processes with SIGTERM blocked until they unblock it; restores this thread's mask."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
