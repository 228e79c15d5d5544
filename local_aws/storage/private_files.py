"""Files and folders that only their owner can read, whatever the umask of the process is."""

import os
import stat
from pathlib import Path

FOLDER_MODE = 0o700
FILE_MODE = 0o600
UMASK = 0o077
"""What a process sets, so that the files of its libraries and child processes are private too."""


class NotOwnerError(Exception):
    """A folder for private files belongs to another user."""


def make_private_folder(folder: Path) -> bool:
    """Create `folder`, or close an existing one; return whether others had access to it.

    Missing parents are created, as private as the folder; existing ones stay as they are.
    Nothing below a folder of mode 0700 can be reached, so old files need no change.

    Raises NotOwnerError if the folder belongs to another user, who could read what is written.
    """
    if not folder.parent.exists():
        make_private_folder(folder.parent)
    folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
    found = folder.stat()
    if found.st_uid != os.geteuid():
        raise NotOwnerError(
            f"{folder} belongs to the user with the id {found.st_uid}, not to the one who runs "
            f"this (id {os.geteuid()}). Remove the folder, choose another, or run as its owner."
        )
    mode = stat.S_IMODE(found.st_mode)
    if mode != FOLDER_MODE:
        folder.chmod(FOLDER_MODE)
    return bool(mode & UMASK)


def open_private(path: str, flags: int) -> int:
    """Open a file, which others cannot read if it is new; an `opener` of `open`."""
    return os.open(path, flags, FILE_MODE)


def write_private(path: Path, text: str) -> None:
    """Write `text` to `path` atomically, in a new file that only its owner can read."""
    if not path.parent.exists():
        make_private_folder(path.parent)
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    # "x" refuses a file that somebody else has put there meanwhile.
    with open(partial, "x", encoding="utf-8", opener=open_private) as file:
        file.write(text)
    partial.replace(path)
