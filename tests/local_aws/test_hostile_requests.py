"""Requests that nobody's client sends: each is refused as such, none is an internal error."""

import socket
import time
from collections.abc import Iterator
from urllib.parse import quote

import boto3
import pytest

from local_aws.http.server import LONGEST_HEADERS
from local_aws.signing.payload_verification import LARGEST_BODY
from tests.local_aws.signing.test_signatures import assumed
from tests.studio.endpoint_fixture import RunningEndpoint

TEXTS = {
    "accents": "clé".encode(),
    "latin-1": b"cl\xe9",
    "not UTF-8": b"\xff\xfe",
    "emoji": "🔑".encode(),
    "control characters": b"\x00\x01\x7f",
    "long": b"k" * 60_000,
}
DIGITS = {"superscript": "²", "arabic": "٢٠٢٦", "huge": "9" * 5000, "negative": "-1", "empty": ""}

any_text = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
any_digits = pytest.mark.parametrize("digits", DIGITS.values(), ids=DIGITS.keys())


@pytest.fixture(autouse=True)
def no_internal_error(local_endpoint: RunningEndpoint) -> Iterator[None]:
    """The endpoint must still answer after each of these requests."""
    yield
    assert ask(local_endpoint, b"GET /_localaws/health HTTP/1.1\r\nHost: localhost\r\n\r\n") == 200


