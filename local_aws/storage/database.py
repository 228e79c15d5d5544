"""The endpoint's SQLite database: one connection, one writer at a time, thread-safe.

With a write-ahead log and `synchronous=NORMAL`, every acknowledged commit survives a kill of the
process, because the operating system has the log's pages. Only a power cut can lose the last
commits, which is acceptable for a test double.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local_aws.storage.private_files import FILE_MODE


class Database:
    """A SQLite file shared by the threads of one process."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        path.touch(mode=FILE_MODE)  # SQLite gives its log files the same mode
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")

    def create_tables(self, script: str) -> None:
        """Run `script`, a sequence of CREATE ... IF NOT EXISTS statements."""
        with self._lock:
            self._connection.executescript(script)

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return all rows that `sql` selects."""
        with self._lock:
            return self._connection.execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """Return the first row that `sql` selects, or None."""
        with self._lock:
            row: tuple[Any, ...] | None = self._connection.execute(sql, parameters).fetchone()
            return row

    def change(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run one writing statement; return the number of rows it changed."""
        with self._lock:
            return self._connection.execute(sql, parameters).rowcount

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit when the block ends, roll back when it raises. Can be nested."""
        with self._lock:
            if self._depth == 0:
                self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._connection.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the database and merge its write-ahead log."""
        with self._lock:
            self._connection.close()
