"""List and read all objects of a workspace: manifests, records, tables, pages, pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import PurePosixPath
from typing import Any, TypeVar

from storyboard_ops.core.removal.mention_filter import header_of
from storyboard_ops.domain.bounded_text import read_json
from storyboard_ops.domain.input_limits import MIB
from storyboard_ops.domain.manifest_codec import ManifestHeader
from storyboard_ops.domain.object_keys import S3Uri, Workspace
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.gateways.aws.call_pool import POOL_SIZE
from storyboard_ops.gateways.removal.stored_versions import StoredVersion, StoredVersions
from storyboard_ops.gateways.removal.version_table import VersionTable
from storyboard_ops.gateways.storage.object_store import ObjectStore
from storyboard_ops.steps.run.clients import Clients

Item = TypeVar("Item")
T = TypeVar("T")

#: What a studio uploaded and what removals write; never searched.
NOT_DERIVED = ("videos/", "incoming/", "productions/", "scripts/", "removals/", "removed.json")
TEXT = frozenset({".json", ".jsonl", ".csv"})
ANSWERS = "library/answers/"
AT_ONCE = 4 * POOL_SIZE
#: Larger manifests are read a part at a time; of others some are held at once.
MOST_HELD = 4 * MIB


@dataclass(frozen=True)
class WorkspaceScan:
    """The objects of one workspace, listed once."""

    workspace: Workspace
    clients: Clients
    #: Kind of each manifest read so far, so that it is not read again for another kind.
    _kinds: dict[StoredVersion, str] = field(default_factory=dict)

    @cached_property
    def objects(self) -> ObjectStore:
        return ObjectStore(self.clients("s3"))

    @cached_property
    def versions(self) -> StoredVersions:
        return StoredVersions(self.clients("s3"))

    @cached_property
    def stored(self) -> VersionTable:
        """Every version of every object in the workspace."""
        root = self.workspace.root
        return VersionTable(root.bucket, self.versions.list(root / ""))

    @property
    def derived(self) -> Iterator[StoredVersion]:
        """Every version that the pipeline has made."""
        return (s for s in self.stored if self._is_derived(s))

    def current(self, below: str = "") -> Iterator[StoredVersion]:
        """Yield the latest versions of existing objects, or of those below a key like ``runs/``."""
        prefix = (self.workspace.root / "").key + below
        return (s for s in self.stored.current(prefix) if self._is_derived(s))

    def find(self, uri: str) -> StoredVersion | None:
        """Return the latest version of an object that the pipeline has made; None without one."""
        found = self.stored.find(S3Uri.parse(uri))
        return found if found and self._is_derived(found) else None

    def _is_derived(self, stored: StoredVersion) -> bool:
        return not self.key(stored.uri).startswith(NOT_DERIVED)

    def key(self, uri: S3Uri) -> str:
        """Return the key inside the workspace, e.g. ``runs/run-1/report.html``."""
        return uri.key.removeprefix((self.workspace.root / "").key)

    def run_of(self, uri: S3Uri) -> str:
        """Return the key of the run that made an object; empty when runs share it."""
        parts = self.key(uri).split("/")
        return parts[1] if parts[0] == "runs" and len(parts) > 2 else ""

    def texts(self) -> Iterator[StoredVersion]:
        """Yield versions of everything that may contain lineage: manifests, records, tables."""
        for stored in self.derived:
            if PurePosixPath(stored.uri.key).suffix in TEXT and not stored.marker:
                yield stored

    def rows(self, *kinds: str) -> Iterator[tuple[StoredVersion, dict[str, Any]]]:
        """Yield manifest rows, of all or some kinds, each with the version that contains it."""
        known = self._kinds
        manifests = (
            stored
            for stored in self.texts()
            if stored.uri.key.endswith(".jsonl")
            and (not kinds or known.get(stored, kinds[0]) in kinds)
        )
        for stored, found in call_in_order(self.lines, manifests):
            lines = iter(found)
            header = header_of(next(lines, b""))
            known[stored] = header.kind if header else ""
            if header is not None and (not kinds or header.kind in kinds):
                for line in filter(None, lines):
                    yield stored, read_json(line, f"A row of {stored.uri}")

    def lines(self, stored: StoredVersion) -> Iterable[bytes]:
        """Return the lines of an object; they are read as they are taken where it is large."""
        if stored.size > MOST_HELD:
            return self.versions.lines(stored)
        return self.versions.get(stored).split(b"\n")

    def header(self, uri: S3Uri) -> ManifestHeader | None:
        """Read the header of a current manifest; None when it does not exist."""
        found = self.find(str(uri))
        return header_of(next(iter(self.lines(found)), b"")) if found else None

    def bodies(self, chosen: Iterable[StoredVersion]) -> Iterator[tuple[StoredVersion, bytes]]:
        """Yield several versions with their bytes, several at a time, in order."""
        return call_in_order(self.versions.get, chosen)

    def small_bodies(
        self, chosen: Iterable[StoredVersion]
    ) -> Iterator[tuple[StoredVersion, bytes | None]]:
        """Yield several versions with their bytes, None for large ones, in order."""
        return call_in_order(
            lambda stored: None if stored.size > MOST_HELD else self.versions.get(stored), chosen
        )

    def runs(self) -> list[str]:
        """Return the keys of all runs, sorted."""
        return sorted({run for s in self.current("runs/") if (run := self.run_of(s.uri))})

    def production_of(self, run: str) -> Production | None:
        """Read the production of a run, as preflight wrote it."""
        found = self.find(str(self.workspace.run(run) / "production.json"))
        return self.versions.record(found, Production) if found else None


def call_in_order(call: Callable[[Item], T], items: Iterable[Item]) -> Iterator[tuple[Item, T]]:
    """Yield every item with the result of a call, in order, a few calls at a time.

    Raises the first error.
    """
    with ThreadPoolExecutor(POOL_SIZE) as pool:
        waiting = iter(items)
        while batch := list(islice(waiting, AT_ONCE)):
            yield from zip(batch, pool.map(call, batch), strict=True)
