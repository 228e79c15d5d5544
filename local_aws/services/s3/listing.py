"""Lists objects by prefix, grouped at a delimiter, page by page, in UTF-8 order."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote

from local_aws.operations.context import Answer, Context, Request
from local_aws.protocol.errors import ServiceError
from local_aws.services.s3.object_answers import describe_owner, quote_etag
from local_aws.storage.key_order import end_of_prefix, next_key
from local_aws.storage.object_store import ObjectStore, StoredObject

LARGEST_PAGE = 1000
LARGEST_INTEGER = 2**31 - 1

Spelling = Callable[[str], str]
"""Writes a key in an answer: unchanged or percent-encoded."""


@dataclass
class Page:
    """One page of a listing; `resume` is the start of the next page, None after the last."""

    objects: list[StoredObject] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    resume: str | None = None

    @property
    def count(self) -> int:
        """Objects and common prefixes together, as S3 counts them."""
        return len(self.objects) + len(self.prefixes)


def list_page(
    objects: ObjectStore, bucket: str, prefix: str, delimiter: str, start: str, size: int
) -> Page:
    """Return the page of up to `size` entries from key `start` (inclusive)."""
    page = Page()
    while True:
        row = None
        for row in objects.scan(bucket, prefix, start, size + 1 - page.count):
            if page.count == size:
                page.resume = row.key
                return page
            common = find_common_prefix(row.key, prefix, delimiter)
            if common is not None:
                page.prefixes.append(common)
                after = end_of_prefix(common)
                break
            page.objects.append(row)
            after = next_key(row.key)
        if row is None or after is None:
            return page
        start = after


def find_common_prefix(key: str, prefix: str, delimiter: str) -> str | None:
    """Return the start of a key up to the first delimiter after the prefix, None without one."""
    end = key.find(delimiter, len(prefix)) if delimiter else -1
    return None if end < 0 else key[: end + len(delimiter)]


def list_objects_v2(request: Request, context: Context) -> Answer:
    """List objects by `Prefix`, `Delimiter` and `StartAfter`, page by page, in UTF-8 order."""
    prefix, delimiter = request.get("Prefix", ""), request.get("Delimiter", "")
    start = prefix
    if "StartAfter" in request:
        start = max(start, next_key(request["StartAfter"]))
    if "ContinuationToken" in request:
        start = _read_token(request["ContinuationToken"])
    answer, page = _list(request, context, prefix, delimiter, start)
    answer["KeyCount"] = page.count
    resumed = next((name for name in ("ContinuationToken", "StartAfter") if name in request), None)
    if resumed is not None:
        answer[resumed] = request[resumed]
    if page.resume is not None:
        answer["NextContinuationToken"] = base64.urlsafe_b64encode(page.resume.encode()).decode()
    return answer


def _list(
    request: Request, context: Context, prefix: str, delimiter: str, start: str
) -> tuple[Answer, Page]:
    bucket = request["Bucket"]
    size = read_page_size(request, "MaxKeys", "maxKeys")
    context.objects.require_bucket(bucket)
    page = list_page(context.objects, bucket, prefix, delimiter, start, size) if size else Page()
    shown = choose_spelling(request.get("EncodingType"))
    owner = {"Owner": describe_owner(context)} if request.get("FetchOwner") else {}
    answer: Answer = {
        "Name": bucket,
        "Prefix": shown(prefix),
        "MaxKeys": size,
        "IsTruncated": page.resume is not None,
        "Contents": [_describe_entry(stored, shown) | owner for stored in page.objects],
        "CommonPrefixes": [{"Prefix": shown(common)} for common in page.prefixes],
    }
    if delimiter:
        answer["Delimiter"] = shown(delimiter)
    if "EncodingType" in request:
        answer["EncodingType"] = request["EncodingType"]
    return answer, page


def read_page_size(request: Request, member: str, argument: str) -> int:
    """Return how many entries a page has; raises ServiceError InvalidArgument below 0."""
    requested: int = request.get(member, LARGEST_PAGE)
    require_not_negative(requested, argument)
    return min(requested, LARGEST_PAGE)


def require_not_negative(value: int, argument: str) -> None:
    """Raise ServiceError InvalidArgument for a value below 0."""
    if value < 0:
        raise ServiceError(
            "InvalidArgument",
            f"Argument {argument} must be an integer between 0 and {LARGEST_INTEGER}",
            ArgumentName=argument,
            ArgumentValue=value,
        )


def choose_spelling(encoding: str | None) -> Spelling:
    """Return how keys are written under an `EncodingType`: percent-encoded, or as they are."""
    if encoding == "url":
        return lambda text: quote(text, safe="/")
    return lambda text: text


def _describe_entry(stored: StoredObject, shown: Spelling) -> Answer:
    entry: Answer = {
        "Key": shown(stored.key),
        "LastModified": stored.modified,
        "ETag": quote_etag(stored.etag),
        "Size": stored.size,
        "StorageClass": stored.description.headers.get("StorageClass", "STANDARD"),
    }
    if stored.description.checksums:
        entry["ChecksumAlgorithm"] = list(stored.description.checksums)
        entry["ChecksumType"] = stored.description.checksum_type
    return entry


def _read_token(token: str) -> str:
    try:
        key = base64.urlsafe_b64decode(token.encode()).decode()
    except (binascii.Error, ValueError):
        key = ""
    if not key:
        raise ServiceError(
            "InvalidArgument",
            "The continuation token provided is incorrect",
            ArgumentName="continuation-token",
        )
    return key
