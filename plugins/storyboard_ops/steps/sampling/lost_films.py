"""Films that a run goes on without, set aside while shards are planned or while one is sampled.

    runs/{run_key}/quarantine.jsonl              films that no shard was planned of
    runs/{run_key}/shards/{uri}/0-600.jsonl      the "frames" of a shard that could not be sampled:
                                                 none, and in the summary which film it is, and why
    runs/{run_key}/shards/quarantine.jsonl       all such shards, once every shard was tried

They are the run's own: the library holds only what is true of a film's content, and the next run,
or a cleared task, tries again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.error_tree import BadInput, VideoUnreadable
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.sampling.shards import QuarantinedVideo, Shard
from storyboard_ops.steps.run.interfaces import FilmRun, Run
from storyboard_ops.steps.sampling.film_samples import sampling_summary
from storyboard_ops.steps.sampling.frame_manifests import frames_manifests

log = logging.getLogger(__name__)

LOST_IN_PLANNING, LOST_IN_SAMPLING = "quarantine.jsonl", "shards/quarantine.jsonl"


def quarantined(error: VideoUnreadable, part: str = "") -> QuarantinedVideo:
    """A film, or the part of it that a shard covers, with the reason for going on without it."""
    log.warning(
        "Quarantined %s: %s The run goes on without it. To try it again, clear this task with all "
        "after it.",
        part or error.uri,
        error,
    )
    return QuarantinedVideo(uri=error.uri, reason=error.reason, part=part)


def without_frames(tools: Run, shard: Shard, error: VideoUnreadable) -> ManifestRef:
    """The "frames" manifest of a shard that cannot be sampled: no frame, and the reason."""
    lost = quarantined(error, shard.label)
    folder = tools.run_root / f"shards/{digest_of(shard.video.uri)[:16]}"
    return tools.manifests.commit(
        folder / f"{shard.first_k}-{shard.last_k}.jsonl",
        "frames",
        digest_of("without-frames", shard, lost),
        (),
        {**sampling_summary((), shard.lost), "quarantined": lost.model_dump(mode="json")},
    )


def set_aside(tools: Run, place: str, digest: str, lost: Sequence[QuarantinedVideo]) -> ManifestRef:
    """Write down what the run goes on without, in place of what an earlier try has written."""
    return tools.manifests.commit(tools.run_root / place, "quarantine", digest, lost)


def lost_in_sampling(tools: Run, detections: Iterable[ManifestRef]) -> list[QuarantinedVideo]:
    """The shards that could not be sampled, of those that "detections" manifests come from."""
    empty = [ref for ref in detections if ref.count == 0]
    headers = map(tools.manifests.header, frames_manifests(tools, empty))
    told = (header.summary.get("quarantined") for header in headers)
    return [QuarantinedVideo.model_validate(lost) for lost in told if lost]


def lost_films(tools: Run) -> tuple[QuarantinedVideo, ...]:
    """Everything that the run goes on without, as far as it has got."""
    places = (LOST_IN_PLANNING, LOST_IN_SAMPLING)
    found = filter(None, (tools.manifests.latest(tools.run_root / place) for place in places))
    return tuple(
        video
        for ref, _ in found
        for video in tools.manifests.read(ref, QuarantinedVideo, "quarantine").records
    )


def check_share(tools: FilmRun, lost: Iterable[QuarantinedVideo]) -> None:
    """Raise BadInput naming the lost films when none is left, or too many of the run are lost."""
    reasons = dict.fromkeys((video.uri, video.reason) for video in lost)
    films, videos = len({uri for uri, _ in reasons}), len(tools.settings.videos)
    allowed = tools.settings.max_lost_share
    if not films or (films < videos and films / videos <= allowed):
        return
    lines = "\n".join(f"  {uri}: {reason}" for uri, reason in reasons)
    raise BadInput(
        f"{films} of {videos} videos cannot be read, allowed is a share of {allowed:g} and never "
        "all. Mend them and clear the task that reads them, with all after it, or start a run "
        f"without them:\n{lines}"
    )
