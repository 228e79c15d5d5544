"""A bucket on disk, with frames that are drawn when they are read: a season fits no memory.

Small objects are rows of an SQLite file, large ones files; the client's methods are those that the
product's object store and its reader of films use.
"""

from __future__ import annotations

import hashlib
import io
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

from bench.season.drawn_frames import FRAMES, draw_frame

#: Larger objects are files.
MOST_IN_ROW = 1_000_000
COPY_BYTES = 1 << 20


class DiskBucket:
    """A client of one bucket below a folder. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._rows = sqlite3.connect(
            folder / "objects.db", check_same_thread=False, isolation_level=None
        )
        self._rows.execute("PRAGMA journal_mode=WAL")
        self._rows.execute("PRAGMA synchronous=OFF")
        self._rows.execute(
            "CREATE TABLE IF NOT EXISTS objects (key TEXT PRIMARY KEY, size INTEGER, etag TEXT,"
            " digest TEXT, body BLOB) WITHOUT ROWID"
        )

    @property
    def meta(self) -> SimpleNamespace:
        return SimpleNamespace(endpoint_url="https://s3.us-east-1.amazonaws.com")

    def put_object(self, **asked: Any) -> dict[str, Any]:
        self.upload_fileobj(io.BytesIO(asked["Body"]), "", asked["Key"], ExtraArgs=asked)
        return {}

    def upload_fileobj(self, file: Any, bucket: str, key: str, **asked: Any) -> None:
        body = file.read(MOST_IN_ROW + 1)
        digest, size, row = hashlib.md5(body, usedforsecurity=False), len(body), body
        if size > MOST_IN_ROW:
            row, large = None, self._file(key)
            with large.with_suffix(".new").open("wb") as written:
                written.write(body)
                while chunk := file.read(COPY_BYTES):
                    digest.update(chunk)
                    size += written.write(chunk)
            large.with_suffix(".new").replace(large)
        known = asked.get("ExtraArgs", {}).get("Metadata", {}).get("sha256", "")
        self._change(
            "REPLACE INTO objects VALUES (?, ?, ?, ?, ?)",
            (key, size, digest.hexdigest(), known, row),
        )

    def get_object(self, **asked: Any) -> dict[str, Any]:
        size, etag, digest, body = self._find(asked["Key"], "GetObject", "NoSuchKey")
        first, last = 0, size - 1
        if asked.get("Range"):
            begin, _, end = asked["Range"].removeprefix("bytes=").partition("-")
            first, last = int(begin), min(int(end), size - 1)
        part = self._read(asked["Key"], body, first, last)
        return {
            "Body": io.BytesIO(part),
            "ContentLength": len(part),
            "ContentRange": f"bytes {first}-{last}/{size}",
            "ETag": f'"{etag}"',
            "Metadata": {"sha256": digest} if digest else {},
        }

    def head_object(self, **asked: Any) -> dict[str, Any]:
        size, etag, _, _ = self._find(asked["Key"], "HeadObject", "404")
        return {"ContentLength": size, "ETag": f'"{etag}"'}

    def get_paginator(self, name: str) -> DiskBucket:
        assert name == "list_objects_v2"
        return self

    def paginate(self, **asked: Any) -> Iterator[dict[str, Any]]:
        after, prefix = asked.get("StartAfter", ""), asked["Prefix"]
        while True:
            with self._lock:
                rows = self._rows.execute(
                    "SELECT key, size, etag FROM objects WHERE key > ? AND key >= ?"
                    " ORDER BY key LIMIT 1000",
                    (after, prefix),
                ).fetchall()
            found = [row for row in rows if row[0].startswith(prefix)]
            yield {"Contents": [{"Key": k, "Size": s, "ETag": f'"{e}"'} for k, s, e in found]}
            if len(found) < 1000:
                return
            after = found[-1][0]

    def usage(self) -> tuple[int, int]:
        """Number and bytes of all objects."""
        with self._lock:
            found: tuple[int, int] = self._rows.execute(
                "SELECT count(*), sum(size) FROM objects"
            ).fetchone()
        return found

    def _find(self, key: str, operation: str, code: str) -> tuple[int, str, str, bytes | None]:
        if FRAMES in key:
            drawn = draw_frame(key)
            return len(drawn), "frame", "", drawn
        with self._lock:
            found = self._rows.execute(
                "SELECT size, etag, digest, body FROM objects WHERE key = ?", (key,)
            ).fetchone()
        if found is None:
            raise ClientError({"Error": {"Code": code}}, operation)
        size, etag, digest, body = found
        return size, etag, digest, body

    def _read(self, key: str, body: bytes | None, first: int, last: int) -> bytes:
        if body is not None:
            return body[first : last + 1]
        with self._file(key).open("rb") as file:
            file.seek(first)
            return file.read(last - first + 1)

    def _file(self, key: str) -> Path:
        return self.folder / hashlib.sha256(key.encode()).hexdigest()[:32]

    def _change(self, sql: str, row: tuple[Any, ...]) -> None:
        with self._lock:
            self._rows.execute(sql, row)
