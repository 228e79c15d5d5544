"""What a run leaves in Airflow's metadata database, in SQLite."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Self

XCOM = "SELECT count(*), coalesce(sum(length(CAST(value AS BLOB))), 0) FROM xcom"


@dataclass(frozen=True)
class DatabaseSize:
    """Bytes of the database's pages in use, and the rows and bytes of its XComs."""

    database_bytes: int
    xcom_rows: int
    xcom_bytes: int

    def since(self, before: Self) -> DatabaseSize:
        """Return what has come since then."""
        return DatabaseSize(
            self.database_bytes - before.database_bytes,
            self.xcom_rows - before.xcom_rows,
            self.xcom_bytes - before.xcom_bytes,
        )


def database_size(airflow_home: Path) -> DatabaseSize:
    """Measure the database in this folder; free pages do not count."""
    with closing(sqlite3.connect(airflow_home / "airflow.db", timeout=60)) as connection:
        rows, held = connection.execute(XCOM).fetchone()
        pages, free, size = (
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
    return DatabaseSize((pages - free) * size, rows, held)
