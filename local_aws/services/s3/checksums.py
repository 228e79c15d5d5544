"""Object checksums: which are requested, and whether they are right.

Supported are CRC32, SHA1 and SHA256. CRC32C and CRC64NVME need a native library that boto3 does not
include; requests for them are rejected, never ignored.
"""

import base64
import hashlib
import zlib
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from local_aws.protocol.errors import ServiceError

ALGORITHMS = ("CRC32", "SHA1", "SHA256")
UNPLAYED = ("CRC32C", "CRC64NVME")


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

    Raises ServiceError NotImplemented for an unsupported one.
    """
    given = [name for name in (*ALGORITHMS, *UNPLAYED) if f"Checksum{name}" in request]
    if trailer.startswith("x-amz-checksum-"):
        given.append(trailer.removeprefix("x-amz-checksum-").upper())
    algorithm = given[0] if given else request.get("ChecksumAlgorithm")
    if algorithm in UNPLAYED:
        raise ServiceError(
            "NotImplemented", f"The local endpoint computes {', '.join(ALGORITHMS)} only."
        )
    return algorithm


def require_checksum(algorithm: str, claimed: str | None, actual: str) -> None:
    """Raise ServiceError BadDigest if the client computed another checksum."""
    if claimed is not None and claimed != actual:
        raise ServiceError(
            "BadDigest",
            f"The {algorithm} you specified did not match the calculated checksum.",
        )


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
