"""The Range header (RFC 9110, section 14) and part numbers, as S3 reads them."""

import re
from dataclasses import dataclass

from local_aws.protocol.errors import ServiceError
from local_aws.storage.object_store import ObjectDescription

SINGLE_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True)
class Span:
    """Bytes `start` up to, not including, `stop`."""

    start: int
    stop: int

    @property
    def length(self) -> int:
        """Number of bytes."""
        return self.stop - self.start

    def content_range(self, size: int) -> str:
        """Return the Content-Range header for an object of `size` bytes."""
        return f"bytes {self.start}-{self.stop - 1}/{size}"


def parse_range(header: str | None, size: int) -> Span | None:
    """Return the bytes that a Range header requests; None for all bytes or an invalid header.

    Raises ServiceError InvalidRange if it is outside of the object.
    """
    match = SINGLE_RANGE.fullmatch(header.strip()) if header else None
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None
    if start >= size or stop <= start:
        raise ServiceError(
            "InvalidRange",
            "The requested range is not satisfiable",
            RangeRequested=header,
            ActualObjectSize=size,
        )
    return Span(start, stop)


def find_part(number: int, description: ObjectDescription) -> Span:
    """Return the bytes of one part; an object that was not uploaded in parts is its own part 1."""
    sizes = description.part_sizes or (description.size,)
    if not 1 <= number <= len(sizes):
        raise ServiceError(
            "InvalidPartNumber",
            "The requested partnumber is not satisfiable",
            PartNumberRequested=number,
            ActualPartCount=len(sizes),
        )
    start = sum(sizes[: number - 1])
    return Span(start, start + sizes[number - 1])
