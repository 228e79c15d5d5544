"""Find everything in a workspace that descends from removed material; read-only.

Lineage leads to it: manifest rows whose frame is in a removed span of film, and the objects they
name; objects whose key names a removed picture (copies, captions, thumbnails, in any layout); paid
answers about one; panels drawn by a model that was trained on one; pages that may show one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from storyboard_ops.core.dataset.layouts import IMAGES, PROPS
from storyboard_ops.core.removal.mention_filter import Marks
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.removal.removal_records import (
    AffectedModel,
    ObjectLine,
    RemovalRecord,
    RemovalRequest,
)
from storyboard_ops.domain.sampling.film_spans import FilmSpans
from storyboard_ops.domain.storyboard.drawn_picture import PICTURE_ANSWERS
from storyboard_ops.domain.training.model_facts import Claim, TrainedModel
from storyboard_ops.domain.training.panel_sources import shows_references
from storyboard_ops.gateways.removal.stored_versions import StoredVersion
from storyboard_ops.gateways.storage.answer_store import PaidAnswer
from storyboard_ops.gateways.training.bedrock_control import BedrockControl
from storyboard_ops.steps.removal.resolve_removal import frame_in, resolve_removal
from storyboard_ops.steps.removal.rewrite_lineage import LineageRewriter
from storyboard_ops.steps.removal.workspace_scan import ANSWERS, WorkspaceScan, call_in_order

#: Kept in ``dataset/`` when no picture is left: it is a manifest of all candidates.
CANDIDATES = "dataset/candidates.jsonl"
#: In the keys of the pictures that a drawing job is shown.
JOB_REFERENCES = "/references/"
#: Rebuilt from what is left, whenever a run has changed.
REMADE = ("/report.html", "/dataset/card.json", "/dataset/README.md")
#: Suffixes of the keys of pages, which contain what they show as pixels and words.
PAGES = (".html", *REMADE)


@dataclass(frozen=True)
class FoundMaterial:
    """What descends from removed material in the workspace, at this moment."""

    rewriter: LineageRewriter
    models: tuple[AffectedModel, ...]
    deletions: tuple[StoredVersion, ...]
    changes: tuple[ObjectLine, ...]  # what to rewrite, in this order
    pages: tuple[str, ...]  # URIs of what to rebuild from what is left; they are deleted first
    runs: tuple[str, ...]  # keys of the runs that lose something

    @property
    def is_empty(self) -> bool:
        """Whether nothing of the removed material is left."""
        return not self.deletions and not self.changes


def find_material(
    scan: WorkspaceScan, request: RemovalRequest, known: RemovalRecord
) -> FoundMaterial:
    """Find everything to delete and rewrite, including what an interrupted removal had found."""
    # A shot that is already deleted cannot be found by its number.
    known_shot = request.shot is not None and known.spans
    spans = FilmSpans((*known.spans, *(() if known_shot else resolve_removal(scan, request))))
    marks = _mark_pictures(scan, Marks(spans, frozenset(known.digests)))
    named = [stored for stored in scan.derived if _is_descendant(scan, marks, stored)]
    runs = _find_trained_runs(scan, named) | {model.run_key for model in known.models}
    models = _find_models(scan, runs)
    drawn = list(_find_drawn(scan, request, models, marks))
    marks = _mark_panels(scan, marks, drawn)
    answers = _find_answers(scan, marks, {str(stored.uri) for stored in drawn})
    deletions = {*named, *drawn, *answers, *_find_references(scan, request)}
    deletions |= set(_find_model_files(scan, request, models))
    deletions |= {*_find_film(scan, request), *_find_emptied_datasets(scan, deletions)}
    marks = replace(marks, uris=marks.uris | {str(stored.uri) for stored in deletions})
    deletions |= set(_find_undeleted(scan, known))
    begun = known.state == "begun"
    before = frozenset(line.uri for line in known.rewritten) if begun else frozenset()
    rewriter = LineageRewriter(scan, request, marks, before)
    changes = [change.without_body() for change in rewriter.changes()]
    deletions |= {
        change.stored for change in changes if change.body is None or not change.stored.latest
    }
    rewritten = [change for change in changes if change.stored not in deletions]
    touched = {scan.run_of(s.uri) for s in deletions} | {
        scan.run_of(c.stored.uri) for c in rewritten
    }
    others = [s for s in scan.derived if _is_page(scan, s) and s not in deletions and not s.marker]
    naming = {stored for stored in others if _names_removed(scan, marks, stored)}
    touched |= {scan.run_of(page.uri) for page in naming}
    pages = naming | {s for s in others if scan.run_of(s.uri) in touched}
    remade = {str(page.uri) for page in pages if scan.key(page.uri).endswith(REMADE)}
    return FoundMaterial(
        rewriter=rewriter,
        models=models,
        deletions=tuple(sorted(deletions | pages, key=lambda s: (s.uri.key, s.version))),
        changes=tuple(object_line(c.stored, c.rows) for c in rewritten if c.stored not in pages),
        pages=tuple(sorted(remade | (set(known.pages) if begun else set()))),
        runs=tuple(sorted(touched - {""})),
    )


def object_line(stored: StoredVersion, rows: int = 0) -> ObjectLine:
    """Return the line of a version for the record of the removal."""
    return ObjectLine(uri=str(stored.uri), size=stored.size, version=stored.version, rows=rows)


def _mark_pictures(scan: WorkspaceScan, marks: Marks) -> Marks:
    """Add the digests and URIs of every frame and picture in the removed spans."""
    digests, uris = set(marks.digests), set(marks.uris)
    for _, row in scan.rows():
        frame = frame_in(row)
        if frame and marks.covers(frame):
            digests |= {frame["sha256"], row.get("image_id", "")} - {""}
            uris |= {frame["uri"], row.get("uri", "")} - {""}
    return Marks(marks.spans, frozenset(digests), frozenset(uris))


def _is_descendant(scan: WorkspaceScan, marks: Marks, stored: StoredVersion) -> bool:
    """Whether the key of an object belongs to a removed film, frame or picture."""
    key = scan.key(stored.uri)
    if key.startswith(ANSWERS):
        return False
    films = {span.video_sha256 for span in marks.spans if span.whole}
    in_library = key.startswith(tuple(f"library/{sha[:32]}/" for sha in films))
    return in_library or str(stored.uri) in marks.uris or marks.named_in(key)


def _find_trained_runs(scan: WorkspaceScan, deletions: Iterable[StoredVersion]) -> set[str]:
    """Find runs whose published dataset contained removed pictures, and that requested a model."""
    runs = {
        scan.run_of(stored.uri) for stored in deletions if "/dataset/" in f"/{scan.key(stored.uri)}"
    }
    return {run for run in runs if run and (_read_model(scan, run) or _read_job_claims(scan, run))}


def _read_model(scan: WorkspaceScan, run: str) -> TrainedModel | None:
    found = scan.find(str(scan.workspace.run(run) / "model/model.json"))
    return scan.versions.record(found, TrainedModel) if found else None


def _read_job_claims(scan: WorkspaceScan, run: str) -> list[Claim]:
    return [
        scan.versions.record(stored, Claim)
        for kind in ("customization-job", "training-job")
        for stored in scan.current(f"runs/{run}/claims/{kind}/")
    ]


def _find_models(scan: WorkspaceScan, runs: Iterable[str]) -> tuple[AffectedModel, ...]:
    """Find the jobs and models of these runs, and whether the models still exist."""
    control = BedrockControl(scan.clients("bedrock"))
    return tuple(model for run in sorted(runs) for model in _find_models_of_run(scan, control, run))


def _find_models_of_run(
    scan: WorkspaceScan, control: BedrockControl, run: str
) -> Iterator[AffectedModel]:
    finished = _read_model(scan, run)
    names = {claim.name for claim in _read_job_claims(scan, run)}
    for name in sorted(names | ({finished.job_name} if finished else set())):
        job = control.find_job(name)
        known = finished if finished and finished.job_name == name else None
        arn = (job.model_arn if job else "") or (known.model_arn if known else "")
        if arn.startswith("s3://"):
            yield _in_workspace(scan, known, arn, run)
            continue
        model = control.find_model(arn) if arn else None
        yield AffectedModel(
            run_key=run,
            job_name=name,
            job_arn=(job.arn if job else "") or (known.job_arn if known else ""),
            model_name=model.name if model else "",
            model_arn=arn,
            exists=model is not None,
        )


def _in_workspace(
    scan: WorkspaceScan, known: TrainedModel | None, folder: str, run: str
) -> AffectedModel:
    """Return a model whose files are in the workspace."""
    return AffectedModel(
        run_key=run,
        job_name=known.job_name if known else "",
        job_arn=known.job_arn if known else "",
        model_name=known.job_name if known else "",
        model_arn=folder,
        exists=any(scan.current(f"{scan.key(S3Uri.parse(folder))}/")),
    )


def _find_model_files(
    scan: WorkspaceScan, request: RemovalRequest, models: Iterable[AffectedModel]
) -> Iterator[StoredVersion]:
    """Find the weights and checkpoints of these models, when models are to be deleted, too."""
    runs = {model.run_key for model in models if request.delete_models}
    folders = tuple(
        f"runs/{run}/model/{part}/" for run in runs for part in ("output", "checkpoints", "job")
    )
    return (s for s in scan.derived if folders and scan.key(s.uri).startswith(folders))


def _find_drawn(
    scan: WorkspaceScan, request: RemovalRequest, models: Iterable[AffectedModel], marks: Marks
) -> Iterator[StoredVersion]:
    """Find the storyboards, with figures and prints, of models and of removed references."""
    arns = {model.model_arn for model in models if model.model_arn}
    runs = {model.run_key for model in models}
    runs |= {
        scan.run_of(stored.uri) for stored, row in scan.rows("panels") if row["model_arn"] in arns
    }
    # Also those that were killed before their panels had a manifest.
    runs |= {
        run for run in scan.runs() if (own := _read_model(scan, run)) and own.model_arn in arns
    }
    runs |= _find_runs_shown(scan, request) | _find_runs_redrawn(scan, request, marks)
    folders = tuple(f"runs/{run}/storyboard/" for run in runs if run)
    return (s for s in scan.derived if folders and scan.key(s.uri).startswith(folders))


def _find_runs_shown(scan: WorkspaceScan, request: RemovalRequest) -> set[str]:
    """Find the runs that drew a removed person from its reference pictures."""
    shown = {
        scan.run_of(stored.uri)
        for stored, row in scan.rows("panels")
        if request.character in row["characters"] and shows_references(row.get("source", "trained"))
    }
    sheets = {run: scan.production_of(run) for run in shown if run}
    return {run for run, sheet in sheets.items() if sheet and sheet.slug == request.production}


def _find_runs_redrawn(scan: WorkspaceScan, request: RemovalRequest, marks: Marks) -> set[str]:
    """Find the runs whose panels were drawn again after a removed picture, or kept so."""
    shown = [
        (scan.run_of(stored.uri), row["redraw"]["reference"])
        for stored, row in scan.rows("panels")
        if row.get("redraw") and row["redraw"]["reference"]
    ]
    sheets = {run: scan.production_of(run) for run in {run for run, _ in shown} if run}
    theirs = {
        uri
        for sheet in sheets.values()
        if sheet and sheet.slug == request.production
        for one in sheet.characters
        if one.id == request.character
        for uri in one.references
    }
    return {run for run, uri in shown if marks.is_about(uri) or uri in theirs}


def _mark_panels(scan: WorkspaceScan, marks: Marks, drawn: Iterable[StoredVersion]) -> Marks:
    gone = {str(stored.uri) for stored in drawn}
    rows = (row for stored, row in scan.rows("panels") if str(stored.uri) in gone)
    drawings = {one["sha256"] for row in rows for one in (row, *row.get("candidates", ()))} - {""}
    return replace(marks, digests=marks.digests | drawings)


def _find_answers(
    scan: WorkspaceScan, marks: Marks, drawn: Collection[str]
) -> Iterator[StoredVersion]:
    """Find paid answers about removed pictures, and records of drawn ones, by their URIs."""
    kept = (s for s in scan.derived if scan.key(s.uri).startswith(ANSWERS) and not s.marker)
    read = partial(scan.versions.record, record_type=PaidAnswer)
    for stored, answer in call_in_order(read, kept):
        picture = answer.answer if answer.operation == PICTURE_ANSWERS else None
        if answer.about in marks.digests or (picture and picture["uri"] in drawn):
            yield stored


def _find_references(scan: WorkspaceScan, request: RemovalRequest) -> Iterator[StoredVersion]:
    """Find a removed person's reference pictures that no other character uses."""
    if not request.character:
        return
    theirs: set[str] = set()
    others: set[str] = set()
    for run in scan.runs():
        sheet = scan.production_of(run)
        for character in sheet.characters if sheet else ():
            is_theirs = sheet and (sheet.slug, character.id) == (
                request.production,
                request.character,
            )
            (theirs if is_theirs else others).update(character.references)
    gone = theirs - others
    names = {S3Uri.parse(uri).name for uri in gone}
    for stored in scan.derived:
        # Jobs that draw from reference pictures have copies, named like the originals.
        is_copy = JOB_REFERENCES in scan.key(stored.uri) and stored.uri.name in names
        if is_copy or str(stored.uri) in gone:
            yield stored


