"""Rewrite manifests, records and tables without the removed material.

Every reference to a rewritten manifest is rewritten too, so that its count and digest stay valid. A
manifest keeps the digest of its input: it is the result of its step, less what was removed, and a
cleared step finds it as such.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

import numpy as np

from storyboard_ops.core.removal.mention_filter import (
    LineCleaner,
    Marks,
    clean_json,
    clean_lines,
    clean_table,
)
from storyboard_ops.core.removal.person_removal import scenes_without, without_character
from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.bounded_text import read_json
from storyboard_ops.domain.manifest_codec import ManifestRef, decode_record, sha256_hex
from storyboard_ops.domain.object_keys import BOARDS, S3Uri
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.removal.removal_records import RemovalRequest
from storyboard_ops.domain.storyboard.board_revision import BoardRevision
from storyboard_ops.domain.training.retraining_records import ApprovedDataset
from storyboard_ops.gateways.removal.stored_versions import StoredVersion
from storyboard_ops.gateways.storage.numpy_rows import ChosenRows, NumpyRows
from storyboard_ops.gateways.storage.record_spool import ManifestBody, RecordSpool
from storyboard_ops.steps.removal.workspace_scan import ANSWERS, MOST_HELD, WorkspaceScan
from storyboard_ops.steps.storyboard.board.revise_board import RECORD as BOARD_RECORD

EMBEDDINGS = "embeddings.npy"
#: A promoted model stays on record when its pictures are removed: only references change.
MODEL_LINES = "models/"
#: The revision that a run has drawn.
BOARD_OF_RUN = f"/{BOARD_RECORD}"


#: The bytes of an object, or a file that is read once.
Body = bytes | ChosenRows | ManifestBody


@dataclass(frozen=True)
class Change:
    """The new body of one version of one object."""

    stored: StoredVersion
    body: Body | None  # None: delete the version
    rows: int = 0  # number of rows removed

    def without_body(self) -> Change:
        """Return the same change with an empty body, unless the version is deleted."""
        return self if self.body is None else replace(self, body=b"")


@dataclass
class LineageRewriter:
    """Rewrites one workspace; reads objects again each time and keeps only digests."""

    scan: WorkspaceScan
    request: RemovalRequest
    marks: Marks
    #: URIs that an interrupted removal rewrote or planned to: references to them are refreshed.
    before: frozenset[str] = frozenset()
    _refs: dict[str, ManifestRef | None] = field(default_factory=dict)

    def changes(self) -> Iterator[Change]:
        """Yield every version that must change: an object comes before those that refer to it."""
        gone = self.marks.uris
        chosen = [s for s in self._candidates() if str(s.uri) not in gone]
        for stored, body in self.scan.small_bodies(chosen):
            if body is None and (stream := _streamed(self.scan.key(stored.uri))):
                yield from stream(self, stored)
                continue
            body = self.scan.versions.get(stored) if body is None else body
            cleaned = self._clean(stored, body)
            if cleaned != body:
                rows = body.count(b"\n") - cleaned.count(b"\n") if cleaned else body.count(b"\n")
                yield Change(stored, cleaned, rows if _has_rows(stored.uri) else 0)

    def _candidates(self) -> list[StoredVersion]:
        embeddings = [s for s in self.scan.derived if s.uri.name == EMBEDDINGS and not s.marker]
        texts = [s for s in self.scan.texts() if not self.scan.key(s.uri).startswith(ANSWERS)]
        return [*embeddings, *sorted(texts, key=lambda s: _distance(self.scan.key(s.uri)))]

    def _clean(self, stored: StoredVersion, body: bytes) -> bytes | None:
        key = self.scan.key(stored.uri)
        special = next((do for fits, do in _SPECIAL if fits(key)), None)
        if special:
            return special(self, stored.uri, body)
        if key.endswith(".jsonl"):
            return clean_lines(body, self.marks, self.refresh, what=str(stored.uri))
        if key.endswith(".csv"):
            return clean_table(body, self.marks)
        return clean_json(body, self.marks, self.refresh, what=str(stored.uri))

    def refresh(self, uri: str) -> ManifestRef | None:
        """Return the new reference to a manifest or to training data.

        None when the reference stays the same.
        """
        if uri not in self._refs:
            self._refs[uri] = None
            stored = self.scan.find(uri)
            if stored and uri.endswith(".jsonl"):
                self._refs[uri] = self._make_reference(stored)
        return self._refs[uri]

    def _make_reference(self, stored: StoredVersion) -> ManifestRef | None:
        if stored.size > MOST_HELD:
            cleaner, left = self._clean_rows(stored)
            is_changed, rows, sha256 = cleaner.is_changed, left.rows, left.sha256
        else:
            body = self.scan.versions.get(stored)
            cleaned = clean_lines(body, self.marks, self.refresh, what=str(stored.uri))
            lines = cleaned.count(b"\n")
            has_header = b'"input_digest"' in cleaned.split(b"\n", 1)[0]
            is_changed, rows = cleaned != body, lines - has_header
            sha256 = sha256_hex(cleaned)
        if not is_changed and str(stored.uri) not in self.before:
            return None
        return ManifestRef(uri=str(stored.uri), count=rows, sha256=sha256)

    def _clean_rows(self, stored: StoredVersion) -> tuple[LineCleaner, ManifestBody]:
        """Clean JSON Lines of any number; returns what is left of them, too."""
        cleaner, rows = LineCleaner(self.marks, self.refresh, str(stored.uri)), RecordSpool()
        for line in cleaner.rows(filter(None, self.scan.lines(stored))):
            rows.append_line(line + b"\n")
        return cleaner, ManifestBody(b"".join(line + b"\n" for line in cleaner.head), rows)

    def _clean_large_rows(self, stored: StoredVersion) -> Iterator[Change]:
        cleaner, body = self._clean_rows(stored)
        if cleaner.is_changed:
            yield Change(stored, body, cleaner.lost)

    def _clean_large_embeddings(self, stored: StoredVersion) -> Iterator[Change]:
        """Keep the rows of pictures that stay, see ``_clean_embeddings``."""
        ids = self._ids_of(stored.uri)
        if ids is None:
            yield Change(stored, None)
            return
        keep = [image_id not in self.marks.digests for image_id in ids]
        table = NumpyRows(self.scan.versions.chunks(stored))
        if table.shape[0] == len(ids) and not all(keep):
            yield Change(stored, table.chosen(keep))

    def _clean_approved(self, uri: S3Uri, body: bytes) -> bytes:
        """Update the entry of an approved dataset to the digests and counts of what is left."""
        entry = decode_record(body, ApprovedDataset, str(uri))
        dataset = entry.dataset
        folder = S3Uri.parse(dataset.training_uri)
        training = self.refresh(dataset.training_uri)
        evaluation = self._count_pictures(f"s3://{folder.bucket}/{_parent(folder.key)}/evaluation/")
        update = {
            "images": self.refresh(dataset.images.uri) or dataset.images,
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

    def _count_pictures(self, folder: str) -> int:
        below = self.scan.current(f"{self.scan.key(S3Uri.parse(folder))}/")
        pictures = (uri for stored in below if (uri := str(stored.uri)).endswith(".png"))
        return sum(uri not in self.marks.uris for uri in pictures)

    def _clean_production(self, uri: S3Uri, body: bytes) -> bytes | None:
        """Return the sheet of a run without a removed person; None when no character is left."""
        sheet = decode_record(body, Production, str(uri))
        if not self.request.character or sheet.slug != self.request.production:
            return body
        left = without_character(sheet, self.request.character)
        if left == sheet:
            return body
        return canonical_json(left).encode() if left else None

    def _clean_board(self, uri: S3Uri, body: bytes) -> bytes | None:
        """Return a revision of a board without a removed person; None when no panel is left."""
        run = self.scan.run_of(uri)
        sheet = self.scan.production_of(run) if run else None
        own = sheet.slug if sheet else self.scan.key(uri).removeprefix(BOARDS).partition("/")[0]
        if not self.request.character or own != self.request.production:
            return body
        board = decode_record(body, BoardRevision, str(uri))
        left = scenes_without(board.scenes, self.request.character)
        if left == board.scenes:
            return body
        return canonical_json(board.model_copy(update={"scenes": left})).encode() if left else None

    def _clean_embeddings(self, uri: S3Uri, body: bytes) -> bytes | None:
        """Keep the rows of pictures that stay; embeddings.json next to it lists their ids."""
        ids = self._ids_of(uri)
        if ids is None:
            return None  # nobody knows what the rows are
        rows = np.load(io.BytesIO(body), allow_pickle=False)
        keep = [row for row, image_id in enumerate(ids) if image_id not in self.marks.digests]
        if len(ids) != len(rows) or len(keep) == len(ids):
            return body  # an interrupted removal rewrote it already, or there is nothing to do
        file = io.BytesIO()
        np.save(file, rows[keep], allow_pickle=False)
        return file.getvalue()

    def _ids_of(self, uri: S3Uri) -> list[str] | None:
        """Return the image ids of the rows of embeddings; None where they are not known."""
        ids_uri = str(uri).replace(EMBEDDINGS, "embeddings.json")
        stored = self.scan.find(ids_uri)
        return read_json(self.scan.versions.get(stored), ids_uri) if stored else None

    def _keep(self, uri: S3Uri, body: bytes) -> bytes:
        """Keep the settings of a run: they name films but show nothing of them."""
        return body

    def _refresh_references(self, uri: S3Uri, body: bytes) -> bytes:
        return clean_json(body, Marks(), self.refresh, what=str(uri)) or body


def _distance(key: str) -> int:
    """Return how far a manifest is from the film: a more distant one is rewritten later."""
    order = ("library/", "/crops/", "/captions/", "/dataset/candidates", "/review/", "/dataset/")
    return next((place for place, part in enumerate(order) if part in f"/{key}"), len(order))


def _has_rows(uri: S3Uri) -> bool:
    return PurePosixPath(uri.key).suffix in (".jsonl", ".csv")


def _parent(key: str) -> str:
    return str(PurePosixPath(key).parent)


_Special = Callable[[LineageRewriter, S3Uri, bytes], "bytes | None"]
_SPECIAL: tuple[tuple[Callable[[str], bool], _Special], ...] = (
    (lambda key: key.startswith("approved/"), LineageRewriter._clean_approved),
    (
        lambda key: key.startswith(BOARDS) or key.endswith(BOARD_OF_RUN),
        LineageRewriter._clean_board,
    ),
    (lambda key: key.startswith(MODEL_LINES), LineageRewriter._refresh_references),
    (lambda key: key.endswith("/settings.json"), LineageRewriter._keep),
    (lambda key: key.endswith("/production.json"), LineageRewriter._clean_production),
    (lambda key: key.endswith(f"/{EMBEDDINGS}"), LineageRewriter._clean_embeddings),
)


_Streamed = Callable[[LineageRewriter, StoredVersion], Iterator[Change]]


def _streamed(key: str) -> _Streamed | None:
    """Return how to clean a large object a part at a time; None where it is read whole."""
    if key.endswith(f"/{EMBEDDINGS}"):
        return LineageRewriter._clean_large_embeddings
    return LineageRewriter._clean_large_rows if key.endswith(".jsonl") else None
