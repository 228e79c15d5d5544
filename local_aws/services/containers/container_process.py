"""The process behind a container: start it, read its state, stop it."""

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
RUNNER = "local_aws.services.containers.container_runner"
LOCK = "running.lock"
"""The file that the runner locks and that has its process id."""

EXIT = "exit.json"
"""The file in which the runner writes how the command ended."""

INHERITED_VARIABLES = ("PATH", "LANG")
"""Variables of this machine's environment that every command inherits."""


@dataclass(frozen=True)
class ContainerOutcome:
    """How a command ended.

    `start_error` is set if it did not start. Neither is set if its runner ended without a word, as
    on a machine that was switched off.
    """

    exit_code: int | None = None
    start_error: str | None = None


class ContainerProcess:
    """The process of one container; all its files are in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def log(self) -> Path:
        """The file with the output of the command."""
        return self.folder / "output.log"

    def start(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        stop_seconds: float,
        start_seconds: float = 0.0,
    ) -> None:
        """Start the command in a session of its own, `start_seconds` from now."""
        make_private_folder(self.folder)
        document = {
            "command": list(command),
            "environment": dict(environment),
            "stop_seconds": stop_seconds,
            "start_seconds": start_seconds,
        }
        write_private(self.folder / "task.json", json.dumps(document))
        with open(self._lock_path(), "w", opener=open_private) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with _block_signals():
                runner = subprocess.Popen(
                    [sys.executable, "-m", RUNNER, str(self.folder)],
                    cwd=PROJECT_ROOT,
                    pass_fds=[lock.fileno()],
                    start_new_session=True,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                )
            lock.write(str(runner.pid))

    def was_started(self) -> bool:
        """Return whether `start` got as far as a runner, in this or an earlier process."""
        return self.is_running() or (
            self._lock_path().exists() and self._lock_path().stat().st_size > 0
        )

    def is_running(self) -> bool:
        """Return whether the runner holds its lock."""
        try:
            with self._lock_path().open() as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def has_started(self) -> bool:
        """Return whether the command itself has started; it may have ended since."""
        return self.log.exists()

    def ended_at(self) -> float:
        """Return when the runner wrote how the command ended, as time.time(); 0.0 if it did not."""
        try:
            return (self.folder / EXIT).stat().st_mtime
        except FileNotFoundError:
            return 0.0

    def outcome(self) -> ContainerOutcome | None:
        """Return how the command ended; None while it runs."""
        if self.is_running():
            return None
        try:
            document = json.loads((self.folder / EXIT).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return ContainerOutcome()
        return ContainerOutcome(**document)

    def stop(self) -> None:
        """Make the runner stop its command: SIGTERM, then SIGKILL after the stop timeout."""
        self._signal_runner(signal.SIGTERM)

    def kill(self) -> None:
        """Make the runner end its command by SIGKILL."""
        self._signal_runner(signal.SIGALRM)

    def _signal_runner(self, number: signal.Signals) -> None:
        if self.is_running():
            with suppress(ProcessLookupError):
                os.kill(int(self._lock_path().read_text()), number)

    def _lock_path(self) -> Path:
        return self.folder / LOCK


@contextmanager
def _block_signals() -> Iterator[None]:
    """Start processes with the runner's signals blocked until it unblocks them.

    Restores this thread's mask.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGALRM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
