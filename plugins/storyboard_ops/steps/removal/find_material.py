"""Finds everything in a workspace that descends from removed material, and changes nothing.

Found by lineage: rows of manifests whose frame lies in a removed stretch of film, and what these
name; objects whose key names a removed picture (copies, captions, thumbnails, whatever layout they
are in); paid answers about one; what was drawn by a model that was trained on one; pages that may
show one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from storyboard_ops.core.removal.mention_filter import Marks
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.removal.removal_records import (
    ObjectLine,
    RemovalRecord,
    RemovalRequest,
    TrainedModel,
)
from storyboard_ops.domain.sampling.film_spans import FilmSpans
from storyboard_ops.domain.training.model_facts import Claim, CustomizedModel
from storyboard_ops.gateways.removal.stored_versions import StoredVersion
from storyboard_ops.gateways.storage.answer_store import PaidAnswer
from storyboard_ops.gateways.training.bedrock_control import BedrockControl
from storyboard_ops.steps.removal.resolve_removal import frame_in, resolve_removal
from storyboard_ops.steps.removal.rewrite_lineage import LineageRewriter
from storyboard_ops.steps.removal.workspace_scan import ANSWERS, WorkspaceScan

#: Stays in ``dataset/`` when no picture is left: it is a manifest of all candidates.
CANDIDATES = "dataset/candidates.jsonl"
#: Made anew from what is left, whenever a run has changed.
REMADE = ("/report.html", "/dataset/card.json", "/dataset/README.md")
#: Ends of the keys of pages: what they show stands in them as pixels and words.
PAGES = (".html", *REMADE)


@dataclass(frozen=True)
class FoundMaterial:
    """What descends from removed material, as it lies in the workspace now."""

    rewriter: LineageRewriter
    models: tuple[TrainedModel, ...]
    doomed: tuple[StoredVersion, ...]
    changes: tuple[ObjectLine, ...]  # what is rewritten, in the order in which it has to be
    pages: tuple[str, ...]  # URIs of what is made anew from what is left; they are doomed first
    runs: tuple[str, ...]  # keys of the runs that lose something

    @property
    def nothing(self) -> bool:
        """Whether nothing of the removed material is left."""
        return not self.doomed and not self.changes


def find_material(
    scan: WorkspaceScan, request: RemovalRequest, earlier: RemovalRecord | None = None
) -> FoundMaterial:
    """Everything to delete and rewrite; what an earlier, broken-off removal knew of is included."""
    known = earlier or RemovalRecord(removal_id="", state="planned", request=request)
    # The number of a shot that is gone already tells nothing.
    known_shot = request.shot is not None and known.spans
    spans = FilmSpans((*known.spans, *(() if known_shot else resolve_removal(scan, request))))
    marks = _marks(scan, Marks(spans, frozenset(known.digests)))
    named = [stored for stored in scan.derived if _descends(scan, marks, stored)]
    runs = _trained_runs(scan, named) | {model.run_key for model in known.models}
    models = _trained(scan, runs)
    drawn = list(_drawn(scan, models))
    marks = _with_panels(scan, marks, drawn)
    doomed = {*named, *drawn, *_answers(scan, marks), *_of_person(scan, request)}
    doomed |= {*_film_itself(scan, request), *_emptied_datasets(scan, doomed)}
    marks = replace(marks, uris=marks.uris | {str(stored.uri) for stored in doomed})
    doomed |= set(_not_come_to(scan, known))
    begun = known.state == "begun"
    before = frozenset(line.uri for line in known.rewritten) if begun else frozenset()
    rewriter = LineageRewriter(scan, request, marks, before)
    changes = list(rewriter.changes())
    doomed |= {
        change.stored for change in changes if change.body is None or not change.stored.latest
    }
    rewritten = [change for change in changes if change.stored not in doomed]
    touched = {scan.run_of(s.uri) for s in doomed} | {scan.run_of(c.stored.uri) for c in rewritten}
    others = [s for s in scan.derived if s not in doomed and not s.marker]
    naming = {stored for stored in others if _names_removed(scan, marks, stored)}
    touched |= {scan.run_of(page.uri) for page in naming}
    pages = naming | {s for s in others if _is_page(scan, s) and scan.run_of(s.uri) in touched}
    remade = {str(page.uri) for page in pages if scan.key(page.uri).endswith(REMADE)}
    return FoundMaterial(
        rewriter=rewriter,
        models=models,
        doomed=tuple(sorted(doomed | pages, key=lambda s: (s.uri.key, s.version))),
        changes=tuple(_line(c.stored, c.rows) for c in rewritten if c.stored not in pages),
        pages=tuple(sorted(remade | (set(known.pages) if begun else set()))),
        runs=tuple(sorted(touched - {""})),
    )


def _line(stored: StoredVersion, rows: int = 0) -> ObjectLine:
    return ObjectLine(uri=str(stored.uri), size=stored.size, version=stored.version, rows=rows)


def _marks(scan: WorkspaceScan, marks: Marks) -> Marks:
    """Digests and URIs of every frame and picture in the removed stretches."""
    digests, uris = set(marks.digests), set(marks.uris)
    for _, row in scan.rows():
        frame = frame_in(row)
        if frame and marks.covers(frame):
            digests |= {frame["sha256"], row.get("image_id", "")} - {""}
            uris |= {frame["uri"], row.get("uri", "")} - {""}
    return Marks(marks.spans, frozenset(digests), frozenset(uris))


def _descends(scan: WorkspaceScan, marks: Marks, stored: StoredVersion) -> bool:
    """Whether an object is, by its place or name, a removed film's, frame's or picture's own."""
    key = scan.key(stored.uri)
    if key.startswith(ANSWERS):
        return False
    films = {span.video_sha256 for span in marks.spans if span.whole}
    in_library = key.startswith(tuple(f"library/{sha[:32]}/" for sha in films))
    return in_library or str(stored.uri) in marks.uris or marks.named_in(key)


