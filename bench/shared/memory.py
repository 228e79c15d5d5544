"""Memory of this process, with the standard library alone: it also runs beside other libraries."""

from __future__ import annotations

import resource
import sys
from pathlib import Path


def peak_mb() -> float:
    """Peak memory of this process, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage on Linux starts with the peak of the parent process
        fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(fields["VmHWM"].split()[0]) / 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)
