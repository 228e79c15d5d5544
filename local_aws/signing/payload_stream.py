"""Reads a request's payload and verifies it against what its signer declared.

Three kinds arrive: bytes with their SHA-256 in a signed header, bytes that are left unsigned,
and `aws-chunked` bodies, whose chunks may each be signed and which may end in trailers that hold
a checksum. Format: Amazon S3 API Reference, "Transferring payload in multiple chunks".
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from local_aws.http.messages import ByteStream
from local_aws.protocol.errors import ServiceError
from local_aws.signing.request_signature import EMPTY_SHA256, Signature
from local_aws.signing.secret_comparison import is_secret

LONGEST_LINE = 16 * 1024
CHUNK_SIZE = re.compile(r"[0-9A-Fa-f]{1,16}")
STREAM_UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
STREAM_SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
STREAM_SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
STREAM_KINDS = (STREAM_UNSIGNED_TRAILER, STREAM_SIGNED, STREAM_SIGNED_TRAILER)

SignText = Callable[[str], str]
"""String to sign -> signature in hex."""


class HashedPayload:
    """Bytes with a signed SHA-256; the last read raises if they were altered."""

    def __init__(self, source: ByteStream, expected: str) -> None:
        self._source = source
        self._expected = expected
        self._digest = hashlib.sha256()
        self.trailers: dict[str, str] = {}

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes; empty at the end. Raises XAmzContentSHA256Mismatch there."""
        data = self._source.read(size)
        self._digest.update(data)
        if not data or size < 0:
            self._check()
        return data

    def _check(self) -> None:
        actual = self._digest.hexdigest()
        if actual != self._expected:
            raise ServiceError(
                "XAmzContentSHA256Mismatch",
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
                ClientComputedContentSHA256=self._expected,
                S3ComputedContentSHA256=actual,
            )


class UnsignedPayload:
    """Bytes that the signature does not cover."""

    def __init__(self, source: ByteStream) -> None:
        self._source = source
        self.trailers: dict[str, str] = {}

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes; empty at the end."""
        return self._source.read(size)


@dataclass(frozen=True)
class ChunkSigner:
    """Signs the chunks of one request with the request's scope and key."""

    signature: Signature
    sign: SignText

    def chunk(self, previous: str, digest: str) -> str:
        """Return the signature of a chunk whose data has the SHA-256 `digest`."""
        return self.sign(
            self._string_to_sign("AWS4-HMAC-SHA256-PAYLOAD", previous, EMPTY_SHA256, digest)
        )

    def trailer(self, previous: str, digest: str) -> str:
        """Return the signature of the trailers whose canonical lines have the SHA-256 `digest`."""
        return self.sign(self._string_to_sign("AWS4-HMAC-SHA256-TRAILER", previous, digest))

    def _string_to_sign(self, algorithm: str, *parts: str) -> str:
        return "\n".join((algorithm, self.signature.timestamp, self.signature.scope, *parts))


class ChunkedPayload:
    """The decoded bytes of an `aws-chunked` body; `trailers` are filled at its end.

    `announced_trailer` is the name of the trailer that the request's headers announced.

    Raises ServiceError SignatureDoesNotMatch for an altered chunk or trailer and
    IncompleteBody for a body that ends early, is malformed or is not `length` bytes long.
    """

    def __init__(
        self,
        source: ByteStream,
        length: int,
        signer: ChunkSigner | None,
        announced_trailer: str = "",
    ) -> None:
        self._source = source
        self.announced_trailer = announced_trailer
        self._signer = signer
        self._previous = signer.signature.value if signer else ""
        self._chunks = b""
        self._expected = length
        self._received = 0
        self._ended = False
        self.trailers: dict[str, str] = {}

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, all that is left if negative; empty at the end."""
        if size < 0:
            return b"".join(iter(lambda: self.read(1 << 20), b""))
        while not self._chunks and not self._ended:
            self._chunks = self._read_chunk()
        data, self._chunks = self._chunks[:size], self._chunks[size:]
        return data

    def _read_chunk(self) -> bytes:
        size_text, _, extension = self._read_line().partition(";")
        if not CHUNK_SIZE.fullmatch(size_text):
            raise _incomplete_body()
        size = int(size_text, 16)
        data = self._read_exactly(size)
        if self._signer:
            self._check_chunk(self._signer, extension, data)
        self._received += size
        if size:
            self._read_line_end()
        else:
            self._finish()
        return data

    def _check_chunk(self, signer: ChunkSigner, extension: str, data: bytes) -> None:
        digest = hashlib.sha256(data).hexdigest()
        expected = signer.chunk(self._previous, digest)
        _require_equal(expected, extension.strip().removeprefix("chunk-signature="))
        self._previous = expected

    def _finish(self) -> None:
        self._ended = True
        lines = []
        while line := self._read_line():
            lines.append(line)
        for line in lines:
            name, _, value = line.partition(":")
            self.trailers[name.strip().lower()] = value.strip()
        claimed = self.trailers.pop("x-amz-trailer-signature", None)
        if self._signer and (claimed is not None or self.trailers):
            text = "".join(f"{name}:{value}\n" for name, value in self.trailers.items())
            digest = hashlib.sha256(text.encode()).hexdigest()
            _require_equal(self._signer.trailer(self._previous, digest), claimed or "")
        if self._received != self._expected:
            raise _incomplete_body()

    def _read_line(self) -> str:
        line = bytearray()
        while not line.endswith(b"\r\n"):
            byte = self._source.read(1)
            if not byte:
                if self._ended and not line:
                    return ""  # some clients omit the last line end
                raise _incomplete_body()
            line += byte
            if len(line) > LONGEST_LINE:
                raise _incomplete_body()
        return line[:-2].decode("latin-1")

    def _read_line_end(self) -> None:
        if self._read_exactly(2) != b"\r\n":
            raise _incomplete_body()

    def _read_exactly(self, size: int) -> bytes:
        parts = []
        while size:
            part = self._source.read(size)
            if not part:
                raise _incomplete_body()
            parts.append(part)
            size -= len(part)
        return b"".join(parts)


Payload = HashedPayload | UnsignedPayload | ChunkedPayload


def _require_equal(expected: str, claimed: str) -> None:
    if not is_secret(claimed, expected):
        raise ServiceError(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. "
            "Check your key and signing method.",
        )


def _incomplete_body() -> ServiceError:
    return ServiceError(
        "IncompleteBody",
        "You did not provide the number of bytes specified by the Content-Length HTTP header",
    )