def _trained_runs(scan: WorkspaceScan, doomed: Iterable[StoredVersion]) -> set[str]:
    """Runs whose published dataset held removed pictures, and that asked for a model."""
    runs = {
        scan.run_of(stored.uri) for stored in doomed if "/dataset/" in f"/{scan.key(stored.uri)}"
    }
    return {run for run in runs if run and (_model_of(scan, run) or _job_claims(scan, run))}


def _model_of(scan: WorkspaceScan, run: str) -> CustomizedModel | None:
    found = scan.current.get(str(scan.workspace.run(run) / "model/model.json"))
    return CustomizedModel.model_validate_json(scan.versions.get(found)) if found else None


def _job_claims(scan: WorkspaceScan, run: str) -> list[Claim]:
    folder = f"{scan.workspace.run(run)}/claims/customization-job/"
    found = [stored for uri, stored in scan.current.items() if uri.startswith(folder)]
    return [Claim.model_validate_json(body) for body in scan.bodies(found)]


def _trained(scan: WorkspaceScan, runs: Iterable[str]) -> tuple[TrainedModel, ...]:
    """Jobs and models of runs that trained on it, and whether the models still exist."""
    control = BedrockControl(scan.clients("bedrock"))
    return tuple(model for run in sorted(runs) for model in _models_of(scan, control, run))


def _models_of(scan: WorkspaceScan, control: BedrockControl, run: str) -> Iterator[TrainedModel]:
    finished = _model_of(scan, run)
    names = {claim.name for claim in _job_claims(scan, run)}
    for name in sorted(names | ({finished.job_name} if finished else set())):
        job = control.find_job(name)
        known = finished if finished and finished.job_name == name else None
        arn = (job.model_arn if job else "") or (known.model_arn if known else "")
        model = control.find_model(arn) if arn else None
        yield TrainedModel(
            run_key=run,
            job_name=name,
            job_arn=(job.arn if job else "") or (known.job_arn if known else ""),
            model_name=model.name if model else "",
            model_arn=arn,
            exists=model is not None,
        )


