"""The source of a copy: the object that `x-amz-copy-source` names, and the bytes of it."""

import re
from urllib.parse import unquote

from local_aws.protocol.errors import ServiceError
from local_aws.services.s3.byte_ranges import Span

CLOSED_RANGE = re.compile(r"bytes=([0-9]{1,18})-([0-9]{1,18})")


def parse_copy_source(text: str) -> tuple[str, str]:
    """Parse an `x-amz-copy-source` into bucket and key; raises ServiceError InvalidArgument."""
    path, _, version = text.partition("?versionId=")
    bucket, slash, key = unquote(path).lstrip("/").partition("/")
    if not slash or not key or version not in ("", "null"):
        raise ServiceError(
            "InvalidArgument",
            "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
            ArgumentName="x-amz-copy-source",
            ArgumentValue=text,
        )
    return bucket, key


def parse_copy_range(header: str | None, size: int) -> Span:
    """Return the bytes of a source of `size` bytes to copy: all of them without a header.

    Raises ServiceError InvalidArgument for a range that is not closed or not in the source, where
    a read would return all bytes or those that exist.
    """
    if header is None:
        return Span(0, size)
    match = CLOSED_RANGE.fullmatch(header)
    first, last = map(int, match.groups()) if match else (0, -1)
    problem = None
    if match is None or first > last:
        problem = (
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first "
            "and last are the zero-based offsets of the first and last bytes to copy"
        )
    elif last >= size:
        problem = f"Range specified is not valid for source object of size: {size}"
    if problem is not None:
        raise ServiceError(
            "InvalidArgument",
            problem,
            ArgumentName="x-amz-copy-source-range",
            ArgumentValue=header,
        )
    return Span(first, last + 1)
