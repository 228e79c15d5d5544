"""Converts objects to answers, and requests to the attributes of stored objects."""

import re
from collections.abc import Iterator, Mapping
from io import BufferedReader
from typing import Any

from local_aws.operations.context import Context
from local_aws.protocol.errors import ServiceError
from local_aws.services.s3 import encryption
from local_aws.storage.object_store import ObjectDescription, StoredObject

HEADER_MEMBERS = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "Expires",
)
STORAGE_CLASSES = (
    *("STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING"),
    *("GLACIER", "GLACIER_IR", "DEEP_ARCHIVE"),
)
"""The storage classes of general purpose buckets; the model also has those of other buckets."""

AWS_CHUNKED = re.compile(r"\s*aws-chunked\s*(?:,\s*|$)|\s*,\s*aws-chunked\s*$")
"""The encoding of the transfer, which S3 does not store, among those of the object."""

CHUNK_BYTES = 1 << 20
LONGEST_METADATA = 2048
LONGEST_KEY = 1024


class ByteRange:
    """`length` bytes of an open object from `start`; closes the object at the end."""

    def __init__(self, file: BufferedReader, start: int, length: int) -> None:
        self._file = file
        self._left = length
        self.length = length
        file.seek(start)

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, all that is left if negative."""
        data = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.read(CHUNK_BYTES), b"")

    def close(self) -> None:
        """Close the object."""
        self._file.close()


def read_attributes(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes of an `ObjectDescription` that a write request sets.

    Raises ServiceError MetadataTooLarge, KeyTooLongError or InvalidStorageClass.
    """
    if len(request["Key"].encode()) > LONGEST_KEY:
        raise ServiceError("KeyTooLongError", "Your key is too long")
    metadata = request.get("Metadata", {})
    if sum(len(name) + len(value.encode()) for name, value in metadata.items()) > LONGEST_METADATA:
        raise ServiceError(
            "MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size"
        )
    headers = {name: request[name] for name in HEADER_MEMBERS if request.get(name)}
    kept = AWS_CHUNKED.sub("", headers.pop("ContentEncoding", ""))
    if kept:
        headers["ContentEncoding"] = kept
    return {
        "content_type": request.get("ContentType") or "binary/octet-stream",
        "headers": {**headers, **read_storage_class(request)},
        "metadata": dict(metadata),
    }


def read_storage_class(request: Mapping[str, Any]) -> dict[str, str]:
    """Return the header of the requested storage class; S3 sends none for STANDARD."""
    wanted = request.get("StorageClass", "STANDARD")
    if wanted not in STORAGE_CLASSES:
        raise ServiceError("InvalidStorageClass", "The storage class you specified is not valid")
    return {} if wanted == "STANDARD" else {"StorageClass": wanted}


def describe_object(stored: StoredObject) -> dict[str, Any]:
    """Return the members that GetObject and HeadObject share, without length and checksums."""
    description = stored.description
    return {
        **description.headers,
        "AcceptRanges": "bytes",
        "ContentType": description.content_type,
        "ETag": quote_etag(stored.etag),
        "LastModified": stored.modified,
        "Metadata": description.metadata,
        **encryption.describe(description.encryption),
    }


def describe_owner(context: Context) -> dict[str, str]:
    """Return the owner of every bucket and object of the endpoint: its account."""
    return {"ID": context.account_id * 5, "DisplayName": "local"}


def describe_checksums(description: ObjectDescription) -> dict[str, str]:
    """Return the object's checksums as members of an answer; empty if it has none."""
    if not description.checksums:
        return {}
    members = {f"Checksum{name}": value for name, value in description.checksums.items()}
    return {**members, "ChecksumType": description.checksum_type}


def quote_etag(etag: str) -> str:
    """Return the entity tag in quotes, as in HTTP."""
    return f'"{etag}"'
