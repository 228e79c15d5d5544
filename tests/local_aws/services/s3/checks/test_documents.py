"""Documents in requests are verified against the digests that come with them."""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.local_aws.refusals import refused

KEYS = {"Objects": [{"Key": "key"}]}
WRONG_CRC32 = base64.b64encode(bytes(4)).decode()
WRONG_MD5 = base64.b64encode(hashlib.md5(b"other").digest()).decode()


@contextmanager
def digests(s3: Any, headers: Mapping[str, str]) -> Iterator[None]:
    """Send these digests in place of those that the client computes."""

    def put(request: Any, **_: Any) -> None:
        for name in ("x-amz-checksum-crc32", "x-amz-sdk-checksum-algorithm", "content-md5"):
            del request.headers[name]
        for name, value in headers.items():
            request.headers[name] = value

    s3.meta.events.register("before-sign.s3", put, unique_id="digests")
    yield
    s3.meta.events.unregister("before-sign.s3", put, unique_id="digests")


def test_a_document_needs_a_digest(s3: Any, bucket: str) -> None:
    with digests(s3, {}), refused("InvalidRequest", 400) as error:
        s3.delete_objects(Bucket=bucket, Delete=KEYS)
    assert "Content-MD5 OR x-amz-checksum-*" in error["Message"]


def test_an_altered_document_is_refused(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="key", Body=b"x")
    for wrong in ({"content-md5": WRONG_MD5}, {"x-amz-checksum-crc32": WRONG_CRC32}):
        with digests(s3, wrong), refused("BadDigest", 400):
            s3.delete_objects(Bucket=bucket, Delete=KEYS)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 1


def test_what_is_no_digest_is_refused(s3: Any, bucket: str) -> None:
    for headers, code in (
        ({"content-md5": "AAAA"}, "InvalidDigest"),
        ({"x-amz-checksum-sha1": "AAAA"}, "InvalidRequest"),
        ({"x-amz-sdk-checksum-algorithm": "SHA1", "content-md5": WRONG_MD5}, "BadDigest"),
        ({"x-amz-checksum-crc32": WRONG_CRC32, "x-amz-checksum-sha1": "AAAA"}, "InvalidRequest"),
        ({"x-amz-checksum-crc32c": WRONG_CRC32}, "NotImplemented"),
    ):
        with digests(s3, headers), refused(code):
            s3.delete_objects(Bucket=bucket, Delete=KEYS)


def test_an_element_that_nobody_knows_is_refused(s3: Any, bucket: str) -> None:
    def add(request: Any, **_: Any) -> None:
        request.data = request.data.replace(b"<Quiet>", b"<Quick>true</Quick><Quiet>")
        del request.headers["x-amz-checksum-crc32"], request.headers["x-amz-sdk-checksum-algorithm"]
        digest = hashlib.md5(request.data).digest()
        request.headers["content-md5"] = base64.b64encode(digest).decode()

    s3.put_object(Bucket=bucket, Key="key", Body=b"x")
    s3.meta.events.register("before-sign.s3", add)
    with refused("MalformedXML", 400) as error:
        s3.delete_objects(Bucket=bucket, Delete={**KEYS, "Quiet": True})
    assert "Quick" in error["Message"]


def test_a_body_needs_the_checksum_that_its_header_announces(s3: Any, bucket: str) -> None:
    announced = {"x-amz-sdk-checksum-algorithm": "SHA256"}
    with digests(s3, announced), refused("InvalidRequest", 400):
        s3.put_object(Bucket=bucket, Key="key", Body=b"x")
