"""Signature Version 4: who signed a request, and whether the signature is valid.

Implemented from the description in the IAM User Guide ("Signature Version 4 for API requests") and,
for presigned URLs, the Amazon S3 API Reference; the signer under test is botocore's, so none of
its code is used here.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote_to_bytes

from local_aws.http.messages import HttpRequest
from local_aws.signing.issued_keys import FindKey, KeySecret
from local_aws.signing.secret_comparison import is_secret

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
CLOCK_SKEW = timedelta(minutes=15)
LONGEST_PRESIGN_SECONDS = 7 * 24 * 3600
EXPIRES = re.compile(r"[0-9]{1,6}")
TIMESTAMP = re.compile(r"[0-9]{8}T[0-9]{6}Z")
TIME_FORMAT = "%Y%m%dT%H%M%SZ"
AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=(?P<credential>[^,\s]+),\s*"
    r"SignedHeaders=(?P<headers>[^,\s]+),\s*Signature=(?P<signature>[0-9a-f]+)\s*"
)


class SignatureProblem(Exception):
    """A signature is rejected; `kind` is a key of the tables in `signature_errors`."""

    def __init__(self, kind: str, message: str = "", **members: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message
        self.members = members


@dataclass(frozen=True)
class Signature:
    """The signature as the request claims it. `scope` is date/region/service/aws4_request;
    `lifetime` in seconds is set for presigned URLs only."""

    access_key: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    value: str
    timestamp: str
    lifetime: int | None = None

    @property
    def scope(self) -> str:
        """The credential scope."""
        return f"{self.date}/{self.region}/{self.service}/aws4_request"

    @property
    def moment(self) -> datetime:
        """When the request was signed, aware, in UTC."""
        return datetime.strptime(self.timestamp, TIME_FORMAT).replace(tzinfo=UTC)


def read_signature(request: HttpRequest) -> Signature | None:
    """Return the signature that a request claims, or None if it has none.

    Raises SignatureProblem "Malformed" if it cannot be read, "OldVersion" for version 2.
    """
    header = request.headers.get("authorization")
    if (header or "").startswith("AWS ") or request.argument("AWSAccessKeyId") is not None:
        raise SignatureProblem("OldVersion", "Signature Version 2 is not supported.")
    if header is not None:
        return _read_header_signature(header, request.headers)
    if request.argument("X-Amz-Algorithm") is not None:
        return _read_query_signature(dict(request.arguments))
    return None


def _read_header_signature(header: str, headers: Mapping[str, str]) -> Signature:
    match = AUTHORIZATION.fullmatch(header)
    if match is None:
        raise SignatureProblem("Malformed", "The authorization header is malformed.")
    timestamp = headers.get("x-amz-date", "")
    return _make_signature(match["credential"], match["headers"], match["signature"], timestamp)


def _read_query_signature(arguments: Mapping[str, str]) -> Signature:
    names = ("Credential", "SignedHeaders", "Signature", "Date", "Expires")
    missing = [name for name in names if f"X-Amz-{name}" not in arguments]
    if missing or arguments["X-Amz-Algorithm"] != ALGORITHM:
        raise SignatureProblem(
            "MalformedQuery",
            "Query-string authentication version 4 requires the X-Amz-Algorithm, "
            "X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and "
            "X-Amz-Expires parameters.",
        )
    expires = arguments["X-Amz-Expires"]
    if not EXPIRES.fullmatch(expires) or not 1 <= int(expires) <= LONGEST_PRESIGN_SECONDS:
        raise SignatureProblem(
            "MalformedQuery",
            "X-Amz-Expires must be between 1 and 604800 seconds",
        )
    return _make_signature(
        arguments["X-Amz-Credential"],
        arguments["X-Amz-SignedHeaders"],
        arguments["X-Amz-Signature"],
        arguments["X-Amz-Date"],
        lifetime=int(expires),
    )


def _make_signature(
    credential: str,
    headers: str,
    value: str,
    timestamp: str,
    lifetime: int | None = None,
) -> Signature:
    parts = credential.split("/")
    if len(parts) != 5 or parts[4] != "aws4_request":
        raise SignatureProblem("Malformed", "The Credential is mal-formed.")
    if not _is_time(timestamp) or not timestamp.startswith(parts[1]):
        raise SignatureProblem(
            "Malformed", "The date of the credential scope does not match X-Amz-Date."
        )
    return Signature(
        access_key=parts[0],
        date=parts[1],
        region=parts[2],
        service=parts[3],
        signed_headers=tuple(headers.split(";")),
        value=value,
        timestamp=timestamp,
        lifetime=lifetime,
    )


def _is_time(timestamp: str) -> bool:
    try:
        datetime.strptime(timestamp, TIME_FORMAT)
    except ValueError:
        return False
    # `strptime` also accepts fewer digits and those of other scripts.
    return TIMESTAMP.fullmatch(timestamp) is not None


@dataclass(frozen=True)
class Verifier:
    """Verifies signatures made in one region with any of the keys that `find_key` returns.

    Services that sign as one of `everywhere` are called in any region.
    """

    find_key: FindKey
    region: str
    everywhere: frozenset[str] = frozenset()

    def verify(
        self, request: HttpRequest, signature: Signature, payload_hash: str, now: datetime
    ) -> None:
        """Raise SignatureProblem unless the key is known and the signature valid and current."""
        key = self._find_key_secret(signature)
        _require_token(request, key, now)
        if signature.region != self.region and signature.service not in self.everywhere:
            raise SignatureProblem(
                "WrongRegion",
                f"the region '{signature.region}' is wrong; expecting '{self.region}'",
                Region=self.region,
            )
        _require_signed_headers(request, signature)
        _require_fresh(signature, now)
        expected = self.sign(signature, string_to_sign(request, signature, payload_hash))
        if not is_secret(signature.value, expected):
            raise SignatureProblem("WrongSignature")

    def sign(self, signature: Signature, text: str) -> str:
        """Sign a string with the same key and scope; return the signature in hex."""
        key = f"AWS4{self._find_key_secret(signature).secret}".encode()
        for part in (signature.date, signature.region, signature.service, "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.digest(key, text.encode(), "sha256").hex()

    def _find_key_secret(self, signature: Signature) -> KeySecret:
        key = self.find_key(signature.access_key)
        if key is None:
            raise SignatureProblem("UnknownKey", AWSAccessKeyId=signature.access_key)
        return key


def _require_token(request: HttpRequest, key: KeySecret, now: datetime) -> None:
    """Raise SignatureProblem if a temporary key has expired or lacks its session token."""
    sent = request.headers.get("x-amz-security-token") or request.argument("X-Amz-Security-Token")
    if key.token is not None and not is_secret(sent, key.token):
        raise SignatureProblem("WrongToken")
    if key.expires is not None and now > key.expires:
        raise SignatureProblem("ExpiredToken")


def _require_signed_headers(request: HttpRequest, signature: Signature) -> None:
    amazon = (
        name
        for name in request.headers
        if name.startswith("x-amz-") and name != "x-amz-content-sha256"
    )
    unsigned = [name for name in ("host", *amazon) if name not in signature.signed_headers]
    if unsigned:
        raise SignatureProblem(
            "UnsignedHeaders",
            "There were headers present in the request which were not signed",
            HeadersNotSigned=", ".join(unsigned),
        )


def _require_fresh(signature: Signature, now: datetime) -> None:
    moment = signature.moment
    if signature.lifetime is None:
        if abs(now - moment) > CLOCK_SKEW:
            raise SignatureProblem(
                "Skewed",
                f"{signature.timestamp} is more than 15 minutes from {now:%Y%m%dT%H%M%SZ}",
                RequestTime=signature.timestamp,
                ServerTime=f"{now:%Y-%m-%dT%H:%M:%SZ}",
                MaxAllowedSkewMilliseconds="900000",
            )
        return
    if moment - now > CLOCK_SKEW:
        raise SignatureProblem("NotYetValid", "Request is not valid yet")
    expires = moment + timedelta(seconds=signature.lifetime)
    if now > expires:
        raise SignatureProblem(
            "Expired",
            "Request has expired",
            Expires=f"{expires:%Y-%m-%dT%H:%M:%SZ}",
            ServerTime=f"{now:%Y-%m-%dT%H:%M:%SZ}",
            **{"X-Amz-Expires": str(signature.lifetime)},
        )


def string_to_sign(request: HttpRequest, signature: Signature, payload_hash: str) -> str:
    """Return the string that the signer signed for this request."""
    canonical = canonical_request(request, signature, payload_hash)
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    return "\n".join((ALGORITHM, signature.timestamp, signature.scope, digest))


def canonical_request(request: HttpRequest, signature: Signature, payload_hash: str) -> str:
    """Return the canonical form of the request that both sides hash."""
    headers = "".join(
        f"{name}:{' '.join(request.headers.get(name, '').split())}\n"
        for name in signature.signed_headers
    )
    return "\n".join(
        (
            request.method,
            _encode_path(request.path, signature.service),
            _encode_query(request.query),
            headers,
            ";".join(signature.signed_headers),
            payload_hash,
        )
    )


def _encode_path(path: str, service: str) -> str:
    """Encode the path: once for S3, twice for every other service."""
    if service == "s3":
        return quote(unquote_to_bytes(path), safe="/-_.~")
    return quote(_resolve_dots(path.split("/")), safe="/-_.~")


def _resolve_dots(segments: Sequence[str]) -> str:
    kept: list[str] = []
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    trailing = "/" if kept and segments[-1] == "" else ""
    return "/" + "/".join(kept) + trailing


def _encode_query(query: str) -> str:
    pairs = []
    for argument in filter(None, query.split("&")):
        name, _, value = argument.partition("=")
        if name != "X-Amz-Signature":
            pairs.append((_encode(name), _encode(value)))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def _encode(text: str) -> str:
    return quote(unquote_to_bytes(text.replace("+", "%20")), safe="-_.~")
