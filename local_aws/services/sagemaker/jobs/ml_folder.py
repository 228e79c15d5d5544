"""The folder `/opt/ml` of a job: its inputs from S3, its outputs to S3.

An object `prefix/a/b` of the input `s3://bucket/prefix` becomes the file `a/b`. Of a prefix that
ends within a name, the path begins after the last slash before it.
"""

import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from local_aws.protocol.errors import ServiceError
from local_aws.services.sagemaker.jobs.role_files import RoleFiles, split_uri
from local_aws.storage.private_files import make_private_folder, write_private

GIGABYTE = 1 << 30


def write_json(folder: Path, name: str, document: Any) -> None:
    """Write one of the files with which SageMaker configures a container."""
    write_private(folder / name, json.dumps(document))


def download(files: RoleFiles, uri: str, folder: Path, largest: float, needed: bool) -> int:
    """Write all objects below `uri` to `folder` and return their bytes.

    Raises:
        ServiceError: an object cannot be read or has a name that is no path, all of them need more
            than `largest` bytes, or there is none though it is `needed`.
    """
    make_private_folder(folder)
    stored = files.list(uri)
    if needed and not stored:
        raise ServiceError("NoSuchKey", f"No S3 objects found under S3 URL {uri}.")
    size = sum(item.size for item in stored)
    if size > largest:
        raise ServiceError(
            "VolumeTooSmall", f"{uri} needs {size:,} bytes; the volume has {largest:,} bytes left."
        )
    prefix = split_uri(uri)[1]
    for item in stored:
        if item.key.endswith("/"):
            continue
        path = folder / find_path(item.key, prefix)
        path.parent.mkdir(parents=True, exist_ok=True)
        with files.open(item) as source, path.open("wb") as target:
            shutil.copyfileobj(source, target)
    return size


def find_path(key: str, prefix: str) -> PurePosixPath:
    """Return the path of an object's file; raises ServiceError if the key is no path."""
    below = key.removeprefix(prefix)
    if not prefix.endswith("/") and below.startswith("/"):
        relative = below[1:]
    elif prefix.endswith("/") or not prefix:
        relative = below
    else:
        relative = prefix.rpartition("/")[2] + below
    if any(part in ("", ".", "..") for part in relative.split("/")) or "\0" in relative:
        raise ServiceError("InvalidKey", f"The key {key!r} cannot be the path of a file.")
    return PurePosixPath(relative)


def list_files(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield every file below a folder with its relative path, links aside."""
    for parent, _, names in os.walk(folder):
        for name in sorted(names):
            path = Path(parent, name)
            if path.is_file() and not path.is_symlink():
                yield path, path.relative_to(folder).as_posix()


def join_uri(uri: str, relative: str) -> str:
    """Return the URI of something below another."""
    return f"{uri.rstrip('/')}/{relative}"


def upload(files: RoleFiles, folder: Path, uri: str) -> None:
    """Write every file below a folder as an object below `uri`; raises ServiceError."""
    for path, relative in list_files(folder):
        files.write(join_uri(uri, relative), path)


def upload_archive(files: RoleFiles, folder: Path, uri: str, archive: Path) -> None:
    """Write a folder as one object, a tar archive with gzip; raises ServiceError.

    `archive` is the file that it is packed in first.
    """
    with tarfile.open(archive, "w:gz") as packed:
        for path, relative in list_files(folder):
            packed.add(path, relative, recursive=False)
    files.write(uri, archive)
    archive.unlink()


class FolderSync:
    """Copies the files of a folder that are new or changed to S3, again and again.

    What disappears from the folder stays in S3.
    """

    def __init__(self, files: RoleFiles, folder: Path, uri: str) -> None:
        self._files = files
        self._folder = folder
        self._uri = uri
        self._copied: dict[str, tuple[int, int]] = {}

    def run(self) -> None:
        """Copy what has changed since the last time; raises ServiceError."""
        for path, relative in list_files(self._folder):
            try:
                found = path.stat()
                mark = (found.st_mtime_ns, found.st_size)
                if self._copied.get(relative) != mark:
                    self._files.write(join_uri(self._uri, relative), path)
                    self._copied[relative] = mark
            except FileNotFoundError:
                continue  # replaced or removed by the job meanwhile
