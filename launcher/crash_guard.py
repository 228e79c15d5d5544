"""A small process that ends the components when the launcher itself is gone.

The launcher holds the write end of this process's standard input and writes one session id per
line. However the launcher ends, also by SIGKILL, the kernel closes that pipe; the guard reads the
end of file, ends every session it was told of and exits. Works on any POSIX system and covers
grandchildren, which `PR_SET_PDEATHSIG` does not.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TextIO

from launcher import process_sessions
from launcher.layout import PROJECT_ROOT

GRACE_SECONDS = 5.0


def start() -> subprocess.Popen[str]:
    """Start the guard in a session of its own: a Ctrl-C in the terminal does not reach it."""
    return subprocess.Popen(
        [sys.executable, "-m", "launcher.crash_guard"],
        stdin=subprocess.PIPE,
        text=True,
        cwd=PROJECT_ROOT,
        start_new_session=True,
    )


def watch(lines: TextIO) -> None:
    """Collect session ids until `lines` ends, then end those sessions."""
    session_ids = [int(line) for line in lines]
    process_sessions.end(session_ids, GRACE_SECONDS)


if __name__ == "__main__":
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    watch(sys.stdin)