def ask(endpoint: RunningEndpoint, raw: bytes) -> int:
    """Send these bytes; return the status of the answer."""
    port = int(endpoint.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(raw)
        with connection.makefile("rb") as answer:
            return int(answer.readline().split()[1])


def get(endpoint: RunningEndpoint, path: str, *headers: bytes) -> int:
    """Send a GET with these header lines; return the status of the answer."""
    line = f"GET {path} HTTP/1.1".encode()
    return ask(endpoint, b"\r\n".join((line, b"Host: localhost", *headers, b"", b"")))


@any_text
def test_a_strange_admin_token_is_refused(local_endpoint: RunningEndpoint, text: bytes) -> None:
    assert get(local_endpoint, "/_localaws/bill", b"x-localaws-token: " + text) == 403


@any_text
def test_a_strange_portal_token_is_refused(local_endpoint: RunningEndpoint, text: bytes) -> None:
    portal, bearer = "/_localaws/portal", b"Authorization: Bearer " + text
    assert get(local_endpoint, f"{portal}?token={quote(text)}") == 403
    assert get(local_endpoint, portal, b"Cookie: localaws_portal=" + text) == 403
    assert get(local_endpoint, f"{portal}/api/loops", bearer) == 403


@any_text
def test_a_strange_authorization_is_refused(local_endpoint: RunningEndpoint, text: bytes) -> None:
    day, now = _day_and_time()
    scope = f"/{day}/us-east-1/s3/aws4_request".encode()
    signed = b", SignedHeaders=host;x-amz-date, Signature="
    start, date = b"Authorization: AWS4-HMAC-SHA256 Credential=", f"x-amz-date: {now}".encode()
    for header in (
        b"Authorization: " + text,
        start + text + scope + signed + b"00",
        start + b"key" + scope + signed + text,
        start + b"key" + scope + b", SignedHeaders=" + text + b", Signature=00",
    ):
        assert get(local_endpoint, "/films/key", header, date) in (400, 403)


@any_text
def test_a_strange_presigned_signature_is_refused(
    local_endpoint: RunningEndpoint, text: bytes
) -> None:
    url = local_endpoint.client("s3").generate_presigned_url(
        "get_object", {"Bucket": "films", "Key": "key"}
    )
    path = url.removeprefix(local_endpoint.url).partition("&X-Amz-Signature=")[0]
    host = f"Host: {local_endpoint.url.removeprefix('http://')}".encode()
    raw = f"GET {path}&X-Amz-Signature={quote(text)[:60_000]} HTTP/1.1\r\n".encode()
    assert ask(local_endpoint, raw + host + b"\r\n\r\n") == 403


@any_text
def test_a_strange_session_token_is_refused(local_endpoint: RunningEndpoint, text: bytes) -> None:
    day, now = _day_and_time()
    key = assumed(local_endpoint)["aws_access_key_id"]
    authorization = (
        f"Authorization: AWS4-HMAC-SHA256 Credential={key}/{day}/us-east-1/s3/aws4_request, "
        "SignedHeaders=host;x-amz-date;x-amz-security-token, Signature=00"
    )
    status = get(
        local_endpoint,
        "/films/key",
        authorization.encode(),
        f"x-amz-date: {now}".encode(),
        b"x-amz-content-sha256: UNSIGNED-PAYLOAD",
        b"x-amz-security-token: " + text,
    )
    assert status == 400  # S3 answers 400 InvalidToken


@any_digits
def test_strange_numbers_of_a_presigned_url_are_refused(
    local_endpoint: RunningEndpoint, digits: str
) -> None:
    now, key = _day_and_time()[1], local_endpoint.ready["access_key_id"]
    for date, expires in ((now, digits), (digits, "60"), (f"{digits}T000000Z", "60")):
        query = (
            f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date={quote(date)}"
            f"&X-Amz-Expires={quote(expires)}&X-Amz-SignedHeaders=host&X-Amz-Signature=00"
            f"&X-Amz-Credential={key}/{quote(date[:8])}/us-east-1/s3/aws4_request"
        )
        assert get(local_endpoint, f"/films/key?{query}") in (400, 403)


@pytest.mark.parametrize("date", ["20261399T000000Z", "00000101T000000Z", "20260230T000000Z"])
def test_a_date_that_does_not_exist_is_refused(local_endpoint: RunningEndpoint, date: str) -> None:
    scope = f"{local_endpoint.ready['access_key_id']}/{date[:8]}/us-east-1/s3/aws4_request"
    status = get(
        local_endpoint,
        "/films/key",
        f"Authorization: AWS4-HMAC-SHA256 Credential={scope}, ".encode()
        + b"SignedHeaders=host;x-amz-date, Signature=00",
        f"x-amz-date: {date}".encode(),
        b"x-amz-content-sha256: UNSIGNED-PAYLOAD",
    )
    assert status == 400


@pytest.mark.parametrize(
    "cookie",
    [b"localaws_portal", b"=;=;=", b'localaws_portal="\\777\\', b"a=" + b"\xff" * 9000, b"\x00=1"],
)
def test_a_strange_cookie_is_refused(local_endpoint: RunningEndpoint, cookie: bytes) -> None:
    assert get(local_endpoint, "/_localaws/portal", b"Cookie: " + cookie) == 403


@pytest.mark.parametrize("origin", [b"http://[", b"\xff", b"http://" + b"a" * 50_000, b"null"])
def test_a_strange_origin_is_refused(local_endpoint: RunningEndpoint, origin: bytes) -> None:
    portal_token = local_endpoint.ready["portal_url"].partition("token=")[2]
    raw = (
        b"POST /_localaws/portal/worker HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n"
        b"Cookie: localaws_portal=" + portal_token.encode() + b"\r\nOrigin: " + origin
    )
    assert ask(local_endpoint, raw + b"\r\n\r\n") == 403
    assert get(local_endpoint, "/films/key", b"Origin: " + origin) == 403


@pytest.mark.parametrize("name", ["x" * 5000, "..", "%00", "%2e%2e%2fpages.py", "é", ""])
def test_a_strange_static_file_is_not_found(local_endpoint: RunningEndpoint, name: str) -> None:
    path = f"/_localaws/portal/static/{quote(name, safe='%')}"
    assert get(local_endpoint, path) == (404 if name else 403)


@pytest.mark.parametrize(
    "raw",
    [
        b"GET //[ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET http://[::1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/\xff.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: \xb2\r\n\r\n",
        b"no request at all\r\n\r\n",
    ],
)
def test_a_malformed_request_is_refused(local_endpoint: RunningEndpoint, raw: bytes) -> None:
    assert ask(local_endpoint, raw) == 400


def test_an_unknown_method_is_refused(local_endpoint: RunningEndpoint) -> None:
    for method in (b"\xc9T\xc9", b"BREW", b"G" * 1000):
        assert ask(local_endpoint, method + b" / HTTP/1.1\r\nHost: localhost\r\n\r\n") == 403


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GET /" + b"a" * LONGEST_HEADERS + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nAuthorization: " + b"a" * LONGEST_HEADERS + b"\r\n\r\n", 413),
        (b"GET / HTTP/1.1\r\nCookie: " + b"a" * LONGEST_HEADERS + b"\r\n\r\n", 413),
        (b"GET / HTTP/1.1\r\n" + b"x-amz-meta-a: b\r\n" * (LONGEST_HEADERS // 10) + b"\r\n", 413),
    ],
)
def test_headers_of_absurd_length_are_refused(
    local_endpoint: RunningEndpoint, raw: bytes, status: int
) -> None:
    assert ask(local_endpoint, raw) == status


def test_a_body_of_absurd_length_is_refused_before_it_is_in_memory(
    local_endpoint: RunningEndpoint,
) -> None:
    ready = local_endpoint.ready
    bedrock = boto3.client(
        "bedrock-runtime",
        endpoint_url=local_endpoint.url,
        region_name=ready["region"],
        aws_access_key_id=ready["access_key_id"],
        aws_secret_access_key="a guess",
    )
    with pytest.raises(bedrock.exceptions.ClientError, match="RequestEntityTooLargeException"):
        bedrock.invoke_model(modelId="any", body=bytes(LARGEST_BODY + 1))


def _day_and_time() -> tuple[str, str]:
    now = time.gmtime()
    return time.strftime("%Y%m%d", now), time.strftime("%Y%m%dT%H%M%SZ", now)
