"""Keep an append-only log of what people decide in S3, one object per entry.

Entry n is the object of that number, ``00000012.json``. It is written on condition that it does not
exist (If-None-Match): when two writers add at once, one is refused, reads the other's entry and
decides again. Nothing is overwritten, and all readers see the same order.
Source: Amazon S3 user guide, "Conditional writes".
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.error_tree import ManifestCorrupt
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.review.review_records import SignedEntry
from storyboard_ops.gateways.aws.call_pool import POOL_SIZE
from storyboard_ops.gateways.storage.object_store import ObjectStore

E = TypeVar("E", bound=SignedEntry)


class ReviewLog(Generic[E]):
    """The entries of one review, or of one panel board."""

    def __init__(self, objects: ObjectStore, folder: S3Uri, entry_type: type[E]) -> None:
        self._objects = objects
        self.folder = folder
        self._entry_type = entry_type

    def entries(self, after: int = 0) -> list[E]:
        """Read the entries after version ``after``, in order: one listing, one read per entry.

        Raises ManifestCorrupt naming an object that is not an entry of this log.
        """
        last = self._uri(after)
        found = self._objects.list(S3Uri(last.bucket, f"{self.folder.key}/"), after=last.key)
        with ThreadPoolExecutor(max_workers=POOL_SIZE) as pool:
            return list(pool.map(self._read, [head.uri for head in found]))

    def add(self, entry: E) -> bool:
        """Write an entry at the key of its version; False when another entry has it.

        boto3 repeats a write whose response is lost, and S3 refuses the repetition: then the entry
        at that key is this one.
        """
        uri = self._uri(entry.version)
        if self._objects.create(uri, canonical_json(entry).encode(), "application/json"):
            return True
        return self._objects.head(uri) is not None and self._read(uri).id == entry.id

    def _uri(self, version: int) -> S3Uri:
        return self.folder / f"{version:08d}.json"

    def _read(self, uri: S3Uri) -> E:
        try:
            entry = self._objects.record(uri, self._entry_type)
        except ManifestCorrupt as error:
            raise ManifestCorrupt(f"{uri} is not an entry of a review log. {error}") from error
        if self._uri(entry.version) != uri:
            raise ManifestCorrupt(f"{uri} says it is entry {entry.version} of its log.")
        return entry
