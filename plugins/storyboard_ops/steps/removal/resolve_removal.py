"""From "this film", "this shot" or "this person" to stretches of film, by the lineage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Any

from storyboard_ops.domain.error_tree import BadInput, ObjectMissing
from storyboard_ops.domain.image_records import Frame
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.removal.removal_records import RemovalRequest
from storyboard_ops.domain.sampling.film_spans import INSTANT_S, FilmSpan, FilmSpans
from storyboard_ops.gateways.removal.stored_versions import StoredVersion
from storyboard_ops.gateways.sampling.byte_source import S3Bytes, content_id
from storyboard_ops.steps.removal.workspace_scan import WorkspaceScan

Row = dict[str, Any]


def resolve_removal(scan: WorkspaceScan, request: RemovalRequest) -> tuple[FilmSpan, ...]:
    """The stretches of film that a request means; empty when the workspace knows nothing of it.

    Raises BadInput when a shot's number is not unique.
    """
    if request.character:
        return _where_seen(scan, request.production, request.character)
    films = _contents(scan, request)
    if request.shot is not None:
        return tuple(_shot(scan, sha, request.shot) for sha in films)
    return tuple(
        FilmSpan(video_sha256=sha, from_s=request.from_s or 0, to_s=request.to_s) for sha in films
    )


def frame_in(row: Row) -> Row | None:
    """The frame that a row of a manifest is, or descends from."""
    return row if "pts" in row else row.get("frame")


def _contents(scan: WorkspaceScan, request: RemovalRequest) -> list[str]:
    """SHA-256 of every content that a film was ever used with."""
    if not request.film_uri:
        return [request.film]
    videos = (frame["video"] for _, row in scan.rows() if (frame := frame_in(row)))
    found = {video["sha256"] for video in videos if video["uri"] == request.film}
    return sorted(found | _content_now(scan, request.film))


def _content_now(scan: WorkspaceScan, uri: str) -> set[str]:
    try:
        return {content_id(S3Bytes(scan.clients("s3"), S3Uri.parse(uri)))}
    except ObjectMissing:
        return set()


def _shot(scan: WorkspaceScan, sha: str, shot: int) -> FilmSpan:
    """From the shot's first sample to the next shot's; the same in every sampling, or refused."""
    samplings: dict[str, list[Frame]] = defaultdict(list)
    for stored, row in scan.rows("samples", "frames"):
        if row["video"]["sha256"] == sha:
            samplings["/".join(stored.uri.key.split("/")[:-2])].append(Frame.model_validate(row))
    spans = {span for frames in samplings.values() if (span := _span_of(sha, shot, frames))}
    if len(spans) == 1:
        return spans.pop()
    if not spans:
        raise BadInput(
            f"No sample of film {sha[:12]} belongs to a shot {shot}. The lineage table of a "
            "dataset and the frames manifest name the shots; or give from_s and to_s."
        )
    told = ", ".join(sorted(f"{span.from_s:g} to {span.end:g} s" for span in spans))
    raise BadInput(
        f"Shot {shot} of film {sha[:12]} means different things in different samplings ({told}); "
        "give from_s and to_s instead."
    )


def _span_of(sha: str, shot: int, frames: Iterable[Frame]) -> FilmSpan | None:
    starts: dict[int, float] = {}
    for frame in frames:
        starts[frame.shot] = min(frame.seconds, starts.get(frame.shot, float("inf")))
    if shot not in starts:
        return None
    later = [seconds for number, seconds in starts.items() if number > shot]
    return FilmSpan(video_sha256=sha, from_s=starts[shot], to_s=min(later, default=None))


def _where_seen(scan: WorkspaceScan, production: str, character: str) -> tuple[FilmSpan, ...]:
    """Where a person was found: from each frame that shows them to the next that was examined.

    What lies in between was dropped as looking the same, or was never sampled.
    """
    examined: dict[tuple[str, str], dict[Frame, bool]] = defaultdict(dict)
    spans: list[FilmSpan] = []
    for stored, row in _rows_of_production(scan, production):
        shown, frame = _shows(row, character), Frame.model_validate(frame_in(row))
        if "detections" in row:
            examined[str(stored.uri), frame.video.sha256][frame] = shown
        elif shown:
            spans.append(_from(frame, None))
    for frames in examined.values():
        ordered = sorted(frames, key=lambda frame: frame.pts)
        spans += [_from(a, b) for a, b in zip_longest(ordered, ordered[1:]) if frames[a]]
    return tuple(FilmSpans(spans))


def _from(frame: Frame, following: Frame | None) -> FilmSpan:
    to_s = following.seconds if following else frame.seconds + INSTANT_S
    return FilmSpan(video_sha256=frame.video.sha256, from_s=frame.seconds, to_s=to_s)


def _rows_of_production(
    scan: WorkspaceScan, production: str
) -> Iterator[tuple[StoredVersion, Row]]:
    """Rows about a production's characters: of its runs, and of the detections they began with.

    Detections that no run refers to are taken for its own: they are bought again if they are not.
    """
    cast = {run: scan.production_of(run) for run in scan.runs()}
    own = {run for run, sheet in cast.items() if sheet and sheet.slug == production}
    elsewhere = {uri for run in cast.keys() - own for uri in _detections_of(scan, run)}
    elsewhere -= {uri for run in own for uri in _detections_of(scan, run)}
    for stored, row in scan.rows("detections", "drops", "images"):
        run = scan.run_of(stored.uri)
        if run in own or (not run and str(stored.uri) not in elsewhere):
            yield stored, row


def _detections_of(scan: WorkspaceScan, run: str) -> list[str]:
    header = scan.header(scan.workspace.run(run) / "crops/manifest.jsonl")
    return [ref["uri"] for ref in header.summary.get("detections_manifests", ())] if header else []


def _shows(row: Row, character: str) -> bool:
    found = [*row.get("detections", ()), row.get("detection"), row]
    names = {one.get("character") for one in found if one}
    crop = row.get("crop") or {}
    names.add(crop.get("detection", {}).get("character"))
    return character in names or crop.get("overlap", {}).get(character, 0) > 0
