"""Resolve a film, a shot or a person to spans of film by the lineage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from storyboard_ops.domain.error_tree import BadInput, ObjectMissing
from storyboard_ops.domain.image_records import Frame
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.removal.removal_records import RemovalRequest
from storyboard_ops.domain.sampling.film_spans import INSTANT_S, FilmSpan, FilmSpans
from storyboard_ops.gateways.removal.stored_versions import StoredVersion
from storyboard_ops.gateways.sampling.byte_source import content_id
from storyboard_ops.gateways.sampling.s3_bytes import S3Bytes
from storyboard_ops.steps.removal.workspace_scan import WorkspaceScan

Row = dict[str, Any]


def resolve_removal(scan: WorkspaceScan, request: RemovalRequest) -> tuple[FilmSpan, ...]:
    """Return the spans of film that a request means; empty when the workspace has none of it.

    Raises BadInput when a shot does not exist or its number is ambiguous.
    """
    if request.character:
        return _find_person(scan, request.production, request.character)
    films = _find_contents(scan, request)
    if request.shot is not None:
        return tuple(_resolve_shot(scan, sha, request.shot) for sha in films)
    return tuple(
        FilmSpan(video_sha256=sha, from_s=request.from_s or 0, to_s=request.to_s) for sha in films
    )


def frame_in(row: Row) -> Row | None:
    """Return the frame that a manifest row is or descends from; None when there is none."""
    return row if "pts" in row else row.get("frame")


def _find_contents(scan: WorkspaceScan, request: RemovalRequest) -> list[str]:
    """Return the SHA-256 of every content that the film was used with."""
    if not request.film_uri:
        return [request.film]
    videos = (frame["video"] for _, row in scan.rows() if (frame := frame_in(row)))
    found = {video["sha256"] for video in videos if video["uri"] == request.film}
    return sorted(found | _read_content_id(scan, request.film))


def _read_content_id(scan: WorkspaceScan, uri: str) -> set[str]:
    try:
        return {content_id(S3Bytes(scan.clients("s3"), S3Uri.parse(uri)))}
    except ObjectMissing:
        return set()


def _resolve_shot(scan: WorkspaceScan, sha: str, shot: int) -> FilmSpan:
    """Return the span from the first sample of the shot to that of the next shot.

    Raises BadInput when there is no such shot, or samplings disagree about its span.
    """
    samplings: dict[str, list[Frame]] = defaultdict(list)
    for stored, row in scan.rows("samples", "frames"):
        if row["video"]["sha256"] == sha:
            samplings["/".join(stored.uri.key.split("/")[:-2])].append(Frame.model_validate(row))
    spans = {span for frames in samplings.values() if (span := _shot_span(sha, shot, frames))}
    if len(spans) == 1:
        return spans.pop()
    if not spans:
        raise BadInput(
            f"No sample of film {sha[:12]} belongs to shot {shot}. Choose a shot from the lineage "
            "table of a dataset or the frames manifest, or set from_s and to_s."
        )
    listed = ", ".join(sorted(f"{span.from_s:g} to {span.end:g} s" for span in spans))
    raise BadInput(
        f"Shot {shot} of film {sha[:12]} differs between samplings ({listed}). Set "
        "from_s and to_s instead."
    )


def _shot_span(sha: str, shot: int, frames: Iterable[Frame]) -> FilmSpan | None:
    starts: dict[int, float] = {}
    for frame in frames:
        starts[frame.shot] = min(frame.seconds, starts.get(frame.shot, float("inf")))
    if shot not in starts:
        return None
    later = [seconds for number, seconds in starts.items() if number > shot]
    return FilmSpan(video_sha256=sha, from_s=starts[shot], to_s=min(later, default=None))


def _find_person(scan: WorkspaceScan, production: str, character: str) -> tuple[FilmSpan, ...]:
    """Return the spans from each frame that shows the person to the next examined frame.

    Frames in between were dropped because they look the same, or were never sampled.
    """
    examined: dict[tuple[str, str], dict[int, tuple[float, bool]]] = defaultdict(dict)
    spans: list[FilmSpan] = []
    for stored, row in _read_production_rows(scan, production):
        shown, frame = _shows(row, character), Frame.model_validate(frame_in(row))
        if "detections" in row:
            examined[str(stored.uri), frame.video.sha256][frame.pts] = frame.seconds, shown
        elif shown:
            spans.append(_span_from(frame.video.sha256, frame.seconds, None))
    for (_, sha256), frames in examined.items():
        ordered = [seconds for _, (seconds, _) in sorted(frames.items())]
        shows = [shown for _, (_, shown) in sorted(frames.items())]
        for here, following, shown in zip(ordered, [*ordered[1:], None], shows, strict=True):
            if shown:
                spans.append(_span_from(sha256, here, following))
    return tuple(FilmSpans(spans))


def _span_from(sha256: str, seconds: float, following: float | None) -> FilmSpan:
    to_s = seconds + INSTANT_S if following is None else following
    return FilmSpan(video_sha256=sha256, from_s=seconds, to_s=to_s)


def _read_production_rows(
    scan: WorkspaceScan, production: str
) -> Iterator[tuple[StoredVersion, Row]]:
    """Read the rows about a production's characters, from its runs and their detections.

    Detections that no run refers to count as its own: if they are not, they are bought again.
    """
    cast = {run: scan.production_of(run) for run in scan.runs()}
    own = {run for run, sheet in cast.items() if sheet and sheet.slug == production}
    elsewhere = {uri for run in cast.keys() - own for uri in _detections_manifests(scan, run)}
    elsewhere -= {uri for run in own for uri in _detections_manifests(scan, run)}
    for stored, row in scan.rows("detections", "drops", "images"):
        run = scan.run_of(stored.uri)
        if run in own or (not run and str(stored.uri) not in elsewhere):
            yield stored, row


def _detections_manifests(scan: WorkspaceScan, run: str) -> list[str]:
    header = scan.header(scan.workspace.run(run) / "crops/manifest.jsonl")
    return [ref["uri"] for ref in header.summary.get("detections_manifests", ())] if header else []


def _shows(row: Row, character: str) -> bool:
    found = [*row.get("detections", ()), row.get("detection"), row]
    names = {one.get("character") for one in found if one}
    crop = row.get("crop") or {}
    names.add(crop.get("detection", {}).get("character"))
    return character in names or crop.get("overlap", {}).get(character, 0) > 0
