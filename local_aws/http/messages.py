"""HTTP requests and answers, independent of the server library."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import parse_qsl


class ByteStream(Protocol):
    """A stream that is read once, to its end."""

    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True)
class HttpRequest:
    """A request. `path` and `query` are percent-encoded, as received;
    header names are in lower case; `body` ends where the request's body ends."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: ByteStream

    @property
    def arguments(self) -> list[tuple[str, str]]:
        """The decoded query arguments, in order."""
        return parse_qsl(self.query, keep_blank_values=True)

    def argument(self, name: str) -> str | None:
        """Return the first query argument of that name, decoded, or None."""
        return next((value for key, value in self.arguments if key == name), None)


@dataclass(frozen=True)
class HttpAnswer:
    """An answer. `body` is bytes, or chunks of `length` bytes in total; a body with a `close`
    method is closed after it is sent."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Iterable[bytes] = b""
    length: int | None = None

    @property
    def content_length(self) -> int:
        """Length of the body in bytes."""
        if self.length is not None:
            return self.length
        assert isinstance(self.body, bytes), "a streamed body needs its length"
        return len(self.body)


class DroppedConnection(Exception):
    """The server closes the connection without an answer."""
