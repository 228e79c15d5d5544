"""A seekable file over ranges of bytes, for a demuxer that should not fetch a whole film.

Three kinds of reading, one after the other in a film's life:

* *everything real*: opening a container reads its head, a block at a time;
* *hollow*: an MP4 or MOV keeps the table of all packets in its ``moov`` box, so demuxing it for
  the table needs none of the pictures: every byte that was not fetched yet reads as zero;
* *ahead*: the bytes of wanted packets are fetched ahead in large requests; what lies outside them
  is real for a demuxer that reads on through it, and hollow for one that has the ``moov`` box.
"""

from __future__ import annotations

import io
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from storyboard_ops.gateways.sampling.byte_source import ByteSource

BLOCK = 256 * 1024  # bytes fetched at once where nothing better is known
BLOCKS_KEPT = 64  # 16 MiB
REQUEST = 8 * 1024 * 1024  # bytes fetched at once, at most, ahead of the decoder


class RememberedBytes:
    """A source that keeps the latest blocks, so that opening a film again reads nothing again."""

    def __init__(self, source: ByteSource) -> None:
        self.source = source
        self.uri, self.size, self.version = source.uri, source.size, source.version
        self.blocks: OrderedDict[int, bytes] = OrderedDict()

    @classmethod
    def over(cls, source: ByteSource) -> RememberedBytes:
        """The source itself where it remembers already."""
        return source if isinstance(source, cls) else cls(source)

    def read(self, first: int, length: int) -> bytes:
        return self.source.read(first, length)

    def block(self, number: int) -> bytes:
        """A whole block, fetched once while it is among the latest."""
        body = self.blocks.pop(number, None)
        self.blocks[number] = body or self.source.read(number * BLOCK, BLOCK)
        while len(self.blocks) > BLOCKS_KEPT:
            self.blocks.popitem(last=False)
        return self.blocks[number]

    def close(self) -> None:
        self.source.close()


class BlockReader(io.RawIOBase):
    """Everything real: reads blocks on demand. ``end``: where the film is taken to end, bytes."""

    #: Whether bytes may read as zeros that are in no packet that was asked for.
    hollow = False

    def __init__(self, source: ByteSource, end: int | None = None) -> None:
        super().__init__()
        self.source = RememberedBytes.over(source)
        self.end = self.source.size if end is None else end
        self.place = 0

    def head_is_known(self) -> None:
        """What follows is read for the places of the packets alone."""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self.place, io.SEEK_END: self.end}[whence]
        self.place = max(0, base + offset)
        return self.place

    def read(self, size: int = -1) -> bytes:
        left = max(0, self.end - self.place)
        body = self.bytes_at(self.place, left if size < 0 else min(size, left))
        self.place += len(body)
        return body

    def bytes_at(self, first: int, length: int) -> bytes:
        """``length`` bytes from ``first``, fewer at the film's end."""
        number, inside = divmod(first, BLOCK)
        block = self.source.block(number)
        body = block[inside : inside + length]
        if len(body) < length and len(block) == BLOCK:
            body += self.bytes_at(first + len(body), length - len(body))
        return body


class HollowReader(BlockReader):
    """Reads blocks until it is told that the head is known; from then on there are only zeros.

    They go on beyond the end of a cut-off film, so that its table comes out whole and shows what
    is missing.
    """

    hollow = True

    def __init__(self, source: ByteSource, end: int | None = None) -> None:
        super().__init__(source, end)
        self._only_zeros = False

    def head_is_known(self) -> None:
        self._only_zeros = True

    def read(self, size: int = -1) -> bytes:
        if not self._only_zeros:
            return super().read(size)
        self.place += size
        return bytes(size)


class AheadReader(BlockReader):
    """Reads blocks until it gets a plan; from then on fetches the planned ranges ahead.

    ``ranges``: (first, end) byte offsets, end exclusive, sorted, apart from each other. Bytes
    outside them are read a block at a time.
    """

    def __init__(self, source: ByteSource, end: int | None = None) -> None:
        super().__init__(source, end)
        self.requests: list[tuple[int, int]] = []
        self.firsts: list[int] = []
        self.held: OrderedDict[int, Future[bytes]] = OrderedDict()
        self.worker: ThreadPoolExecutor | None = None

    def follow(self, ranges: Sequence[tuple[int, int]]) -> None:
        """From now on fetch these ranges ahead."""
        self.requests = [request for span in ranges for request in _requests(*span)]
        self.firsts = [first for first, _ in self.requests]
        self.worker = ThreadPoolExecutor(1, thread_name_prefix="read-ahead")

    def bytes_at(self, first: int, length: int) -> bytes:
        if self.worker is None:
            return super().bytes_at(first, length)
        number = bisect_right(self.firsts, first) - 1
        following = self.firsts[number + 1] if number + 1 < len(self.firsts) else self.source.size
        if number < 0 or first >= self.requests[number][1]:
            return self.outside(first, max(1, min(length, following - first)))
        start, end = self.requests[number]
        return self.request(number)[first - start : min(first + length, end) - start]

    def outside(self, first: int, length: int) -> bytes:
        """Bytes that nobody planned to read."""
        return super().bytes_at(first, length)

    def request(self, number: int) -> bytes:
        """The bytes of one request; the next one is fetched meanwhile."""
        for wanted in (number, number + 1):
            if wanted < len(self.requests):
                held = self.held.pop(wanted) if wanted in self.held else self.fetch(wanted)
                self.held[wanted] = held
        while len(self.held) > 3:
            self.held.popitem(last=False)
        return self.held[number].result()

    def fetch(self, number: int) -> Future[bytes]:
        assert self.worker is not None
        first, end = self.requests[number]
        return self.worker.submit(self.source.read, first, end - first)

    def close(self) -> None:
        if self.worker is not None:
            self.worker.shutdown(wait=True, cancel_futures=True)
        super().close()


class PlannedReader(AheadReader):
    """Bytes outside the planned ranges read as zeros."""

    hollow = True

    def outside(self, first: int, length: int) -> bytes:
        return bytes(length)


def _requests(first: int, end: int) -> Iterator[tuple[int, int]]:
    """A range in requests that double in size: who stops early has not fetched much too much."""
    size = BLOCK
    while first < end:
        yield first, min(first + size, end)
        first, size = first + size, min(2 * size, REQUEST)
