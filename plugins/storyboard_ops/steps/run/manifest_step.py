"""Find the manifest that an earlier try made from the same input, or make and commit it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.gateways.storage.object_store import ManifestStore
from storyboard_ops.gateways.storage.record_spool import RecordSpool

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Made:
    """The result of a step: the records of its manifest, and the summary of its header."""

    records: Sequence[Record] | RecordSpool
    summary: Mapping[str, Any] = field(default_factory=dict)
    #: Key to write the manifest to when later calls must not find it, e.g. a partial one.
    instead_at: S3Uri | None = None


def find_or_make(
    manifests: ManifestStore,
    uri: S3Uri,
    kind: str,
    digest: str,
    make: Callable[[str], Made],
    *,
    is_valid: Callable[[ManifestRef], bool] = lambda found: True,
) -> ManifestRef:
    """Return the manifest at ``uri`` that was made from the same input, or make and commit it.

    ``digest`` covers everything that decides the result: the step's VERSION, the digests of the
    manifests that it reads, the settings that it uses. ``make`` gets the digest, writes every
    object that the records name, and returns the records; if it raises, no manifest is written.
    ``is_valid`` checks a manifest that was found; one that is no longer valid is made again.
    """
    found = manifests.find(uri, digest)
    if found is not None and is_valid(found[0]):
        log.info("%s was made before from the same input.", uri)
        return found[0]
    made = make(digest)
    return manifests.commit(made.instead_at or uri, kind, digest, made.records, dict(made.summary))
