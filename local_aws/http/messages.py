"""HTTP requests and answers as the endpoint passes them on, free of any server's types."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import parse_qsl


class ByteStream(Protocol):
    """Something that is read to its end once."""

    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True)
class HttpRequest:
    """A request. `path` and `query` are as they came over the wire, still percent-encoded;
    header names are in lower case; `body` ends where the request's body ends."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: ByteStream

    @property
    def arguments(self) -> list[tuple[str, str]]:
        """The decoded query arguments, in their order."""
        return parse_qsl(self.query, keep_blank_values=True)

    def argument(self, name: str) -> str | None:
        """The first query argument of that name, decoded, or None."""
        return next((value for key, value in self.arguments if key == name), None)


@dataclass(frozen=True)
class HttpAnswer:
    """An answer. `body` is all of it, or chunks whose total is `length` bytes; a body that has
    a `close` method is closed when it was sent."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Iterable[bytes] = b""
    length: int | None = None

    @property
    def content_length(self) -> int:
        """How many bytes the body has."""
        if self.length is not None:
            return self.length
        assert isinstance(self.body, bytes), "a streamed body needs its length"
        return len(self.body)


class DroppedConnection(Exception):
    """Raised instead of an answer: the server closes the connection without a word."""
