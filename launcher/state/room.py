"""Whether there is room for what a run writes, asked before it starts."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from launcher.errors import UsageError
from launcher.state.private_files import close_folder

#: Bytes that a run on a short film writes, with a margin: logs, database, pictures, results.
LEAST_FREE = 1_000_000_000


def require_room(folders: Iterable[Path], more: int = 0) -> None:
    """Make sure that each folder can be written, and has room for a run and `more` bytes.

    Raises:
        UsageError: naming the first that cannot, or has not.
    """
    needed = LEAST_FREE + more
    for folder in folders:
        close_folder(folder)
        _try_to_write(folder)
        free = shutil.disk_usage(folder).free
        if free < needed:
            raise UsageError(
                f"{folder} has {free / 1e9:.1f} GB of free space, and a run needs at least "
                f"{needed / 1e9:.1f} GB. Make room, or use another disk. Nothing was started."
            )


def _try_to_write(folder: Path) -> None:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"room")
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be written: {error.strerror}. A run keeps its results and its state "
            "there: correct its permissions, or free space. Nothing was started."
        ) from error
