"""Bytes of objects and upload parts, in files that are never modified once written.

A blob is one file under a random id. It becomes visible when a database row that names it is
committed, after the file is complete. Files that no row names are removed when the endpoint starts,
so a kill at any moment never exposes half an object.
"""

import io
import os
import threading
import uuid
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from local_aws.storage.private_files import make_private_folder, open_private


@dataclass(frozen=True)
class Segment:
    """One blob of an object's bytes; `size` in bytes."""

    blob: str
    size: int


class BlobFiles:
    """The folder of blobs of one endpoint process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._readers: Counter[str] = Counter()
        self._discarded: set[str] = set()
        make_private_folder(folder)
        for prefix in range(256):
            make_private_folder(folder / f"{prefix:02x}")

    def path(self, blob: str) -> Path:
        """Return the path of a blob's file."""
        return self._folder / blob[:2] / blob

    def create(self) -> tuple[str, BinaryIO]:
        """Create a blob; return its id and its file, open for writing."""
        blob = uuid.uuid4().hex
        return blob, open(self.path(blob), "xb", buffering=0, opener=open_private)

    def link(self, blob: str) -> str:
        """Create a second blob with the same bytes, without copying them; return its id."""
        copy = uuid.uuid4().hex
        os.link(self.path(blob), self.path(copy))
        return copy

    def pin(self, blobs: Collection[str]) -> bool:
        """Keep these blobs readable until `unpin`; return False if they no longer exist."""
        with self._lock:
            if not all(self.path(blob).exists() for blob in blobs):
                return False
            self._readers.update(blobs)
            return True

    def unpin(self, blobs: Collection[str]) -> None:
        """Release a `pin` and remove blobs that were discarded meanwhile."""
        with self._lock:
            for blob in blobs:
                self._readers[blob] -= 1
                if not self._readers[blob]:
                    del self._readers[blob]
                    if blob in self._discarded:
                        self._discarded.remove(blob)
                        self.path(blob).unlink()

    def discard(self, blobs: Collection[str]) -> None:
        """Remove blobs that no row names any more, once no reader has them open."""
        with self._lock:
            for blob in blobs:
                if self._readers[blob]:
                    self._discarded.add(blob)
                else:
                    self.path(blob).unlink(missing_ok=True)

    def sweep(self, named: Collection[str]) -> int:
        """Remove every blob that is not in `named`; return how many there were."""
        orphans = [path for path in self._folder.glob("??/*") if path.name not in named]
        for path in orphans:
            path.unlink()
        return len(orphans)


class SegmentReader(io.RawIOBase):
    """The bytes of several segments as one seekable file, pinned until it is closed."""

    def __init__(self, files: BlobFiles, segments: Sequence[Segment]) -> None:
        self._files = files
        self._blobs = [segment.blob for segment in segments]
        if not files.pin(self._blobs):
            raise FileNotFoundError("the blobs were removed after their row was read")
        self._segments = segments
        self._size = sum(segment.size for segment in segments)
        self._position = 0
        self._open: tuple[int, BinaryIO] | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = base + offset
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        start = 0
        for index, segment in enumerate(self._segments):
            if self._position < start + segment.size:
                file = self._open_segment(index)
                file.seek(self._position - start)
                count = file.readinto(buffer)  # type: ignore[attr-defined]
                self._position += count
                return int(count)
            start += segment.size
        return 0

    def _open_segment(self, index: int) -> BinaryIO:
        if self._open is None or self._open[0] != index:
            if self._open is not None:
                self._open[1].close()
            self._open = index, self._files.path(self._blobs[index]).open("rb", buffering=0)
        return self._open[1]

    def close(self) -> None:
        if not self.closed:
            if self._open is not None:
                self._open[1].close()
            self._files.unpin(self._blobs)
        super().close()
