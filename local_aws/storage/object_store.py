"""Buckets and objects: the bytes are in `BlobFiles`, everything else in SQLite.

An object becomes visible, complete, when its row is committed; see `blob_files`.
"""

import hashlib
import io
import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from local_aws.protocol.errors import ServiceError
from local_aws.storage.blob_files import BlobFiles, Segment, SegmentReader
from local_aws.storage.database import Database
from local_aws.storage.key_order import end_of_prefix
from local_aws.storage.uploads import Part, Upload, Uploads

TABLES = """
CREATE TABLE IF NOT EXISTS buckets (name TEXT PRIMARY KEY, created REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS objects (
    bucket TEXT NOT NULL,
    key TEXT NOT NULL,
    modified REAL NOT NULL,
    description TEXT NOT NULL,
    PRIMARY KEY (bucket, key)
) WITHOUT ROWID;
"""

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Encryption:
    """How S3 says that an object is encrypted; `key` is empty for keys that S3 manages."""

    algorithm: str = "AES256"  # or aws:kms, aws:kms:dsse
    key: str = ""  # of KMS, by its ARN
    bucket_key: bool = False  # S3 derives data keys from one of the bucket

    @property
    def by_kms(self) -> bool:
        """Whether a key of KMS is used."""
        return self.algorithm.startswith("aws:kms")

    def make_etag(self, md5: str) -> str:
        """Return the ETag of a new object: its MD5, and with KMS one that only it has."""
        return uuid.uuid4().hex if self.by_kms else md5


BY_S3 = Encryption()


@dataclass(frozen=True)
class ObjectDescription:
    """What S3 stores with an object's bytes.

    `etag` is without quotes; `headers` are the stored response headers (CacheControl, ...) by
    their botocore member name; `checksums` by algorithm ("CRC32") in base64; `part_sizes` in
    bytes, empty unless the object was uploaded in parts.
    """

    etag: str
    segments: tuple[Segment, ...]
    content_type: str = "binary/octet-stream"
    headers: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    checksums: dict[str, str] = field(default_factory=dict)
    checksum_type: str = "FULL_OBJECT"
    part_sizes: tuple[int, ...] = ()
    encryption: Encryption = BY_S3

    @property
    def size(self) -> int:
        """Length of the object in bytes."""
        return sum(segment.size for segment in self.segments)


@dataclass(frozen=True)
class StoredObject:
    """A stored object; `modified` is timezone-aware, in UTC."""

    bucket: str
    key: str
    modified: datetime
    description: ObjectDescription

    @property
    def size(self) -> int:
        """Length of the object in bytes."""
        return self.description.size

    @property
    def etag(self) -> str:
        """The entity tag, without quotes."""
        return self.description.etag


Condition = Callable[[StoredObject | None], None]
"""Raises ServiceError if the current object forbids the write."""

Announcement = Callable[[str, StoredObject], None]
"""Called after a commit with the event name ("ObjectCreated:Put") and the object."""


