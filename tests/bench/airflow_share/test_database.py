"""Sizes of a metadata database, of which we know the rows."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from bench.airflow_share.database import DatabaseSize, database_size


def test_rows_bytes_and_pages_that_have_come_since(tmp_path):
    with closing(sqlite3.connect(tmp_path / "airflow.db")) as connection:
        connection.execute("PRAGMA page_size = 4096")
        connection.execute("CREATE TABLE xcom (value JSON)")
        connection.execute("CREATE TABLE log (line TEXT)")
        connection.commit()
        empty = database_size(tmp_path)
        connection.executemany("INSERT INTO xcom VALUES (?)", [('"é"',), ("[1, 2]",), (None,)])
        connection.execute("INSERT INTO log VALUES (?)", ("x" * 40_000,))
        connection.commit()
        filled = database_size(tmp_path)
        connection.execute("DELETE FROM log")
        connection.commit()
        emptied = database_size(tmp_path)

    assert (empty.xcom_rows, empty.xcom_bytes) == (0, 0)
    grown = filled.since(empty)
    assert (grown.xcom_rows, grown.xcom_bytes) == (3, 4 + 6)
    assert grown.database_bytes == 9 * 4096  # the pages that the long line overflows into
    assert emptied.since(empty) == DatabaseSize(0, 3, 10)
