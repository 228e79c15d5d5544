"""The log of a review in S3: one object per entry, only ever added to.

Entry n is the object of that number, ``00000012.json``. It is written on the condition that it does
not exist (If-None-Match), so of two who add at once one is refused, reads the other's entry, and
judges anew: nothing is overwritten, and everybody reads the same order.
Source: Amazon S3 user guide, "Conditional writes".
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from pydantic import ValidationError

from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.error_tree import ManifestCorrupt
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.review.review_records import LogEntry
from storyboard_ops.gateways.aws.call_pool import POOL_SIZE
from storyboard_ops.gateways.storage.object_store import ObjectStore


class ReviewLog:
    """The entries of one review."""

    def __init__(self, objects: ObjectStore, folder: S3Uri) -> None:
        self._objects = objects
        self.folder = folder

    def entries(self, after: int = 0) -> list[LogEntry]:
        """Every entry behind version ``after``, in order; one listing, one read per entry.

        Raises ManifestCorrupt naming an object that is no entry of this log.
        """
        last = self._place(after)
        found = self._objects.list(S3Uri(last.bucket, f"{self.folder.key}/"), after=last.key)
        with ThreadPoolExecutor(max_workers=POOL_SIZE) as pool:
            return list(pool.map(self._read, [head.uri for head in found]))

    def add(self, entry: LogEntry) -> bool:
        """Write an entry at the place of its version; False when another stands there.

        A write whose answer got lost is sent again by boto3, and refused: the entry that stands
        there then is this one.
        """
        place = self._place(entry.version)
        if self._objects.create(place, canonical_json(entry).encode(), "application/json"):
            return True
        return self._objects.head(place) is not None and self._read(place).id == entry.id

    def _place(self, version: int) -> S3Uri:
        return self.folder / f"{version:08d}.json"

    def _read(self, uri: S3Uri) -> LogEntry:
        try:
            entry = LogEntry.model_validate_json(self._objects.get(uri))
        except ValidationError as error:
            raise ManifestCorrupt(f"{uri} is no entry of a review log: {error}") from error
        if self._place(entry.version) != uri:
            raise ManifestCorrupt(f"{uri} says it is entry {entry.version} of its log.")
        return entry
