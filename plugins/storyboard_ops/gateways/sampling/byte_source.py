"""Read ranges of a film's bytes from a local file; see ``web_bytes`` and ``s3_bytes`` for others.

A source has a size and a version that changes with the content.
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import Protocol

from storyboard_ops.domain.error_tree import ObjectMissing
from storyboard_ops.domain.sampling.image_sequences import MAKE_A_FILM, sequence_fault


class ByteSource(Protocol):
    """A film's bytes, by range."""

    uri: str
    size: int  # bytes
    version: str  # changes with the content

    def read(self, first: int, length: int) -> bytes:
        """Return bytes from offset ``first``; fewer than ``length`` only at the end of the film."""
        ...

    def close(self) -> None:
        """Close the file or connection."""
        ...


class FileBytes:
    """A local file; raises ObjectMissing when it cannot be opened."""

    def __init__(self, path: Path) -> None:
        try:
            # Check before opening it: opening a pipe blocks until it has a writer.
            if not stat.S_ISREG(path.stat().st_mode):
                raise ObjectMissing(
                    f"{path} is a folder, a pipe or a device; give the path of a video file. "
                    f"{MAKE_A_FILM}"
                )
            self._file = path.open("rb")
        except OSError as error:
            raise ObjectMissing(
                sequence_fault(str(path))
                or f"{path} cannot be opened: {error.strerror}; correct the path or its "
                "permissions."
            ) from error
        facts = os.fstat(self._file.fileno())
        self.uri = str(path)
        self.size = facts.st_size
        self.version = f"{facts.st_size}-{facts.st_mtime_ns}"

    def read(self, first: int, length: int) -> bytes:
        return os.pread(self._file.fileno(), length, first)

    def close(self) -> None:
        self._file.close()


def content_id(source: ByteSource) -> str:
    """Identify the content of one version of a film by 64 hex digits, without reading the film.

    S3's ETag and the size identify a version's content. The same bytes uploaded in other part
    sizes get another id, which costs a second sampling and never a wrong frame.
    """
    return hashlib.sha256(f"{source.size}\0{source.version}".encode()).hexdigest()


def open_local_or_web(place: str, *, private: bool = False) -> ByteSource:
    """Open a path or an http(s) URL; raises ObjectMissing when it cannot be opened.

    ``private``: the URL may lead to a private address.
    """
    if place.startswith(("http://", "https://")):
        # Its libraries take a tenth of a second, which sampling a file need not wait for.
        from storyboard_ops.gateways.sampling.web_bytes import WebBytes

        return WebBytes(place, private=private)
    return FileBytes(Path(place))
