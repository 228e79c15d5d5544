"""Verifies a request's signature and returns its payload, which is verified while it is read."""

import hashlib
import io
import re
from datetime import UTC, datetime

from local_aws.http.messages import HttpRequest
from local_aws.protocol.errors import ServiceError
from local_aws.signing.payload_stream import (
    STREAM_KINDS,
    STREAM_UNSIGNED_TRAILER,
    ChunkedPayload,
    ChunkSigner,
    HashedPayload,
    Payload,
    UnsignedPayload,
)
from local_aws.signing.request_signature import (
    UNSIGNED_PAYLOAD,
    Signature,
    SignatureProblem,
    Verifier,
)

LENGTH = re.compile(r"[0-9]{1,18}")
LARGEST_BODY = 64 << 20
"""Bytes that are read to verify the signature of a request to another service than S3. The largest
that a service accepts are the 25 MB of Bedrock's InvokeModel."""


def verify_payload(
    verifier: Verifier, request: HttpRequest, signature: Signature, service: str
) -> Payload:
    """Return the payload of a request whose signature is valid; raises SignatureProblem if not.

    S3 signs a hash that the client declares, so its bodies are verified while they are read. Every
    other service signs the hash of the body, so the body is read here.
    """
    now = datetime.now(UTC)
    if service == "s3":
        claimed = request.headers.get("x-amz-content-sha256")
        if claimed is None and signature.lifetime is None:
            raise SignatureProblem("NoPayloadHash")
        payload_hash = claimed or UNSIGNED_PAYLOAD
        verifier.verify(request, signature, payload_hash, now)
        return _open_s3_payload(verifier, request, signature, payload_hash)
    body = request.body.read(LARGEST_BODY + 1)
    if len(body) > LARGEST_BODY:
        raise ServiceError(
            "RequestEntityTooLargeException", f"The body is larger than {LARGEST_BODY} bytes."
        )
    verifier.verify(request, signature, hashlib.sha256(body).hexdigest(), now)
    return UnsignedPayload(io.BytesIO(body))


def _open_s3_payload(
    verifier: Verifier, request: HttpRequest, signature: Signature, payload_hash: str
) -> Payload:
    if payload_hash == UNSIGNED_PAYLOAD:
        return UnsignedPayload(request.body)
    if payload_hash not in STREAM_KINDS:
        return HashedPayload(request.body, payload_hash)
    length = request.headers.get("x-amz-decoded-content-length", "")
    if not LENGTH.fullmatch(length):
        raise ServiceError(
            "MissingContentLength", "You must provide the Content-Length HTTP header."
        )
    chunk_signer = ChunkSigner(signature, lambda text: verifier.sign(signature, text))
    unsigned = payload_hash == STREAM_UNSIGNED_TRAILER
    trailer = request.headers.get("x-amz-trailer", "")
    return ChunkedPayload(
        request.body, int(length), None if unsigned else chunk_signer, announced_trailer=trailer
    )
