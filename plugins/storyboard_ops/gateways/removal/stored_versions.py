"""List, read and permanently delete S3 objects with all their versions.

Sources: S3 API reference (ListObjectVersions, DeleteObjects, GetBucketVersioning). In a bucket that
never had versioning enabled every object is its only version, and listing it needs no permission
to list versions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.input_limits import MOST_JSON_BYTES, MOST_OBJECT_BYTES
from storyboard_ops.domain.manifest_codec import decode_record
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.gateways.aws.errors import translated
from storyboard_ops.gateways.storage.object_store import (
    CHUNK_BYTES,
    ObjectStore,
    delete_objects,
    lines_of,
    read_body,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class StoredVersion:
    """One version of one object."""

    uri: S3Uri
    size: int  # bytes
    version: str = ""  # empty: the bucket never had versioning enabled
    latest: bool = True
    marker: bool = False  # a delete marker, without content


class StoredVersions:
    """Objects of S3 with their former versions."""

    def __init__(self, client: S3Client) -> None:
        self._client = translated("s3", client)
        self._objects = ObjectStore(client)

    def keeps_versions(self, bucket: str) -> bool:
        """Return whether the bucket has, or ever had, versioning enabled."""
        return bool(self._client.get_bucket_versioning(Bucket=bucket).get("Status"))

    def list(self, prefix: S3Uri) -> Iterator[StoredVersion]:
        """List the versions below a prefix in key order; versions of one key, the latest first."""
        if not self.keeps_versions(prefix.bucket):
            for head in self._objects.list(prefix):
                yield StoredVersion(head.uri, head.size)
            return
        pages = self._client.get_paginator("list_object_versions")
        for page in pages.paginate(Bucket=prefix.bucket, Prefix=prefix.key):
            for item in page.get("Versions", ()):
                yield _version(prefix.bucket, item, item["Size"], marker=False)
            for gone in page.get("DeleteMarkers", ()):
                yield _version(prefix.bucket, gone, 0, marker=True)

    def get(self, stored: StoredVersion, most: int = MOST_OBJECT_BYTES) -> bytes:
        """Read the bytes of one version; raises BadInput when they are more than ``most``."""
        which: Any = {"VersionId": stored.version} if stored.version else {}
        place = stored.uri
        answer = self._client.get_object(Bucket=place.bucket, Key=place.key, **which)
        return read_body(answer, place, most)

    def chunks(self, stored: StoredVersion) -> Iterator[bytes]:
        """Yield the bytes of one version of any size, CHUNK_BYTES at a time."""
        which: Any = {"VersionId": stored.version} if stored.version else {}
        place = stored.uri
        body = self._client.get_object(Bucket=place.bucket, Key=place.key, **which)["Body"]
        try:
            while chunk := body.read(CHUNK_BYTES):
                yield chunk
        finally:
            body.close()

    def lines(self, stored: StoredVersion) -> Iterator[bytes]:
        """Yield the lines of one version of any size, without their ends."""
        return lines_of(self.chunks(stored))

    def record(self, stored: StoredVersion, record_type: type[R]) -> R:
        """Read a record that was written as JSON; raises ManifestCorrupt when it is not one."""
        return decode_record(self.get(stored, MOST_JSON_BYTES), record_type, str(stored.uri))

    def delete(self, versions: Iterable[StoredVersion]) -> None:
        """Delete versions of one bucket permanently; a missing one is not an error.

        Raises DeletionRefused naming the first object that S3 refuses to delete.
        """
        listed = [*versions]
        if listed:
            delete_objects(self._client, listed[0].uri.bucket, [_identifier(one) for one in listed])


def _version(bucket: str, item: Any, size: int, *, marker: bool) -> StoredVersion:
    return StoredVersion(
        S3Uri(bucket, item["Key"]), size, item["VersionId"], item["IsLatest"], marker
    )


def _identifier(stored: StoredVersion) -> dict[str, str]:
    version = {"VersionId": stored.version} if stored.version else {}
    return {"Key": stored.uri.key, **version}
