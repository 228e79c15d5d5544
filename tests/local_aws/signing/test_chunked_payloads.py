"""`aws-chunked` bodies: the worked example of the S3 API Reference, and altered bodies."""

import base64
import hashlib
import io
import zlib
from typing import Any

import pytest
import requests
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local_aws.http.messages import HttpRequest
from local_aws.protocol.errors import ServiceError
from local_aws.signing.issued_keys import KeySecret
from local_aws.signing.payload_stream import (
    STREAM_UNSIGNED_TRAILER,
    ChunkedPayload,
    ChunkSigner,
    HashedPayload,
)
from local_aws.signing.payload_verification import verify_payload
from local_aws.signing.request_signature import Signature, Verifier
from tests.studio.endpoint_fixture import RunningEndpoint

# "Example Calculations: Transferring a payload in multiple chunks", 65 KiB of the letter a.
SEED = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
CHUNKS = (
    (65536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
    (1024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
    (0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
)
SIGNATURE = Signature(
    "AKIAIOSFODNN7EXAMPLE",
    "20130524",
    "us-east-1",
    "s3",
    ("host",),
    SEED,
    "20130524T000000Z",
)
VERIFIER = Verifier(lambda key: KeySecret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), "us-east-1")


def documented_body(letter: bytes = b"a") -> bytes:
    return b"".join(
        f"{size:x};chunk-signature={signature}\r\n".encode() + letter * size + b"\r\n"
        for size, signature in CHUNKS
    )


def chunked(body: bytes, length: int, signed: bool = True) -> ChunkedPayload:
    signer = ChunkSigner(SIGNATURE, lambda text: VERIFIER.sign(SIGNATURE, text))
    return ChunkedPayload(io.BytesIO(body), length, signer if signed else None)


def test_the_documented_chunks_are_right() -> None:
    assert chunked(documented_body(), 66560).read() == b"a" * 66560


def test_a_chunk_may_be_read_in_pieces() -> None:
    payload = chunked(documented_body(), 66560)
    pieces = list(iter(lambda: payload.read(1000), b""))
    assert b"".join(pieces) == b"a" * 66560
    assert max(map(len, pieces)) == 1000


def test_an_altered_chunk_is_refused() -> None:
    with pytest.raises(ServiceError, match="SignatureDoesNotMatch"):
        chunked(documented_body(b"b"), 66560).read()


@pytest.mark.parametrize(
    ("body", "length"),
    [
        (documented_body()[:-200], 66560),
        (documented_body(), 66561),
        (b"zz;chunk-signature=0\r\n", 0),
        (b"", 0),
        (b"-5;chunk-signature=0\r\nabcde\r\n", 5),
        (b"\xb2;chunk-signature=0\r\nab\r\n", 2),
        (b"1_0;chunk-signature=0\r\n" + b"a" * 16 + b"\r\n", 16),
        (b"f" * 5000 + b";chunk-signature=0\r\n", 0),
    ],
    ids=[
        *("cut short", "another length", "no number", "nothing"),
        *("negative", "superscript", "underscore", "huge"),
    ],
)
def test_an_incomplete_body_is_refused(body: bytes, length: int) -> None:
    with pytest.raises(ServiceError, match="IncompleteBody"):
        chunked(body, length).read()


@pytest.mark.parametrize("signature", ["é", "ÿþ", "0" * 64, ""])
def test_a_strange_chunk_signature_is_refused(signature: str) -> None:
    body = f"3;chunk-signature={signature}\r\nabc\r\n0\r\n\r\n".encode("latin-1")
    with pytest.raises(ServiceError, match="SignatureDoesNotMatch"):
        chunked(body, 3).read()


class TrustingVerifier(Verifier):
    """Accepts every signature."""

    def verify(self, *given: object) -> None:
        """Do nothing."""


@pytest.mark.parametrize("length", ["²", "٣", "-3", "9" * 5000, "3.0", " 3", ""])
def test_a_strange_decoded_length_is_refused(length: str) -> None:
    headers = {
        "x-amz-content-sha256": STREAM_UNSIGNED_TRAILER,
        "x-amz-decoded-content-length": length,
    }
    request = HttpRequest("PUT", "/films/key", "", headers, io.BytesIO())
    verifier = TrustingVerifier(VERIFIER.find_key, VERIFIER.region)
    with pytest.raises(ServiceError, match="MissingContentLength"):
        verify_payload(verifier, request, SIGNATURE, "s3")


def test_trailers_are_read_from_an_unsigned_body() -> None:
    body = b"3\r\nabc\r\n0\r\nx-amz-checksum-crc32: AAAAAA==\r\n\r\n"
    payload = chunked(body, 3, signed=False)
    assert payload.read() == b"abc"
    assert payload.trailers == {"x-amz-checksum-crc32": "AAAAAA=="}


def test_a_hashed_payload_is_checked_at_its_end() -> None:
    right = hashlib.sha256(b"abc").hexdigest()
    assert HashedPayload(io.BytesIO(b"abc"), right).read() == b"abc"
    altered = HashedPayload(io.BytesIO(b"abd"), right)
    assert altered.read(3) == b"abd"
    with pytest.raises(ServiceError, match="XAmzContentSHA256Mismatch"):
        altered.read(3)


def put_with_trailer(
    endpoint: RunningEndpoint, bucket: str, data: bytes, checksum: str
) -> requests.Response:
    """What boto3 sends over HTTPS: an unsigned body that ends in its checksum."""
    body = f"{len(data):x}\r\n".encode() + data + b"\r\n0\r\n"
    body += f"x-amz-checksum-crc32:{checksum}\r\n\r\n".encode()
    request = AWSRequest("PUT", f"{endpoint.url}/{bucket}/key", data=body)
    request.headers["content-encoding"] = "aws-chunked"
    request.headers["x-amz-trailer"] = "x-amz-checksum-crc32"
    request.headers["x-amz-decoded-content-length"] = str(len(data))
    request.headers["x-amz-content-sha256"] = STREAM_UNSIGNED_TRAILER
    request.context["payload_signing_enabled"] = False
    keys = Credentials(endpoint.ready["access_key_id"], endpoint.ready["secret_access_key"])
    auth = S3SigV4Auth(keys, "s3", "us-east-1")
    auth.payload = lambda signed: STREAM_UNSIGNED_TRAILER  # type: ignore[method-assign]
    auth.add_auth(request)
    return requests.put(request.url, data=body, headers=dict(request.headers), timeout=10)


def test_a_checksum_in_the_trailer_is_kept(
    local_endpoint: RunningEndpoint, s3: Any, bucket: str
) -> None:
    checksum = base64.b64encode(zlib.crc32(b"film").to_bytes(4, "big")).decode()
    answer = put_with_trailer(local_endpoint, bucket, b"film", checksum)
    assert (answer.status_code, answer.headers["x-amz-checksum-crc32"]) == (200, checksum)
    stored = s3.get_object(Bucket=bucket, Key="key")
    assert stored["Body"].read() == b"film"
    assert "ContentEncoding" not in stored


def test_a_wrong_checksum_in_the_trailer_is_refused(
    local_endpoint: RunningEndpoint, s3: Any, bucket: str
) -> None:
    answer = put_with_trailer(local_endpoint, bucket, b"film", "AAAAAA==")
    assert answer.status_code == 400
    assert "<Code>BadDigest</Code>" in answer.text
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
