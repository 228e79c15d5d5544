"""The files and folders of a launcher, which other users of this machine cannot read.

They are made as the local endpoint makes its own.
"""

from __future__ import annotations

from pathlib import Path

from launcher.errors import UsageError
from local_aws.storage.private_files import (
    FILE_MODE,
    UMASK,
    NotOwnerError,
    make_private_folder,
    open_private,
    write_private,
)

__all__ = ["FILE_MODE", "UMASK", "close_folder", "open_private", "write_private"]


def close_folder(folder: Path) -> None:
    """Create `folder` for this user only, or take the rights of others on an existing one away.

    Raises:
        UsageError: it belongs to another user, or cannot be made.
    """
    try:
        make_private_folder(folder)
    except NotOwnerError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        raise UsageError(
            f"The folder {folder} cannot be used: {error.strerror} ({error.filename}). Correct the "
            "path or its permissions, and run the command again."
        ) from error
