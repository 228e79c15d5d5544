"""S3 in memory, as far as the object store uses it: for tests and benchmarks without a network."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError


@dataclass
class MemoryBucket:
    """A client of one bucket; ``calls`` counts what S3 would have been asked."""

    objects: dict[str, bytes] = field(default_factory=dict)
    calls: int = 0
    sent: int = 0  # bytes of answers to GetObject
    metadata: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def meta(self) -> SimpleNamespace:
        return SimpleNamespace(endpoint_url="https://s3.us-east-1.amazonaws.com")

    def put_object(self, **asked: Any) -> dict[str, Any]:
        self.calls += 1
        self.objects[asked["Key"]] = asked["Body"]
        self.metadata[asked["Key"]] = asked.get("Metadata", {})
        return {"ETag": _etag(asked["Body"])}

    def upload_fileobj(self, file: Any, bucket: str, key: str, **asked: Any) -> None:
        self.put_object(Bucket=bucket, Key=key, Body=file.read(), **asked.get("ExtraArgs", {}))

    def download_fileobj(self, bucket: str, key: str, file: Any) -> None:
        file.write(self._found(key, "GetObject", "NoSuchKey"))

    def get_object(self, **asked: Any) -> dict[str, Any]:
        body = self._found(asked["Key"], "GetObject", "NoSuchKey")
        first, last = _range(asked.get("Range", ""), len(body))
        part = body[first : last + 1]
        if asked.get("IfMatch", _etag(body)) != _etag(body):
            raise ClientError({"Error": {"Code": "PreconditionFailed"}}, "GetObject")
        self.sent += len(part)
        return {
            "Body": io.BytesIO(part),
            "ContentLength": len(part),
            "ContentRange": f"bytes {first}-{last}/{len(body)}",
            "ETag": _etag(body),
            "Metadata": self.metadata.get(asked["Key"], {}),
        }

    def head_object(self, **asked: Any) -> dict[str, Any]:
        body = self._found(asked["Key"], "HeadObject", "404")
        return {"ContentLength": len(body), "ETag": _etag(body)}

    def copy_object(self, **asked: Any) -> dict[str, Any]:
        source = asked["CopySource"]["Key"]
        self.objects[asked["Key"]] = self._found(source, "CopyObject", "NoSuchKey")
        return {}

    def delete_objects(self, **asked: Any) -> dict[str, Any]:
        self.calls += 1
        for item in asked["Delete"]["Objects"]:
            self.objects.pop(item["Key"], None)
        return {}

    def get_paginator(self, name: str) -> MemoryBucket:
        assert name == "list_objects_v2"
        return self

    def paginate(self, **asked: Any) -> Iterator[dict[str, Any]]:
        self.calls += 1
        yield {
            "Contents": [
                {"Key": key, "Size": len(body), "ETag": _etag(body)}
                for key, body in sorted(self.objects.items())
                if key.startswith(asked["Prefix"]) and key > asked.get("StartAfter", "")
            ]
        }

    def _found(self, key: str, operation: str, code: str) -> bytes:
        self.calls += 1
        if key not in self.objects:
            raise ClientError({"Error": {"Code": code}}, operation)
        return self.objects[key]


def _range(asked: str, size: int) -> tuple[int, int]:
    """The first and last byte of a request such as "bytes=0-99"; of all bytes without one."""
    if not asked:
        return 0, size - 1
    if not size:
        raise ClientError({"Error": {"Code": "InvalidRange"}}, "GetObject")
    first, _, last = asked.removeprefix("bytes=").partition("-")
    return int(first), min(int(last), size - 1)


@lru_cache(maxsize=4096)
def _etag(body: bytes) -> str:
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
