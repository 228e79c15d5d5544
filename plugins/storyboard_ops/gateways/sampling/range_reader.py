"""Seekable files over ranges of bytes, for a demuxer that must not fetch a whole film.

A film is read in three ways, one after the other:

* *by blocks*: opening a container reads its head, one block at a time;
* *hollow*: an MP4 or MOV has the table of all packets in its ``moov`` box, so demuxing it for the
  table needs no pictures: from then on every byte reads as zero;
* *ahead*: the bytes of wanted packets are fetched ahead in large requests; bytes outside them are
  fetched for a demuxer that must read through them, and zero for one that has the ``moov`` box.
"""

from __future__ import annotations

import io
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from storyboard_ops.domain.error_tree import VideoUnreadable
from storyboard_ops.domain.input_limits import MOST_PACKET_BYTES
from storyboard_ops.gateways.sampling.byte_source import ByteSource

BLOCK = 256 * 1024  # bytes per request without a plan
BLOCKS_KEPT = 64  # 16 MiB
REQUEST = 8 * 1024 * 1024  # most bytes per request ahead of the decoder
REQUESTS_KEPT = 3


class CachedBytes:
    """A source that keeps the latest blocks, so that reopening a film fetches nothing again."""

    def __init__(self, source: ByteSource) -> None:
        self.source = source
        self.uri, self.size, self.version = source.uri, source.size, source.version
        self.blocks: OrderedDict[int, bytes] = OrderedDict()

    @classmethod
    def wrap(cls, source: ByteSource) -> CachedBytes:
        """Return a source with a cache; one that has a cache is returned as is."""
        return source if isinstance(source, cls) else cls(source)

    def read(self, first: int, length: int) -> bytes:
        return self.source.read(first, length)

    def block(self, number: int) -> bytes:
        """Return a whole block, from the cache if it is among the latest."""
        body = self.blocks.pop(number, None)
        self.blocks[number] = body or self.source.read(number * BLOCK, BLOCK)
        while len(self.blocks) > BLOCKS_KEPT:
            self.blocks.popitem(last=False)
        return self.blocks[number]

    def close(self) -> None:
        self.source.close()


class BlockReader(io.RawIOBase):
    """Reads blocks on demand. ``end``: offset at which the film is considered to end, in bytes."""

    #: Whether bytes outside the requested packets may read as zeros.
    hollow = False

    def __init__(self, source: ByteSource, end: int | None = None) -> None:
        super().__init__()
        self.source = CachedBytes.wrap(source)
        self.end = self.source.size if end is None else end
        self.position = 0

    def finish_head(self) -> None:
        """Note that the container is open; later reads only serve to locate the packets."""

    def next_packet(self) -> None:
        """Note that a packet is complete."""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self.position, io.SEEK_END: self.end}[whence]
        self.position = max(0, base + offset)
        return self.position

    def read(self, size: int = -1) -> bytes:
        left = max(0, self.end - self.position)
        body = self.bytes_at(self.position, left if size < 0 else min(size, left))
        self.position += len(body)
        return body

    def bytes_at(self, first: int, length: int) -> bytes:
        """Return ``length`` bytes from offset ``first``, fewer at the end of the film."""
        number, inside = divmod(first, BLOCK)
        block = self.source.block(number)
        body = block[inside : inside + length]
        if len(body) < length and len(block) == BLOCK:
            body += self.bytes_at(first + len(body), length - len(body))
        return body


class HollowReader(BlockReader):
    """Reads blocks until the head is finished, and only zeros from then on.

    The zeros continue past the end of a cut-off film, so that its packet table is complete and
    shows what is missing.
    """

    hollow = True

    def __init__(self, source: ByteSource, end: int | None = None) -> None:
        super().__init__(source, end)
        self._only_zeros = False
        self._since_packet = 0  # bytes

    def finish_head(self) -> None:
        self._only_zeros = True

    def next_packet(self) -> None:
        self._since_packet = 0

    def read(self, size: int = -1) -> bytes:
        if not self._only_zeros:
            return super().read(size)
        self.position += size
        self._since_packet += size
        if self._since_packet > MOST_PACKET_BYTES:
            raise VideoUnreadable(
                self.source.uri,
                f"one of its coded pictures has more than {MOST_PACKET_BYTES:,} bytes, which is "
                "the most allowed; its index is damaged. Export the film again.",
            )
        return bytes(size)


class AheadReader(BlockReader):
    """Reads blocks until it gets a plan, then fetches the planned ranges ahead.

    Bytes outside the ranges are read one block at a time.
    """

    def __init__(self, source: ByteSource, end: int | None = None) -> None:
        super().__init__(source, end)
        self.requests: list[tuple[int, int]] = []
        self.firsts: list[int] = []
        self.fetched: OrderedDict[int, Future[bytes]] = OrderedDict()
        self.worker: ThreadPoolExecutor | None = None

    def fetch_ahead(self, ranges: Sequence[tuple[int, int]]) -> None:
        """Fetch these ranges ahead from now on.

        ``ranges``: (first, end) byte offsets, end exclusive, sorted and disjoint.
        """
        self.requests = [request for span in ranges for request in _requests(*span)]
        self.firsts = [first for first, _ in self.requests]
        self.worker = ThreadPoolExecutor(1, thread_name_prefix="read-ahead")

    def bytes_at(self, first: int, length: int) -> bytes:
        if self.worker is None:
            return super().bytes_at(first, length)
        number = bisect_right(self.firsts, first) - 1
        following = self.firsts[number + 1] if number + 1 < len(self.firsts) else self.source.size
        if number < 0 or first >= self.requests[number][1]:
            return self.read_unplanned(first, max(1, min(length, following - first)))
        start, end = self.requests[number]
        return self.request(number)[first - start : min(first + length, end) - start]

    def read_unplanned(self, first: int, length: int) -> bytes:
        """Return bytes outside the planned ranges."""
        return super().bytes_at(first, length)

    def request(self, number: int) -> bytes:
        """Return the bytes of one request, while the next one is fetched."""
        for wanted in (number, number + 1):
            if wanted < len(self.requests):
                kept = self.fetched.pop(wanted) if wanted in self.fetched else self.fetch(wanted)
                self.fetched[wanted] = kept
        while len(self.fetched) > REQUESTS_KEPT:
            self.fetched.popitem(last=False)
        return self.fetched[number].result()

    def fetch(self, number: int) -> Future[bytes]:
        """Start fetching one request in the background."""
        assert self.worker is not None
        first, end = self.requests[number]
        return self.worker.submit(self.source.read, first, end - first)

    def close(self) -> None:
        if self.worker is not None:
            self.worker.shutdown(wait=True, cancel_futures=True)
        super().close()


class PlannedReader(AheadReader):
    """Fetches the planned ranges ahead; bytes outside them read as zeros."""

    hollow = True

    def read_unplanned(self, first: int, length: int) -> bytes:
        return bytes(length)


def _requests(first: int, end: int) -> Iterator[tuple[int, int]]:
    """Split a range into requests of doubling size, so that stopping early wastes little."""
    size = BLOCK
    while first < end:
        yield first, min(first + size, end)
        first, size = first + size, min(2 * size, REQUEST)
