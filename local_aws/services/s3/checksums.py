"""Object checksums: which are requested, and whether they are right.

Supported are CRC32, SHA1 and SHA256. The others need a native library that boto3 does not include,
or are new; requests for them are rejected, never ignored.
"""

import base64
import hashlib
import zlib
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from local_aws.protocol.errors import ServiceError

ALGORITHMS = ("CRC32", "SHA1", "SHA256")
UNPLAYED = ("CRC32C", "CRC64NVME", "SHA512", "MD5", "XXHASH64", "XXHASH3", "XXHASH128")
TRAILER_PREFIX = "x-amz-checksum-"


class Digest(Protocol):
    """A running checksum, like those of hashlib."""

    def update(self, data: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


class Crc32:
    """zlib's CRC-32 with the interface of hashlib."""

    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes, /) -> None:
        """Add bytes."""
        self._value = zlib.crc32(data, self._value)

    def digest(self) -> bytes:
        """Return the four bytes, most significant first."""
        return self._value.to_bytes(4, "big")


def new_digest(algorithm: str) -> Digest:
    """Create a running checksum of one of `ALGORITHMS`."""
    if algorithm == "CRC32":
        return Crc32()
    return hashlib.new(algorithm, usedforsecurity=False)


def find_algorithm(request: Mapping[str, Any], trailer: str = "") -> str | None:
    """Return the algorithm that a request names by a value, a trailer or the algorithm member.

    Raises ServiceError NotImplemented for an unsupported one, and InvalidRequest if the request
    names several.
    """
    given = _list_given(request, trailer)
    announced = request.get("ChecksumAlgorithm")
    if len(given) > 1:
        raise ServiceError(
            "InvalidRequest",
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
        )
    if given and announced not in (None, given[0]):
        raise ServiceError(
            "InvalidRequest", "Value for x-amz-sdk-checksum-algorithm header is invalid."
        )
    algorithm = given[0] if given else announced
    if algorithm in UNPLAYED:
        raise ServiceError(
            "NotImplemented",
            f"The local endpoint does not compute {algorithm}, only {', '.join(ALGORITHMS)}.",
        )
    return algorithm


def require_announced(request: Mapping[str, Any], trailer: str = "") -> None:
    """Raise ServiceError InvalidRequest if a request announces a checksum and carries none."""
    if "ChecksumAlgorithm" in request and not _list_given(request, trailer):
        raise ServiceError(
            "InvalidRequest",
            "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or "
            "x-amz-trailer headers were found.",
        )


def _list_given(request: Mapping[str, Any], trailer: str) -> list[str]:
    given = [name for name in (*ALGORITHMS, *UNPLAYED) if f"Checksum{name}" in request]
    if trailer:
        algorithm = trailer.lower().removeprefix(TRAILER_PREFIX).upper()
        if algorithm not in (*ALGORITHMS, *UNPLAYED):
            raise ServiceError(
                "InvalidRequest", "The value specified in the x-amz-trailer header is not supported"
            )
        given.append(algorithm)
    return given


def require_checksum(algorithm: str, claimed: str | None, actual: str) -> None:
    """Raise ServiceError BadDigest for another checksum, InvalidRequest for none at all."""
    if claimed is not None and _count_bytes(claimed) != _count_bytes(actual):
        raise ServiceError(
            "InvalidRequest", f"Value for x-amz-checksum-{algorithm.lower()} header is invalid."
        )
    if claimed is not None and claimed != actual:
        raise ServiceError(
            "BadDigest",
            f"The {algorithm} you specified did not match the calculated checksum.",
        )


def _count_bytes(checksum: str) -> int | None:
    try:
        return len(base64.b64decode(checksum, validate=True))
    except ValueError:
        return None


def combine_checksums(algorithm: str, parts: Iterable[str]) -> str:
    """Return the checksum of the parts' checksums (base64): `<base64>-<number of parts>`."""
    digest = new_digest(algorithm)
    count = 0
    for part in parts:
        digest.update(base64.b64decode(part))
        count += 1
    return f"{encoded(digest)}-{count}"


def encoded(digest: Digest) -> str:
    """Return the checksum in base64, as S3 carries it."""
    return base64.b64encode(digest.digest()).decode("ascii")
