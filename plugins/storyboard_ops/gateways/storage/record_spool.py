"""Keep the rows of a manifest that is being made in a file, so that no task holds all of them."""

from __future__ import annotations

import hashlib
import weakref
from collections.abc import Iterable
from tempfile import SpooledTemporaryFile

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.input_limits import MIB
from storyboard_ops.domain.manifest_codec import encode_row

#: Rows are kept in memory up to this many bytes, then in a temporary file.
MOST_IN_MEMORY = 8 * MIB
#: Bytes that are hashed at a time.
CHUNK_BYTES = MIB


class RecordSpool:
    """Rows of a manifest in the order in which they were added, as its lines."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self.file = SpooledTemporaryFile(max_size=MOST_IN_MEMORY)  # noqa: SIM115 - closed below
        weakref.finalize(self, self.file.close)
        self._count = 0
        self.extend(records)

    def append(self, record: Record) -> None:
        """Add a row."""
        self.append_line(encode_row(record))

    def append_line(self, line: bytes) -> None:
        """Add a row that is encoded already, with its line feed."""
        self.file.write(line)
        self._count += 1

    def extend(self, records: Iterable[Record]) -> None:
        """Add rows."""
        for record in records:
            self.append(record)

    def __len__(self) -> int:
        return self._count


class ManifestBody:
    """The bytes of a manifest, with their number and digest; a file that is read once."""

    def __init__(self, header: bytes, rows: RecordSpool) -> None:
        """``header`` is the first line; the rows are complete."""
        self._header = header
        self._rows = rows
        self.rows = len(rows)
        self.size = 0
        digest = hashlib.sha256()
        self._rewind()
        while chunk := self.read(CHUNK_BYTES):
            digest.update(chunk)
            self.size += len(chunk)
        self.sha256 = digest.hexdigest()
        self._rewind()

    def _rewind(self) -> None:
        self._left = self._header
        self._rows.file.seek(0)

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes: at most ``size``, or all that are left; none at the end."""
        first = self._left if size < 0 else self._left[:size]
        self._left = self._left[len(first) :]
        return first + self._rows.file.read(size if size < 0 else size - len(first))
