"""A small process that ends the components when the launcher itself is gone.

The launcher holds the write end of this process's standard input and writes one session id per
line. However the launcher ends, also by SIGKILL, the kernel closes that pipe; the guard reads the
end of file, ends every session it has read and exits. It works on any POSIX system and covers
grandchildren, which `PR_SET_PDEATHSIG` does not.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import IO, TextIO

from launcher.processes.interrupts import SIGNALS
from launcher.processes.sessions import end_sessions
from launcher.state.layout import PROJECT_ROOT

GRACE_SECONDS = 5.0


class CrashGuard:
    """The guard of one supervisor."""

    def __init__(self) -> None:
        """Start the guard in its own session: a Ctrl-C in the terminal does not reach it."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "launcher.processes.crash_guard"],
            stdin=subprocess.PIPE,
            text=True,
            cwd=PROJECT_ROOT,
            start_new_session=True,
        )

    def add(self, session_id: int) -> None:
        """End this session too when the launcher is gone."""
        self._stdin.write(f"{session_id}\n")
        self._stdin.flush()

    def stop(self) -> None:
        """Let the guard end what is left of its sessions, and wait for it. Safe to call twice."""
        self._stdin.close()
        self._process.wait()

    @property
    def _stdin(self) -> IO[str]:
        assert self._process.stdin is not None, "it is a pipe"
        return self._process.stdin


def end_sessions_at_eof(lines: TextIO) -> None:
    """Read session ids until `lines` ends, then end those sessions."""
    session_ids = [int(line) for line in lines]
    end_sessions(session_ids, GRACE_SECONDS)


if __name__ == "__main__":
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    end_sessions_at_eof(sys.stdin)