def _find_film(scan: WorkspaceScan, request: RemovalRequest) -> Iterator[StoredVersion]:
    if request.delete_film:
        yield from (s for s in scan.stored if str(s.uri) == request.film_uri)


def _find_undeleted(scan: WorkspaceScan, known: RemovalRecord) -> Iterator[StoredVersion]:
    """Find what an interrupted removal had left to delete; its lineage may be gone by now."""
    planned = {(line.uri, line.version) for line in known.to_delete}
    return (s for s in scan.stored if (str(s.uri), s.version) in planned)


def _find_emptied_datasets(
    scan: WorkspaceScan, deletions: set[StoredVersion]
) -> Iterator[StoredVersion]:
    """Find published datasets that lose their last picture, and their entries for later runs."""
    gone = {str(stored.uri) for stored in deletions}
    folders = tuple(f"/dataset/{folder}/" for folder in (IMAGES, PROPS))
    images = [
        uri
        for stored in scan.current("runs/")
        if (uri := str(stored.uri)).endswith(".png") and any(folder in uri for folder in folders)
    ]
    had = {scan.run_of(S3Uri.parse(uri)) for uri in images}
    empty = had - {scan.run_of(S3Uri.parse(uri)) for uri in images if uri not in gone}
    for stored in scan.derived:
        key = scan.key(stored.uri)
        in_dataset = any(key.startswith(f"runs/{run}/dataset/") for run in empty)
        entered = any(key.startswith("approved/") and key.endswith(f"/{r}.json") for r in empty)
        if entered or (in_dataset and not key.endswith(CANDIDATES)):
            yield stored


def _is_page(scan: WorkspaceScan, stored: StoredVersion) -> bool:
    """Whether it is a page; which pictures it shows cannot be read from it."""
    return scan.key(stored.uri).endswith(PAGES)


def _names_removed(scan: WorkspaceScan, marks: Marks, stored: StoredVersion) -> bool:
    """Whether it is a page that names a removed picture, which may be from another run."""
    if not stored.uri.key.endswith(".html"):
        return False
    return marks.named_in(scan.versions.get(stored).decode())
