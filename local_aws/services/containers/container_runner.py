"""`python -m local_aws.services.containers.container_runner FOLDER`: run a command, keep its code.

The runner is a separate process, so that a container continues when the endpoint is killed and its
exit code is available when the endpoint starts again. While it runs, it holds a lock on an
inherited file descriptor; when the command ends, it writes `exit.json` to FOLDER atomically. As
with a container, only the command itself gets SIGTERM, and what it started ends with it.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

from local_aws.services.containers.container_process import EXIT, LOCK
from local_aws.storage.private_files import UMASK, write_private

SIGNAL_BASE = 128
"""The exit code of a container that a signal ended is 128 + the signal's number."""


class Stopper:
    """Forwards SIGTERM to the command and kills it `seconds` later, or at once on SIGALRM.

    The runner starts with both signals blocked and unblocks them once the handlers are installed.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._stop_requested = threading.Event()
        self._kill_requested = False
        signal.signal(signal.SIGALRM, self._kill_command)
        signal.signal(signal.SIGTERM, self._request_stop)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGALRM})

    def wait(self, seconds: float) -> bool:
        """Wait before the start of the command; return whether it is to be stopped already."""
        return self._stop_requested.wait(seconds)

    @property
    def is_killed(self) -> bool:
        """Whether the command is to end at once."""
        return self._kill_requested

    def watch(self, process: "subprocess.Popen[bytes]") -> None:
        """Forward signals to this command from now on."""
        self._process = process
        if self._kill_requested:
            process.kill()
        elif self._stop_requested.is_set():
            self._stop_command()

    def _request_stop(self, number: int, frame: FrameType | None) -> None:
        self._stop_requested.set()
        if self._process is not None:
            self._stop_command()

    def _stop_command(self) -> None:
        if self._process is not None:
            self._process.terminate()
            signal.setitimer(signal.ITIMER_REAL, self._seconds)

    def _kill_command(self, number: int, frame: FrameType | None) -> None:
        self._kill_requested = True
        self._stop_requested.set()
        if self._process is not None:
            self._process.kill()


def main(folder: Path) -> None:
    """Run what `task.json` says, in `folder`, with its output in `output.log`."""
    os.umask(UMASK)
    # A kill of the endpoint may have prevented it from doing so.
    with (folder / LOCK).open("r+", encoding="utf-8") as lock:
        lock.write(str(os.getpid()))
    task = json.loads((folder / "task.json").read_text(encoding="utf-8"))
    stopper = Stopper(task["stop_seconds"])
    if stopper.wait(task["start_seconds"]):
        killed = {"exit_code": SIGNAL_BASE + signal.SIGKILL}
        write_exit(folder, killed if stopper.is_killed else {})
        return
    log = folder / "output.log"
    with log.open("ab") as output:
        try:
            process = subprocess.Popen(
                task["command"],
                cwd=folder,
                env=task["environment"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,
            )
        except OSError as error:
            log.unlink()
            write_exit(folder, {"start_error": str(error)})
            return
    stopper.watch(process)
    code = process.wait()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    write_exit(folder, {"exit_code": code if code >= 0 else SIGNAL_BASE - code})


def write_exit(folder: Path, document: dict[str, Any]) -> None:
    """Write how the command ended, atomically."""
    write_private(folder / EXIT, json.dumps(document))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
