"""Digests of files and of folders with weights."""

from __future__ import annotations

import hashlib
from pathlib import Path

from trainer.errors import JobFailed


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def folder_digest(folder: Path) -> str:
    """Return the SHA-256 over all files of a folder, by name.

    It is that of the lines that ``sha256sum`` prints for the files, sorted by their path relative
    to the folder: digest, two spaces, path, line feed.
    """
    paths = sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )
    lines = "".join(f"{file_digest(folder / path)}  {path}\n" for path in paths)
    return hashlib.sha256(lines.encode()).hexdigest()


def weights_digest(folder: Path, expected: str | None, what: str) -> str:
    """Return the digest of a folder with weights.

    Raises JobFailed when there are none, or when the digest is not the one that is expected.
    """
    if not folder.is_dir() or not any(folder.rglob("*")):
        raise JobFailed(f"{folder} has no files: put the weights of {what} there.")
    found = folder_digest(folder)
    if expected and found != expected:
        raise JobFailed(
            f"The weights of {what} in {folder} are damaged or of another version: their digest is "
            f"{found}, and {expected} is expected. Copy them again."
        )
    return found
