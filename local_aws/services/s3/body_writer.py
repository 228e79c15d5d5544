"""Writes a request's payload to a blob and verifies every digest before it becomes visible."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from local_aws.http.messages import ByteStream
from local_aws.protocol.errors import ServiceError
from local_aws.services.s3.checksums import (
    encoded,
    find_algorithm,
    new_digest,
    require_checksum,
)
from local_aws.storage.blob_files import BlobFiles, Segment

READ_BYTES = 1 << 20


@dataclass(frozen=True)
class WrittenBody:
    """A blob with its digests: `md5` in hex, `checksums` by algorithm in base64."""

    segment: Segment
    md5: str
    checksums: dict[str, str]


def write_body(blobs: BlobFiles, request: Mapping[str, Any]) -> WrittenBody:
    """Write `request["Body"]`; raises ServiceError BadDigest or InvalidDigest, or the payload's
    own error, and then leaves no blob behind."""
    payload = request.get("Body")
    algorithm = find_algorithm(request, getattr(payload, "announced_trailer", ""))
    blob, file = blobs.create()
    try:
        with file:
            size, md5, checksum = _copy(payload, file, algorithm)
        require_md5(request.get("ContentMD5"), md5)
        if algorithm is None:
            return WrittenBody(Segment(blob, size), md5.hex(), {})
        claimed = request.get(f"Checksum{algorithm}") or _read_trailer(payload)
        require_checksum(algorithm, claimed, checksum)
        return WrittenBody(Segment(blob, size), md5.hex(), {algorithm: checksum})
    except BaseException:
        blobs.discard([blob])
        raise


def _copy(
    payload: ByteStream | None, file: BinaryIO, algorithm: str | None
) -> tuple[int, bytes, str]:
    md5 = hashlib.md5(usedforsecurity=False)
    checksum = new_digest(algorithm) if algorithm else None
    size = 0
    while payload is not None and (data := payload.read(READ_BYTES)):
        md5.update(data)
        if checksum is not None:
            checksum.update(data)
        write_all(file.write, data)
        size += len(data)
    return size, md5.digest(), encoded(checksum) if checksum is not None else ""


def write_all(write: Callable[[memoryview], int], data: bytes) -> None:
    """Write all of `data` to an unbuffered file, which may accept it in pieces."""
    view = memoryview(data)
    while view:
        view = view[write(view) :]


def _read_trailer(payload: Any) -> str | None:
    """Return the checksum in the trailer that the request announced, None without one."""
    name = getattr(payload, "announced_trailer", "").lower()
    if name and name not in payload.trailers:
        raise ServiceError(
            "MalformedTrailerError",
            "The request contained trailing data that was not well-formed or did not conform to "
            "our published schema.",
        )
    value: str | None = payload.trailers[name] if name else None
    return value


def require_md5(claimed: str | None, actual: bytes) -> None:
    """Raise ServiceError InvalidDigest or BadDigest unless a Content-MD5 is that of the body."""
    if claimed is None:
        return
    try:
        expected = base64.b64decode(claimed, validate=True)
    except ValueError:
        expected = b""
    if len(expected) != len(actual):
        raise ServiceError("InvalidDigest", "The Content-MD5 you specified is not valid.")
    if expected != actual:
        raise ServiceError(
            "BadDigest", "The Content-MD5 you specified did not match what we received."
        )