class ObjectStore:
    """All buckets of the endpoint. Every method is atomic and thread-safe."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self.blobs = BlobFiles(folder)
        self.uploads = Uploads(database, self.blobs)
        self.announce: Announcement = lambda event, stored: None
        database.create_tables(TABLES)

    # Buckets

    def create_bucket(self, bucket: str) -> bool:
        """Create a bucket; return False if it exists already."""
        return bool(
            self._database.change(
                "INSERT INTO buckets (name, created) VALUES (?, ?) ON CONFLICT DO NOTHING",
                (bucket, datetime.now(UTC).timestamp()),
            )
        )

    def delete_bucket(self, bucket: str) -> None:
        """Remove an empty bucket; raises ServiceError NoSuchBucket or BucketNotEmpty."""
        with self._database.transaction():
            self.require_bucket(bucket)
            if self._database.row("SELECT 1 FROM objects WHERE bucket = ? LIMIT 1", (bucket,)):
                raise ServiceError(
                    "BucketNotEmpty",
                    "The bucket you tried to delete is not empty",
                    BucketName=bucket,
                )
            self._database.change("DELETE FROM buckets WHERE name = ?", (bucket,))

    def buckets(self) -> list[tuple[str, datetime]]:
        """Return every bucket with its creation time, ordered by name."""
        rows = self._database.rows("SELECT name, created FROM buckets ORDER BY name")
        return [(name, datetime.fromtimestamp(created, UTC)) for name, created in rows]

    def exists(self, bucket: str) -> bool:
        """Return whether the bucket exists."""
        return self._database.row("SELECT 1 FROM buckets WHERE name = ?", (bucket,)) is not None

    def require_bucket(self, bucket: str) -> None:
        """Raise ServiceError NoSuchBucket unless the bucket exists."""
        if not self.exists(bucket):
            raise ServiceError(
                "NoSuchBucket", "The specified bucket does not exist", BucketName=bucket
            )

    # Objects

    def head(self, bucket: str, key: str) -> StoredObject:
        """Return the object without its bytes; raises ServiceError NoSuchBucket or NoSuchKey."""
        stored = self.find(bucket, key)
        if stored is None:
            self.require_bucket(bucket)
            raise ServiceError("NoSuchKey", "The specified key does not exist.", Key=key)
        return stored

    def find(self, bucket: str, key: str) -> StoredObject | None:
        """Return the object without its bytes, or None."""
        row = self._database.row(
            "SELECT modified, description FROM objects WHERE bucket = ? AND key = ?", (bucket, key)
        )
        return None if row is None else _read_object(bucket, key, *row)

    def open(self, bucket: str, key: str) -> io.BufferedReader:
        """Open the object's bytes as a seekable file; raises like `head`. The caller closes it."""
        return self.open_object(bucket, key)[1]

    def open_object(self, bucket: str, key: str) -> tuple[StoredObject, io.BufferedReader]:
        """Return an object and its bytes of the same moment; raises like `head`. Close the file."""
        while True:
            stored = self.head(bucket, key)
            try:
                reader = SegmentReader(self.blobs, stored.description.segments)
            except FileNotFoundError:
                if self.find(bucket, key) == stored:
                    raise
                continue  # replaced between the two steps: open the new one
            return stored, io.BufferedReader(reader)

    def get(self, bucket: str, key: str) -> bytes:
        """Return all bytes of the object; raises ServiceError NoSuchBucket or NoSuchKey."""
        with self.open(bucket, key) as file:
            return file.read()

    def put(
        self,
        bucket: str,
        key: str,
        body: bytes | BinaryIO,
        content_type: str = "binary/octet-stream",
        encryption: Encryption = BY_S3,
    ) -> StoredObject:
        """Write an object from memory or a file; raises ServiceError NoSuchBucket."""
        self.require_bucket(bucket)
        source = io.BytesIO(body) if isinstance(body, bytes) else body
        digest, size = hashlib.md5(usedforsecurity=False), 0
        blob, file = self.blobs.create()
        with file:
            while chunk := source.read(CHUNK_BYTES):
                digest.update(chunk)
                size += len(chunk)
                view = memoryview(chunk)
                while view:
                    view = view[file.write(view) :]
        description = ObjectDescription(
            etag=encryption.make_etag(digest.hexdigest()),
            segments=(Segment(blob, size),),
            content_type=content_type,
            encryption=encryption,
        )
        return self.commit(bucket, key, description, "ObjectCreated:Put")

    def commit(
        self,
        bucket: str,
        key: str,
        description: ObjectDescription,
        event: str,
        condition: Condition = lambda current: None,
    ) -> StoredObject:
        """Make an object visible whose blobs are written, and announce `event`.

        Raises ServiceError NoSuchBucket or what `condition` raises; the blobs are then removed.
        """
        try:
            with self._database.transaction():
                stored, replaced = self._write_row(bucket, key, description, condition)
        except BaseException:
            self.blobs.discard(_list_blobs(description))
            raise
        self._finish_commit(stored, replaced, event)
        return stored

    def complete_upload(
        self,
        upload: Upload,
        parts: Sequence[Part],
        description: ObjectDescription,
        condition: Condition,
        completion: dict[str, Any],
    ) -> StoredObject:
        """Make the object of an upload visible and remove the upload, atomically.

        `parts` are all parts of the upload as they were read, `completion` is what
        `Uploads.find_completed` returns from then on; raises ServiceError
        OperationAborted if they changed since, NoSuchUpload, or what `condition` raises.
        """
        with self._database.transaction():
            self.uploads.find(upload.id, upload.bucket, upload.key)
            if self.uploads.end(upload) != parts:
                raise ServiceError(
                    "OperationAborted",
                    "A conflicting conditional operation is currently in progress against this "
                    "resource. Please try again.",
                )
            stored, replaced = self._write_row(upload.bucket, upload.key, description, condition)
            self.uploads.remember(upload, completion)
        used = set(_list_blobs(description))
        self.blobs.discard([p.segment.blob for p in parts if p.segment.blob not in used])
        self._finish_commit(stored, replaced, "ObjectCreated:CompleteMultipartUpload")
        return stored

    def _write_row(
        self, bucket: str, key: str, description: ObjectDescription, condition: Condition
    ) -> tuple[StoredObject, StoredObject | None]:
        """Write the row; return the new object and the one it replaces. Needs a transaction."""
        self.require_bucket(bucket)
        current = self.find(bucket, key)
        condition(current)
        modified = datetime.now(UTC)
        self._database.change(
            "INSERT OR REPLACE INTO objects (bucket, key, modified, description)"
            " VALUES (?, ?, ?, ?)",
            (bucket, key, modified.timestamp(), json.dumps(asdict(description))),
        )
        return StoredObject(bucket, key, modified, description), current

    def _finish_commit(
        self, stored: StoredObject, replaced: StoredObject | None, event: str
    ) -> None:
        if replaced is not None:
            self.blobs.discard(_list_blobs(replaced.description))
        self.announce(event, stored)

    def delete(
        self, bucket: str, key: str, condition: Condition = lambda current: None
    ) -> StoredObject | None:
        """Remove an object and return it, or None. Raises ServiceError NoSuchBucket."""
        with self._database.transaction():
            self.require_bucket(bucket)
            current = self.find(bucket, key)
            condition(current)
            self._database.change("DELETE FROM objects WHERE bucket = ? AND key = ?", (bucket, key))
        if current is not None:
            self.blobs.discard(_list_blobs(current.description))
            self.announce("ObjectRemoved:Delete", current)
        return current

    def copy_description(self, stored: StoredObject) -> ObjectDescription:
        """Return a copy with the same bytes and attributes, in blobs of its own."""
        segments = tuple(
            Segment(self.blobs.link(segment.blob), segment.size)
            for segment in stored.description.segments
        )
        return replace(stored.description, segments=segments)

    def list(self, bucket: str, prefix: str = "") -> list[StoredObject]:
        """Return every object whose key starts with `prefix`, in UTF-8 order."""
        self.require_bucket(bucket)
        return list(self.scan(bucket, prefix, start=prefix, count=-1))

    def scan(self, bucket: str, prefix: str, start: str, count: int) -> Iterator[StoredObject]:
        """Yield up to `count` objects (-1: all) under `prefix`, from key `start` (inclusive)."""
        end = end_of_prefix(prefix)
        rows = self._database.rows(
            "SELECT key, modified, description FROM objects"
            " WHERE bucket = ? AND key >= ? AND (? IS NULL OR key < ?) ORDER BY key LIMIT ?",
            (bucket, max(start, prefix), end, end, count),
        )
        return (_read_object(bucket, *row) for row in rows)

    def usage(self, bucket: str) -> dict[str, int]:
        """Return the number of objects and of bytes in a bucket."""
        stored = self.list(bucket)
        return {"objects": len(stored), "bytes": sum(item.size for item in stored)}

    def sweep(self) -> int:
        """Remove the blobs that a killed process left: those that no object and no upload names."""
        rows = self._database.rows("SELECT description FROM objects")
        named = {blob for (text,) in rows for blob in _list_blobs(_read_description(text))}
        return self.blobs.sweep(named.union(self.uploads.blobs()))


def _list_blobs(description: ObjectDescription) -> list[str]:
    return [segment.blob for segment in description.segments]


def _read_object(bucket: str, key: str, modified: float, description: str) -> StoredObject:
    moment = datetime.fromtimestamp(modified, UTC)
    return StoredObject(bucket, key, moment, _read_description(description))


def _read_description(text: str) -> ObjectDescription:
    document = json.loads(text)
    segments = tuple(Segment(**segment) for segment in document.pop("segments"))
    part_sizes = tuple(document.pop("part_sizes"))
    # Objects of an earlier version of the endpoint have none.
    encryption = Encryption(**document.pop("encryption", {}))
    return ObjectDescription(
        segments=segments, part_sizes=part_sizes, encryption=encryption, **document
    )
