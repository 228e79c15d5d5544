"""Quarantine films that cannot be read, while shards are planned or while one is sampled.

    runs/{run_key}/quarantine.jsonl              films without a planned shard
    runs/{run_key}/shards/{uri}/0-600.jsonl      "frames" of a shard that could not be sampled:
                                                 empty, with the film and reason in the summary
    runs/{run_key}/shards/quarantine.jsonl       all such shards, once every shard was tried

They belong to the run: the library contains only what is true of a film's content, and the next
run, or a cleared task, tries again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.error_tree import BadInput, VideoUnreadable
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.sampling.shards import QuarantinedVideo, Shard
from storyboard_ops.domain.settings.base import Settings
from storyboard_ops.domain.settings.films import FilmSettings
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.sampling.film_samples import sampling_summary
from storyboard_ops.steps.sampling.frame_manifests import frames_manifests

log = logging.getLogger(__name__)

LOST_IN_PLANNING, LOST_IN_SAMPLING = "quarantine.jsonl", "shards/quarantine.jsonl"


def quarantine(error: VideoUnreadable, part: str = "") -> QuarantinedVideo:
    """Quarantine a film, or the part of it that a shard covers, and log the reason."""
    log.warning(
        "Quarantined %s: %s The run continues without it. To try it again, clear this task and all "
        "after it.",
        part or error.uri,
        error,
    )
    return QuarantinedVideo(uri=error.uri, reason=error.reason, part=part)


def quarantine_shard(tools: ToolBox[Settings], shard: Shard, error: VideoUnreadable) -> ManifestRef:
    """Write an empty "frames" manifest with the reason for a shard that cannot be sampled."""
    lost = quarantine(error, shard.label)
    folder = tools.run_root / f"shards/{digest_of(shard.video.uri)[:16]}"
    return tools.manifests.commit(
        folder / f"{shard.first_k}-{shard.last_k}.jsonl",
        "frames",
        digest_of("without-frames", shard, lost),
        (),
        {**sampling_summary((), shard.lost), "quarantined": lost.model_dump(mode="json")},
    )


def write_quarantine(
    tools: ToolBox[Settings], place: str, digest: str, lost: Sequence[QuarantinedVideo]
) -> ManifestRef:
    """Write the list of quarantined films, replacing that of an earlier try."""
    return tools.manifests.commit(tools.run_root / place, "quarantine", digest, lost)


def lost_in_sampling(
    tools: ToolBox[Settings], detections: Iterable[ManifestRef]
) -> list[QuarantinedVideo]:
    """Return the shards that could not be sampled among those of "detections" manifests."""
    empty = [ref for ref in detections if ref.count == 0]
    headers = map(tools.manifests.header, frames_manifests(tools, empty))
    found = (header.summary.get("quarantined") for header in headers)
    return [QuarantinedVideo.model_validate(lost) for lost in found if lost]


def lost_films(tools: ToolBox[Settings]) -> tuple[QuarantinedVideo, ...]:
    """Read everything that the run has quarantined so far."""
    places = (LOST_IN_PLANNING, LOST_IN_SAMPLING)
    found = filter(None, (tools.manifests.latest(tools.run_root / place) for place in places))
    return tuple(
        video
        for ref, _ in found
        for video in tools.manifests.read(ref, QuarantinedVideo, "quarantine").records
    )


def check_share(tools: ToolBox[FilmSettings], lost: Iterable[QuarantinedVideo]) -> None:
    """Raise BadInput naming the lost films when none is left, or too many of the run are lost."""
    reasons = dict.fromkeys((video.uri, video.reason) for video in lost)
    films, videos = len({uri for uri, _ in reasons}), len(tools.settings.videos)
    allowed = tools.settings.max_lost_share
    if not films or (films < videos and films / videos <= allowed):
        return
    lines = "\n".join(f"  {uri}: {reason}" for uri, reason in reasons)
    raise BadInput(
        f"{films} of {videos} videos cannot be read; the allowed share is {allowed:g}, and never "
        "all. Fix them and clear the task that reads them and all after it, or start a run "
        f"without them:\n{lines}"
    )
