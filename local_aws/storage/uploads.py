"""Unfinished multipart uploads, whose parts are blobs that no object names yet."""

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local_aws.protocol.errors import ServiceError
from local_aws.storage.blob_files import BlobFiles, Segment
from local_aws.storage.database import Database

TABLES = """
CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY,
    bucket TEXT NOT NULL,
    key TEXT NOT NULL,
    started REAL NOT NULL,
    attributes TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS parts (
    upload TEXT NOT NULL,
    number INTEGER NOT NULL,
    blob TEXT NOT NULL,
    size INTEGER NOT NULL,
    md5 TEXT NOT NULL,
    checksums TEXT NOT NULL,
    modified REAL NOT NULL,
    PRIMARY KEY (upload, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS completed_uploads (
    id TEXT PRIMARY KEY,
    bucket TEXT NOT NULL,
    key TEXT NOT NULL,
    completion TEXT NOT NULL
) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Upload:
    """An upload in progress; `attributes` are those of the finished object."""

    id: str
    bucket: str
    key: str
    started: datetime
    attributes: dict[str, Any]


@dataclass(frozen=True)
class Part:
    """One part: `md5` in hex, `checksums` by algorithm in base64."""

    number: int
    segment: Segment
    md5: str
    checksums: dict[str, str]
    modified: datetime


class Uploads:
    """All uploads in progress. Every method is atomic."""

    def __init__(self, database: Database, blobs: BlobFiles) -> None:
        self._database = database
        self._blobs = blobs
        database.create_tables(TABLES)

    def begin(self, bucket: str, key: str, attributes: dict[str, Any]) -> Upload:
        """Start an upload."""
        upload = Upload(uuid.uuid4().hex, bucket, key, datetime.now(UTC), attributes)
        self._database.change(
            "INSERT INTO uploads VALUES (?, ?, ?, ?, ?)",
            (upload.id, bucket, key, upload.started.timestamp(), json.dumps(attributes)),
        )
        return upload

    def find(self, upload_id: str, bucket: str, key: str) -> Upload:
        """Return the upload; raises ServiceError NoSuchUpload."""
        row = self._database.row(
            "SELECT * FROM uploads WHERE id = ? AND bucket = ? AND key = ?",
            (upload_id, bucket, key),
        )
        if row is None:
            raise ServiceError(
                "NoSuchUpload",
                "The specified upload does not exist. The upload ID may be invalid, or the "
                "upload may have been aborted or completed.",
                UploadId=upload_id,
            )
        return _read_upload(*row)

    def list_bucket(self, bucket: str) -> list[Upload]:
        """Return the uploads of a bucket, ordered by key and start."""
        rows = self._database.rows(
            "SELECT * FROM uploads WHERE bucket = ? ORDER BY key, started", (bucket,)
        )
        return [_read_upload(*row) for row in rows]

    def add_part(self, upload: Upload, part: Part) -> None:
        """Store a part whose blob is written, replacing one of the same number."""
        try:
            with self._database.transaction():
                self.find(upload.id, upload.bucket, upload.key)
                replaced = [old for old in self.parts(upload) if old.number == part.number]
                self._database.change(
                    "INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (
                        upload.id,
                        part.number,
                        part.segment.blob,
                        part.segment.size,
                        part.md5,
                        json.dumps(part.checksums),
                        part.modified.timestamp(),
                    ),
                )
        except BaseException:
            self._blobs.discard([part.segment.blob])
            raise
        self._blobs.discard([old.segment.blob for old in replaced])

    def parts(self, upload: Upload) -> list[Part]:
        """Return the parts, ordered by number."""
        rows = self._database.rows(
            "SELECT number, blob, size, md5, checksums, modified FROM parts"
            " WHERE upload = ? ORDER BY number",
            (upload.id,),
        )
        return [
            Part(
                number, Segment(blob, size), md5, json.loads(sums), datetime.fromtimestamp(at, UTC)
            )
            for number, blob, size, md5, sums, at in rows
        ]

    def end(self, upload: Upload) -> list[Part]:
        """Remove the upload and return its parts; the caller now owns their blobs."""
        with self._database.transaction():
            parts = self.parts(upload)
            self._database.change("DELETE FROM parts WHERE upload = ?", (upload.id,))
            self._database.change("DELETE FROM uploads WHERE id = ?", (upload.id,))
        return parts

    def remember(self, upload: Upload, completion: dict[str, Any]) -> None:
        """Store how an upload was completed, for clients that repeat the request."""
        self._database.change(
            "INSERT INTO completed_uploads VALUES (?, ?, ?, ?)",
            (upload.id, upload.bucket, upload.key, json.dumps(completion)),
        )

    def find_completed(self, upload_id: str, bucket: str, key: str) -> dict[str, Any] | None:
        """Return how an upload was completed, or None."""
        row = self._database.row(
            "SELECT completion FROM completed_uploads WHERE id = ? AND bucket = ? AND key = ?",
            (upload_id, bucket, key),
        )
        completion: dict[str, Any] | None = None if row is None else json.loads(row[0])
        return completion

    def abort(self, upload: Upload) -> None:
        """Remove the upload and its bytes."""
        self._blobs.discard([part.segment.blob for part in self.end(upload)])

    def discard_bucket(self, bucket: str) -> None:
        """Abort every upload of a bucket, and forget the completed ones."""
        for upload in self.list_bucket(bucket):
            self.abort(upload)
        self._database.change("DELETE FROM completed_uploads WHERE bucket = ?", (bucket,))

    def blobs(self) -> set[str]:
        """Return the blobs of all parts."""
        return {blob for (blob,) in self._database.rows("SELECT blob FROM parts")}


def _read_upload(upload_id: str, bucket: str, key: str, started: float, attributes: str) -> Upload:
    moment = datetime.fromtimestamp(started, UTC)
    return Upload(upload_id, bucket, key, moment, json.loads(attributes))
