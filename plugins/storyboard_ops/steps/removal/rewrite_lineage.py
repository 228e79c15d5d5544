"""What manifests, records and tables become once removed material is taken out of them.

A reference to a manifest that is rewritten is rewritten too, wherever it stands, so that count and
digest hold. A manifest keeps the digest of its input: it is what its step made, less what was
removed, and a step that is cleared finds it as such.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import numpy as np

from storyboard_ops.core.removal.mention_filter import (
    Marks,
    clean_json,
    clean_lines,
    clean_table,
)
from storyboard_ops.core.removal.person_removal import without_character
from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.manifest_codec import ManifestRef, sha256_hex
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.removal.removal_records import RemovalRequest
from storyboard_ops.domain.training.retraining_records import ApprovedDataset
from storyboard_ops.gateways.removal.stored_versions import StoredVersion
from storyboard_ops.steps.removal.workspace_scan import ANSWERS, WorkspaceScan

EMBEDDINGS = "embeddings.npy"
#: A promoted model stays what it is, whatever became of the pictures: only references follow.
MODEL_LINES = "models/"


@dataclass(frozen=True)
class Change:
    """What becomes of one version of one object."""

    stored: StoredVersion
    body: bytes | None  # None: nothing of it is left
    rows: int = 0  # that it loses


@dataclass
class LineageRewriter:
    """Rewrites one workspace; reads everything anew, holds nothing but digests."""

    scan: WorkspaceScan
    request: RemovalRequest
    marks: Marks
    #: URIs that a broken-off removal has rewritten or meant to: references to them are refreshed.
    before: frozenset[str] = frozenset()
    _refs: dict[str, ManifestRef | None] = field(default_factory=dict)

    def changes(self) -> Iterator[Change]:
        """Every version that has to change, what is referred to before what refers to it."""
        gone = self.marks.uris
        chosen = [s for s in self._candidates() if str(s.uri) not in gone]
        for stored, body in zip(chosen, self.scan.bodies(chosen), strict=True):
            cleaned = self._cleaned(stored, body)
            if cleaned != body:
                rows = body.count(b"\n") - cleaned.count(b"\n") if cleaned else body.count(b"\n")
                yield Change(stored, cleaned, rows if _has_rows(stored.uri) else 0)

    def _candidates(self) -> list[StoredVersion]:
        embeddings = [s for s in self.scan.derived if s.uri.name == EMBEDDINGS and not s.marker]
        texts = [s for s in self.scan.texts() if not self.scan.key(s.uri).startswith(ANSWERS)]
        return [*embeddings, *sorted(texts, key=lambda s: _distance(self.scan.key(s.uri)))]

    def _cleaned(self, stored: StoredVersion, body: bytes) -> bytes | None:
        key = self.scan.key(stored.uri)
        special = next((do for fits, do in _SPECIAL if fits(key)), None)
        if special:
            return special(self, stored.uri, body)
        if key.endswith(".jsonl"):
            return clean_lines(body, self.marks, self.refreshed)
        if key.endswith(".csv"):
            return clean_table(body, self.marks)
        return clean_json(body, self.marks, self.refreshed)

    def refreshed(self, uri: str) -> ManifestRef | None:
        """The reference that belongs to a manifest, or to training data, from now on.

        None where it stays what it was.
        """
        if uri not in self._refs:
            self._refs[uri] = None
            stored = self.scan.current.get(uri)
            if stored and uri.endswith(".jsonl"):
                self._refs[uri] = self._reference(stored)
        return self._refs[uri]

    def _reference(self, stored: StoredVersion) -> ManifestRef | None:
        body = self.scan.versions.get(stored)
        cleaned = clean_lines(body, self.marks, self.refreshed)
        if cleaned == body and str(stored.uri) not in self.before:
            return None
        lines = cleaned.count(b"\n")
        rows = lines - 1 if b'"input_digest"' in cleaned.split(b"\n", 1)[0] else lines
        return ManifestRef(uri=str(stored.uri), count=rows, sha256=sha256_hex(cleaned))

    def _approved(self, uri: S3Uri, body: bytes) -> bytes:
        """The entry of an approved dataset, with the digests and counts of what is left of it."""
        entry = ApprovedDataset.model_validate_json(body)
        dataset = entry.dataset
        folder = S3Uri.parse(dataset.training_uri)
        training = self.refreshed(dataset.training_uri)
        evaluation = self._pictures_left(f"s3://{folder.bucket}/{_parent(folder.key)}/evaluation/")
        update = {
            "images": self.refreshed(dataset.images.uri) or dataset.images,
            "training_sha256": training.sha256 if training else dataset.training_sha256,
            "training": training.count if training else dataset.training,
            "evaluation": evaluation,
        }
        changed = dataset.model_copy(update=update)
        if changed == dataset:
            return body
        approved = changed.training + changed.evaluation
        left = entry.model_copy(update={"dataset": changed, "approved": approved})
        return canonical_json(left).encode()

    def _pictures_left(self, folder: str) -> int:
        pictures = (u for u in self.scan.current if u.startswith(folder) and u.endswith(".png"))
        return sum(uri not in self.marks.uris for uri in pictures)

    def _production(self, uri: S3Uri, body: bytes) -> bytes | None:
        """The sheet of a run, without a removed person; None when nobody else is in it."""
        sheet = Production.model_validate_json(body)
        if not self.request.character or sheet.slug != self.request.production:
            return body
        left = without_character(sheet, self.request.character)
        if left == sheet:
            return body
        return canonical_json(left).encode() if left else None

    def _embeddings(self, uri: S3Uri, body: bytes) -> bytes:
        """The rows of pictures that stay; their ids stand in the file beside."""
        beside = str(uri).replace(EMBEDDINGS, "embeddings.json")
        ids = json.loads(self.scan.versions.get(self.scan.current[beside]))
        rows = np.load(io.BytesIO(body), allow_pickle=False)
        keep = [row for row, image_id in enumerate(ids) if image_id not in self.marks.digests]
        if len(ids) != len(rows) or len(keep) == len(ids):
            return body  # an earlier, broken-off removal was here, or there is nothing to do
        file = io.BytesIO()
        np.save(file, rows[keep], allow_pickle=False)
        return file.getvalue()

    def _as_asked(self, uri: S3Uri, body: bytes) -> bytes:
        """What people asked a run for: it names films and shows nothing of them."""
        return body

    def _followed(self, uri: S3Uri, body: bytes) -> bytes:
        return clean_json(body, Marks(), self.refreshed) or body


def _distance(key: str) -> int:
    """How far a manifest is from the film: the farther, the later it is rewritten."""
    order = ("library/", "/crops/", "/captions/", "/dataset/candidates", "/review/", "/dataset/")
    return next((place for place, part in enumerate(order) if part in f"/{key}"), len(order))


def _has_rows(uri: S3Uri) -> bool:
    return PurePosixPath(uri.key).suffix in (".jsonl", ".csv")


def _parent(key: str) -> str:
    return str(PurePosixPath(key).parent)


_Special = Callable[[LineageRewriter, S3Uri, bytes], "bytes | None"]
_SPECIAL: tuple[tuple[Callable[[str], bool], _Special], ...] = (
    (lambda key: key.startswith("approved/"), LineageRewriter._approved),
    (lambda key: key.startswith(MODEL_LINES), LineageRewriter._followed),
    (lambda key: key.endswith("/settings.json"), LineageRewriter._as_asked),
    (lambda key: key.endswith("/production.json"), LineageRewriter._production),
    (lambda key: key.endswith(f"/{EMBEDDINGS}"), LineageRewriter._embeddings),
)
