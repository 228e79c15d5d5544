"""Read reference pictures, which must be beneath the folder of their production file.

The author of a production file could otherwise have the pipeline read any file of its machine, or
any object that its role may read, and send it to the workspace and to models.
"""

from __future__ import annotations

import os
import posixpath
import re
import stat
from pathlib import Path

from storyboard_ops.domain.bounded_text import short_repr
from storyboard_ops.domain.error_tree import BadInput, ObjectMissing
from storyboard_ops.domain.input_limits import MOST_PICTURE_BYTES
from storyboard_ops.domain.object_keys import S3Uri

#: Absolute paths, home folders, URLs and drives (``C:``).
_ELSEWHERE = re.compile(r"[/~]|[A-Za-z][A-Za-z0-9+.-]*:")
_NOT_IN_PATHS = re.compile(r"[\x00-\x1f\x7f\\]")
_UNSAFE_PARTS = frozenset({"", ".", ".."})


def key_beneath(folder: S3Uri, reference: str) -> S3Uri:
    """Return where a reference of a production file in S3 is.

    ``reference``: a path relative to the file's ``folder``, or an S3 URI. Raises BadInput when it
    is not beneath the folder.
    """
    if reference.startswith("s3://"):
        return _uri_beneath(folder, reference)
    _check_relative(folder, reference)
    path = posixpath.normpath(reference)
    if path in _UNSAFE_PARTS or path.startswith("../"):
        raise _refusal(folder, reference, "it leads out of that folder")
    return folder / path


def read_beneath(folder: Path, reference: str) -> bytes:
    """Read the regular file that a reference of a production file in ``folder`` names.

    Raises BadInput when the path leads out of the folder, also by a symbolic link, or to something
    else than a file of at most MOST_PICTURE_BYTES; ObjectMissing when it does not exist.
    """
    root = folder.resolve()
    _check_relative(root, reference)
    try:
        found = (root / reference).resolve()
        if not found.is_relative_to(root):
            raise _refusal(root, reference, "it leads out of that folder")
        return _read_regular(root, found.relative_to(root).parts, reference)
    except FileNotFoundError as error:
        raise ObjectMissing(f"{short_repr(reference)} does not exist in {root}.") from error
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
        why = getattr(error, "strerror", None) or "its symbolic links form a circle"
        raise BadInput(f"{short_repr(reference)} in {root} cannot be read: {why}.") from error


def _uri_beneath(folder: S3Uri, reference: str) -> S3Uri:
    uri = S3Uri.parse(reference)
    parts = reference.removeprefix("s3://").split("/")
    if _UNSAFE_PARTS & set(parts) or _NOT_IN_PATHS.search(reference):
        raise _refusal(folder, reference, "its key has empty or odd parts")
    if uri.bucket != folder.bucket or not f"{uri}/".startswith(f"{folder}/") or uri == folder:
        raise _refusal(folder, reference, "it is an S3 URI of another place")
    return uri


def _check_relative(folder: Path | S3Uri, reference: str) -> None:
    """Raise BadInput when a reference is not a relative path with forward slashes."""
    if not reference.strip():
        raise _refusal(folder, reference, "it is empty")
    if _NOT_IN_PATHS.search(reference) or not _is_text(reference):
        raise _refusal(folder, reference, "it contains a backslash or a control character")
    if _ELSEWHERE.match(reference):
        raise _refusal(folder, reference, "it is an absolute path or a URL")


def _is_text(reference: str) -> bool:
    try:
        reference.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True


def _refusal(folder: Path | S3Uri, reference: str, why: str) -> BadInput:
    return BadInput(
        f"{short_repr(reference)} does not name a picture beneath {folder}, the folder of the "
        f"production file: {why}. Copy the picture there, and name it relative to the file, like "
        "references/mira.png."
    )


def _read_regular(root: Path, parts: tuple[str, ...], reference: str) -> bytes:
    """Read a file by its resolved path.

    No step follows a link, so that a folder that is replaced by one meanwhile leads nowhere.
    """
    what = f"{short_repr(reference)} in {root}"
    if not parts:
        raise BadInput(f"{what} is not a regular file.")
    *folders, name = parts
    place = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in folders:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=place)
            os.close(place)
            place = inner
        # A pipe would block, and opening a device may already do something.
        if not stat.S_ISREG(os.stat(name, dir_fd=place, follow_symlinks=False).st_mode):
            raise BadInput(f"{what} is not a regular file.")
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=place)
    finally:
        os.close(place)
    with os.fdopen(file, "rb") as opened:
        facts = os.fstat(file)
        if not stat.S_ISREG(facts.st_mode):
            raise BadInput(f"{what} is not a regular file.")
        check_size(what, facts.st_size)
        picture = opened.read(MOST_PICTURE_BYTES + 1)
    check_size(what, len(picture))
    return picture


def check_size(what: str, size: int) -> None:
    """Raise BadInput when a reference picture of this many bytes is too large to be read."""
    if size > MOST_PICTURE_BYTES:
        raise BadInput(
            f"{what} has {size:,} bytes; a reference picture may have at most "
            f"{MOST_PICTURE_BYTES:,}. Save a smaller one."
        )