def _drawn(scan: WorkspaceScan, models: Iterable[TrainedModel]) -> Iterator[StoredVersion]:
    """Storyboards, with figures and prints, that such a model has drawn, in whichever run."""
    arns = {model.model_arn for model in models if model.model_arn}
    runs = {model.run_key for model in models}
    runs |= {
        scan.run_of(stored.uri) for stored, row in scan.rows("panels") if row["model_arn"] in arns
    }
    folders = tuple(f"runs/{run}/storyboard/" for run in runs if run)
    return (s for s in scan.derived if folders and scan.key(s.uri).startswith(folders))


def _with_panels(scan: WorkspaceScan, marks: Marks, drawn: Iterable[StoredVersion]) -> Marks:
    gone = {str(stored.uri) for stored in drawn}
    rows = (row for stored, row in scan.rows("panels") if str(stored.uri) in gone)
    panels = {row["sha256"] for row in rows} - {""}
    return replace(marks, digests=marks.digests | panels)


def _answers(scan: WorkspaceScan, marks: Marks) -> Iterator[StoredVersion]:
    """Paid answers about removed pictures."""
    kept = [s for s in scan.derived if scan.key(s.uri).startswith(ANSWERS) and not s.marker]
    for stored, body in zip(kept, scan.bodies(kept), strict=True):
        if PaidAnswer.model_validate_json(body).about in marks.digests:
            yield stored


def _of_person(scan: WorkspaceScan, request: RemovalRequest) -> Iterator[StoredVersion]:
    """A removed person's reference pictures, where nobody else is known by the same."""
    if not request.character:
        return
    theirs: set[str] = set()
    others: set[str] = set()
    for run in scan.runs():
        sheet = scan.production_of(run)
        for character in sheet.characters if sheet else ():
            meant = sheet and (sheet.slug, character.id) == (request.production, request.character)
            (theirs if meant else others).update(character.references)
    for stored in scan.derived:
        if str(stored.uri) in theirs - others:
            yield stored


def _film_itself(scan: WorkspaceScan, request: RemovalRequest) -> Iterator[StoredVersion]:
    if request.delete_film:
        yield from (s for s in scan.stored if str(s.uri) == request.film_uri)


def _not_come_to(scan: WorkspaceScan, known: RemovalRecord) -> Iterator[StoredVersion]:
    """What a broken-off removal meant to delete: what led to it may be deleted already."""
    meant = {(line.uri, line.version) for line in known.to_delete}
    return (s for s in scan.stored if (str(s.uri), s.version) in meant)


def _emptied_datasets(scan: WorkspaceScan, doomed: set[StoredVersion]) -> Iterator[StoredVersion]:
    """Published datasets that lose their last picture, and their entries for later runs."""
    gone = {str(stored.uri) for stored in doomed}
    images = [u for u in scan.current if "/dataset/images/" in u and u.endswith(".png")]
    had = {scan.run_of(S3Uri.parse(uri)) for uri in images}
    empty = had - {scan.run_of(S3Uri.parse(uri)) for uri in images if uri not in gone}
    for stored in scan.derived:
        key = scan.key(stored.uri)
        in_dataset = any(key.startswith(f"runs/{run}/dataset/") for run in empty)
        entered = any(key.startswith("approved/") and key.endswith(f"/{r}.json") for r in empty)
        if entered or (in_dataset and not key.endswith(CANDIDATES)):
            yield stored


def _is_page(scan: WorkspaceScan, stored: StoredVersion) -> bool:
    """Whether it is a page; which pictures it shows cannot be told from it."""
    return scan.key(stored.uri).endswith(PAGES)


def _names_removed(scan: WorkspaceScan, marks: Marks, stored: StoredVersion) -> bool:
    """Whether it is a page that shows pictures of other runs, a removed one too: it names them."""
    if not stored.uri.key.endswith(".html"):
        return False
    return marks.named_in(scan.versions.get(stored).decode())
