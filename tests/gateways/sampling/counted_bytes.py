"""A film's bytes in memory, with a list of what was asked for."""

from __future__ import annotations


class CountedBytes:
    """A ByteSource over bytes that notes every request."""

    def __init__(self, body: bytes, uri: str = "memory:film") -> None:
        self.body = body
        self.uri = uri
        self.size = len(body)
        self.version = "1"
        self.requests: list[tuple[int, int]] = []  # (first, length)

    def read(self, first: int, length: int) -> bytes:
        self.requests.append((first, length))
        return self.body[first : first + length]

    def close(self) -> None:
        """Nothing is held."""

    @property
    def bytes_read(self) -> int:
        return sum(len(self.body[first : first + length]) for first, length in self.requests)
