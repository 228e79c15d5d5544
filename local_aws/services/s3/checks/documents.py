"""Verifies the digests of requests whose body is a document: settings, and keys to delete.

botocore's model names the operations that need a digest, not the headers that carry it.
"""

import hashlib
from collections.abc import Mapping

from botocore.model import OperationModel

from local_aws.protocol.errors import ServiceError
from local_aws.services.s3.body_writer import require_md5
from local_aws.services.s3.checksums import (
    ALGORITHMS,
    UNPLAYED,
    encoded,
    find_algorithm,
    new_digest,
    require_announced,
    require_checksum,
)

ANNOUNCED = "x-amz-sdk-checksum-algorithm"


def verify_document(model: OperationModel, headers: Mapping[str, str], body: bytes) -> None:
    """Verify a document against its Content-MD5 and its checksum.

    Raises ServiceError BadDigest or InvalidDigest, and InvalidRequest if the operation needs a
    digest and the request has none.
    """
    if not model.http_checksum:
        return
    md5 = headers.get("content-md5")
    given = {
        f"Checksum{name}": headers[f"x-amz-checksum-{name.lower()}"]
        for name in (*ALGORITHMS, *UNPLAYED)
        if f"x-amz-checksum-{name.lower()}" in headers
    }
    if body and model.http_checksum.get("requestChecksumRequired") and md5 is None and not given:
        raise ServiceError(
            "InvalidRequest",
            "Missing required header for this request: Content-MD5 OR x-amz-checksum-*",
        )
    require_md5(md5, hashlib.md5(body, usedforsecurity=False).digest())
    if ANNOUNCED in headers:
        given["ChecksumAlgorithm"] = headers[ANNOUNCED].upper()
    require_announced(given)
    algorithm = find_algorithm(given)
    if algorithm is not None:
        digest = new_digest(algorithm)
        digest.update(body)
        require_checksum(algorithm, given[f"Checksum{algorithm}"], encoded(digest))
