"""Remove a film, a part of it or a person from everything that was made from it.

The order makes a kill harmless at any moment: first the record, which lists what to delete; then
the tombstone, so that nothing new is made; then the manifests, so that none names a missing object;
then the objects; then the pages, rebuilt. A removal that runs again continues where it stopped, and
is done when a new search for the material finds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from storyboard_ops.core.removal.page import render_removal
from storyboard_ops.domain.error_tree import RemovalIncomplete
from storyboard_ops.domain.money.paid_usage import Receipt
from storyboard_ops.domain.object_keys import S3Uri, Workspace
from storyboard_ops.domain.removal.removal_records import (
    AffectedModel,
    ObjectLine,
    RemovalRecord,
    RemovalRequest,
)
from storyboard_ops.domain.sampling.film_spans import Tombstone
from storyboard_ops.domain.utc_time import iso, utc_now
from storyboard_ops.gateways.include_files import include_text
from storyboard_ops.gateways.review.human_review import HumanReview
from storyboard_ops.gateways.storage.object_store import ObjectStore
from storyboard_ops.gateways.storage.record_spool import ManifestBody
from storyboard_ops.steps.detection.forget_detectors import forget_detectors
from storyboard_ops.steps.release.release_resources import release_everything
from storyboard_ops.steps.removal.find_material import (
    PAGES,
    FoundMaterial,
    find_material,
    object_line,
)
from storyboard_ops.steps.removal.remake_pages import remake_pages
from storyboard_ops.steps.removal.rewrite_lineage import Body
from storyboard_ops.steps.removal.workspace_scan import WorkspaceScan
from storyboard_ops.steps.run.clients import Clients
from storyboard_ops.steps.run.earlier_runs import tools_of_run
from storyboard_ops.steps.run.tombstones import add_tombstone, read_removal

TEMPLATE, STYLE = "templates/removal.html.j2", "templates/report.css"


@dataclass(frozen=True)
class Removal:
    """One removal from one workspace."""

    request: RemovalRequest
    clients: Clients
    clock: Callable[[], datetime] = utc_now

    @property
    def workspace(self) -> Workspace:
        return Workspace.at(self.request.workspace)

    def plan(self) -> RemovalRecord:
        """Return what would be deleted and rewritten; changes nothing."""
        scan, earlier = self._open_scan(), self._read_earlier()
        return self._make_record(scan, find_material(scan, self.request, earlier), earlier)

    def carry_out(self) -> RemovalRecord:
        """Delete and rewrite; returns the record, which is in ``removals/`` with its page.

        Raises RemovalIncomplete when something is left; a second call continues.
        """
        scan, earlier = self._open_scan(), self._read_earlier()
        found = find_material(scan, self.request, earlier)
        record = self._make_record(scan, found, earlier)
        self._write(record.model_copy(update={"state": "begun"}))
        add_tombstone(scan.objects, self.workspace, self._make_tombstone(record))
        self._stop_loops(record.stopped_loops)
        self._rewrite(found)
        scan.versions.delete(found.deletions)
        notes = [*record.notes, *self._rebuild_pages(found.pages)]
        notes += self._forget_detectors()
        models = self._release_models(record.models)
        done = record.model_copy(
            update={
                "state": "done",
                "done_at": iso(self.clock()),
                "models": models,
                "notes": tuple(dict.fromkeys(notes)),
                "deleted": _without_remade(scan, record.deleted),
                "to_delete": (),
            }
        )
        self._confirm(record)
        self._write(done)
        return done

    def _open_scan(self) -> WorkspaceScan:
        return WorkspaceScan(self.workspace, self.clients)

    def _read_earlier(self) -> RemovalRecord:
        """Read the record of the same removal, begun or done before; an empty one without it."""
        removal_id = self.request.removal_id
        empty = RemovalRecord(removal_id=removal_id, state="planned", request=self.request)
        return read_removal(self._open_scan().objects, self.workspace, removal_id) or empty

    def _make_record(
        self, scan: WorkspaceScan, found: FoundMaterial, earlier: RemovalRecord
    ) -> RemovalRecord:
        marks = found.rewriter.marks
        deletions = tuple(object_line(s) for s in found.deletions if not s.marker)
        runs = sorted({*found.runs, *earlier.runs})
        receipts = {run: str(self.workspace.run(run) / "receipt.json") for run in runs}
        loops = (*earlier.stopped_loops, *self._find_open_loops(scan, found))
        return RemovalRecord(
            removal_id=self.request.removal_id,
            state="planned",
            request=self.request,
            spans=tuple(marks.spans),
            begun_at=earlier.begun_at or iso(self.clock()),
            deleted=_merge_lines(earlier.deleted, deletions),
            to_delete=deletions,
            rewritten=_merge_lines(earlier.rewritten, found.changes),
            pages=found.pages,
            runs=tuple(runs),
            unfinished_runs=tuple(run for run in runs if scan.find(receipts[run]) is None),
            models=_merge_models(earlier, found),
            stopped_loops=tuple(dict.fromkeys(loops)),
            digests=tuple(sorted(marks.digests)),
            notes=tuple(self._list_notes(scan, found.models)),
        )

    def _list_notes(self, scan: WorkspaceScan, models: Iterable[AffectedModel]) -> Iterable[str]:
        """Yield what this removal does not do, and who can do it."""
        inside = f"{self.workspace.root}/"
        if self.request.film_uri and not self.request.whole_film:
            yield f"The film itself, {self.request.film}, still shows it: cut it out of the film."
        elif self.request.film_uri and not self.request.delete_film:
            yield f"The film itself, {self.request.film}, is kept. To delete it, set delete_film."
        elif self.request.delete_film and not self.request.film_uri.startswith(inside):
            yield f"The film itself, {self.request.film}, is not in the workspace: delete it there."
        for line in self._find_promoted(scan, {model.model_arn for model in models} - {""}):
            yield f"{line} names a model that was trained on it. Train and promote another."
        if self.request.character:
            yield (
                f"The production file still names {self.request.character}. Remove the entry "
                "and its reference pictures; runs that name the character are refused."
            )
        if scan.versions.keeps_versions(self.workspace.root.bucket):
            yield "The bucket keeps versions. Every version was searched."
        yield (
            "Nothing outside the workspace was changed: copies in out/, downloads, backups, "
            "replicas of the bucket, and models that are kept."
        )

    def _find_promoted(self, scan: WorkspaceScan, arns: set[str]) -> Iterable[str]:
        """Yield the URIs of the productions' model lines that name one of these models."""
        for stored, body in scan.bodies(scan.current("models/")):
            if any(arn.encode() in body for arn in arns):
                yield str(stored.uri)

    def _make_tombstone(self, record: RemovalRecord) -> Tombstone:
        request = self.request
        return Tombstone(
            removal_id=record.removal_id,
            what=request.what,
            video_uri=request.film_uri if request.whole_film else "",
            spans=record.spans,
            production=request.production,
            character=request.character,
            reason=request.reason,
            requested_by=request.requested_by,
            removed_at=record.begun_at,
        )

    def _human_review(self) -> HumanReview:
        return HumanReview(self.clients("sagemaker"), self.clients("sagemaker-a2i-runtime"))

    def _find_open_loops(self, scan: WorkspaceScan, found: FoundMaterial) -> list[str]:
        """Find open human loops that show removed pictures."""
        showing = {
            row["name"]
            for _, row in scan.rows("human_loops")
            if found.rewriter.marks.digests.intersection(row["image_ids"])
        }
        return list(filter(self._is_open, sorted(showing)))

    def _is_open(self, loop: str) -> bool:
        state = self._human_review().find_loop(loop)
        return state is not None and state.status == "InProgress"

    def _stop_loops(self, names: Iterable[str]) -> None:
        """Stop the loops that are still open: an earlier try or reviewers may have ended some."""
        for name in filter(self._is_open, names):
            self._human_review().stop_loop(name)

    def _rewrite(self, found: FoundMaterial) -> None:
        """Write every changed manifest, upstream first, and delete its previous version."""
        kept = {line.uri for line in found.changes}
        for change in found.rewriter.changes():
            stored = change.stored
            if str(stored.uri) not in kept or not stored.latest or change.body is None:
                continue
            _write_body(found.rewriter.scan.objects, stored.uri, change.body)
            if stored.version:
                found.rewriter.scan.versions.delete([stored])

    def _rebuild_pages(self, pages: Iterable[str]) -> list[str]:
        """Rebuild pages from what is left; returns a note for each that could not be rebuilt."""
        gone = remake_pages(self.workspace, self.clients, pages)
        return [f"{page} was deleted: its sources no longer exist." for page in gone]

    def _release_models(self, models: Iterable[AffectedModel]) -> tuple[AffectedModel, ...]:
        """Delete the models, when requested, as the teardown of their runs does."""
        models = tuple(models)
        if self.request.delete_models:
            for run in sorted({model.run_key for model in models if model.exists}):
                self._release_run(run)
        deleted_at = iso(self.clock())
        return tuple(
            model.model_copy(update={"exists": False, "deleted_at": deleted_at})
            if self.request.delete_models and model.exists
            else model
            for model in models
        )

    def _forget_detectors(self) -> list[str]:
        """Delete detectors made from a person's reference pictures; returns a note for each."""
        if not self.request.character:
            return []
        names = forget_detectors(self.clients, self.workspace, self.request.production)
        return [f"{name} was deleted: it was made from the reference pictures." for name in names]

    def _release_run(self, run: str) -> Receipt:
        tools = tools_of_run(self.workspace, self.clients, run)
        assert tools is not None  # a run that requested a model has settings
        releasing = tools.settings.model_copy(
            update={"keep_model": False, "keep_capacity_until": None}
        )
        return release_everything(replace(tools, settings=releasing))

    def _confirm(self, record: RemovalRecord) -> None:
        """Raise RemovalIncomplete when something is left; rebuilt pages do not count."""
        known = record.model_copy(update={"state": "begun", "to_delete": ()})
        left = find_material(self._open_scan(), self.request, known)
        if left.is_empty:
            return
        names = [str(stored.uri) for stored in left.deletions]
        names += [line.uri for line in left.changes]
        raise RemovalIncomplete(
            f"{len(names)} objects still contain removed material, the first is {names[0]}: a run "
            "wrote them during the removal. Start the removal again when the run has ended."
        )

    def _write(self, record: RemovalRecord) -> None:
        objects = self._open_scan().objects
        body = record.model_dump_json(indent=2).encode()  # people open this file
        page = render_removal(record, include_text(TEMPLATE), include_text(STYLE)).encode()
        place = self.workspace.removal
        objects.put(place(record.removal_id, "json"), body, "application/json")
        objects.put(place(record.removal_id, "html"), page, "text/html; charset=utf-8")


