"""A listing of many versions, in a temporary file: a bucket may have millions.

SQLite keeps a database without a name in memory as long as it is small, then on disk, and deletes
it when it is closed. To be used by one thread.
"""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Iterable, Iterator

from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.gateways.removal.stored_versions import StoredVersion

_CREATE = (
    "CREATE TABLE versions (number INTEGER PRIMARY KEY, key TEXT, size INTEGER, version TEXT,"
    " latest INTEGER, marker INTEGER)"
)
_SELECT = "SELECT key, size, version, latest, marker FROM versions"
#: Follows every character that a key may have.
_LAST = "\U0010ffff"


class VersionTable:
    """Versions of the objects of one bucket, in the order of their listing; readable often."""

    def __init__(self, bucket: str, versions: Iterable[StoredVersion]) -> None:
        self._bucket = bucket
        self._rows = sqlite3.connect("", check_same_thread=False)
        weakref.finalize(self, self._rows.close)
        self._rows.execute(_CREATE)
        self._rows.executemany(
            "INSERT INTO versions VALUES (NULL, ?, ?, ?, ?, ?)",
            ((one.uri.key, one.size, one.version, one.latest, one.marker) for one in versions),
        )
        self._rows.execute("CREATE INDEX by_key ON versions (key)")

    def __iter__(self) -> Iterator[StoredVersion]:
        return self._found(f"{_SELECT} ORDER BY number")

    def current(self, below: str) -> Iterator[StoredVersion]:
        """Yield the latest versions of existing objects whose keys begin like this, by key."""
        where = "WHERE key >= ? AND key < ? AND latest AND NOT marker ORDER BY key"
        return self._found(f"{_SELECT} {where}", below, below + _LAST)

    def find(self, uri: S3Uri) -> StoredVersion | None:
        """Return the latest version of an object; None when it does not exist."""
        if uri.bucket != self._bucket:
            return None
        where = "WHERE key = ? AND latest AND NOT marker"
        return next(self._found(f"{_SELECT} {where}", uri.key), None)

    def _found(self, sql: str, *parameters: str) -> Iterator[StoredVersion]:
        for key, size, version, latest, marker in self._rows.execute(sql, parameters):
            uri = S3Uri(self._bucket, key)
            yield StoredVersion(uri, size, version, bool(latest), bool(marker))