def _merge_models(earlier: RemovalRecord, found: FoundMaterial) -> tuple[AffectedModel, ...]:
    """Return the current models, and keep what an earlier try deleted on the record."""
    deleted = {m.job_name: m for m in earlier.models if m.deleted_at}
    return tuple(deleted.get(model.job_name, model) for model in found.models)


def _merge_lines(before: Iterable[ObjectLine], now: Iterable[ObjectLine]) -> tuple[ObjectLine, ...]:
    """Merge both, each version once; the earlier line of a version wins."""
    lines: dict[tuple[str, str], ObjectLine] = {}
    for line in (*before, *now):
        lines.setdefault((line.uri, line.version), line)
    return tuple(lines.values())


def _without_remade(scan: WorkspaceScan, lines: tuple[ObjectLine, ...]) -> tuple[ObjectLine, ...]:
    """Leave out pages that exist again: they were rebuilt, not deleted."""
    pages = {line.uri for line in lines if line.uri.endswith(PAGES)}
    there = {page for page in pages if scan.objects.head(S3Uri.parse(page))}
    return tuple(line for line in lines if line.uri not in there)


def _write_body(objects: ObjectStore, uri: S3Uri, body: Body) -> None:
    if isinstance(body, bytes):
        objects.put(uri, body, _content_type(uri))
    elif isinstance(body, ManifestBody):
        objects.put_manifest(uri, body)
    else:
        file: Any = body
        objects.upload(file, uri, _content_type(uri))


def _content_type(uri: S3Uri) -> str:
    types = {"jsonl": "application/x-ndjson", "json": "application/json", "csv": "text/csv"}
    return types.get(uri.key.rpartition(".")[2], "application/octet-stream")
