"""Sample one shard of a video: JPEG frames with one record each, dropped ones with their reason.

The library identifies a video by its content: its records of frames name no URI, and any run that
samples the same content finds them. The run continues with a copy of the records that has the URI
of its own film.
"""

from __future__ import annotations

import logging

from storyboard_ops.core.pictures.arrays import Picture
from storyboard_ops.core.pictures.codec import encode_jpeg
from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.error_tree import VideoUnreadable
from storyboard_ops.domain.image_records import Frame, VideoRef
from storyboard_ops.domain.manifest_codec import ManifestRef, sha256_hex
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.sampling.shards import Shard
from storyboard_ops.domain.settings.films import SamplingSection
from storyboard_ops.steps.run.manifest_step import Made, find_or_make
from storyboard_ops.steps.run.progress import Progress
from storyboard_ops.steps.run.tombstones import read_tombstones
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.sampling.film_samples import (
    describe_sampling,
    make_triage,
    reason_dropped,
    sampled_frames,
    sampling_summary,
)
from storyboard_ops.steps.sampling.lost_films import quarantine_shard
from storyboard_ops.steps.sampling.plan_shards import film_bytes, indexed_video

log = logging.getLogger(__name__)

#: Raised when the same settings would give other frames than before.
VERSION = 4


def sample_frames(tools: ToolBox[SamplingSection], shard: Shard) -> ManifestRef:
    """Sample a shard into the library of its video; a second call decodes nothing.

    Neither does a call for the same content under another URI. Returns the "frames" manifest with
    a Frame per sample, without removed ones. A video that can no longer be read, or was replaced
    since the shards were planned, gives an empty manifest with the reason, see ``lost_films``; the
    next call tries again.
    """
    try:
        return _sample_shard(tools, shard)
    except VideoUnreadable as error:
        return quarantine_shard(tools, shard, error)


def _sample_shard(tools: ToolBox[SamplingSection], shard: Shard) -> ManifestRef:
    """Return the "frames" manifest of a shard, with the URI of this run's film."""
    library = tools.workspace.sampling(shard.video.sha256, tools.settings.sampling_digest)
    name = f"{shard.first_k}-{shard.last_k}.jsonl"
    place = library / f"shards/{digest_of(shard.video.uri)[:16]}/{name}"
    made: list[Frame] = []

    def make(digest: str) -> Made:
        ref = _shared_samples(tools, shard, library / f"samples/{name}")
        shared = tools.manifests.read(ref, Frame, "samples")
        made.extend(frame.model_copy(update={"video": shard.video}) for frame in shared.records)
        return Made(made, shared.header.summary)

    ref = find_or_make(tools.manifests, place, "frames", _digest(tools, shard, shard.video), make)
    _check_nothing_removed_meanwhile(tools, shard, made)
    return ref


def _check_nothing_removed_meanwhile(
    tools: ToolBox[SamplingSection], shard: Shard, frames: list[Frame]
) -> None:
    """Raise VideoUnreadable when a removal began after this task read the tombstones.

    A removal writes its tombstone before its last scan. So either the scan finds what was
    committed here, or this check finds the tombstone.
    """
    if any(map(read_tombstones(tools.objects, tools.workspace).covers, frames)):
        raise VideoUnreadable(
            shard.video.uri,
            "a part of it was removed while it was sampled; repeat the removal.",
        )


def _shared_samples(tools: ToolBox[SamplingSection], shard: Shard, place: S3Uri) -> ManifestRef:
    """Return the records of a shard's content, whatever its URI; samples it if there are none."""
    content = shard.video.model_copy(update={"uri": ""})
    digest = _digest(tools, shard, content)
    return find_or_make(
        tools.manifests, place, "samples", digest, lambda digest: _samples(tools, shard, content)
    )


def _samples(tools: ToolBox[SamplingSection], shard: Shard, content: VideoRef) -> Made:
    library = tools.workspace.sampling(shard.video.sha256, tools.settings.sampling_digest)
    sampled = _decode_shard(tools, shard, library)
    frames = [frame.model_copy(update={"video": content}) for frame in sampled]
    summary = sampling_summary(frames, shard.lost)
    log.info("%s: %s", shard.label, describe_sampling(summary))
    return Made(frames, summary)


def _digest(tools: ToolBox[SamplingSection], shard: Shard, video: VideoRef) -> str:
    sampling = tools.settings.sampling_digest
    return digest_of("sample-frames", VERSION, video, sampling, shard.first_k, shard.last_k)


def _decode_shard(tools: ToolBox[SamplingSection], shard: Shard, library: S3Uri) -> list[Frame]:
    source = film_bytes(tools, S3Uri.parse(shard.video.uri))
    if source.version != shard.video.version:
        raise VideoUnreadable(
            shard.video.uri, "it was replaced since the run began; start a new run."
        )

    def keep(frame: Frame, picture: Picture) -> tuple[str, str]:
        if frame.dropped is not None or tools.removed.covers(frame):
            return "", ""
        body = encode_jpeg(picture)
        uri = tools.objects.put(library / f"frames/{frame.k:07d}.jpg", body, "image/jpeg")
        return uri, sha256_hex(body)

    decoder = indexed_video(tools, source)
    clock = decoder.clock(tools.settings.interval)
    samples = range(shard.first_k, shard.last_k)
    triage = make_triage(tools.settings, decoder, clock, samples)
    frames = sampled_frames(decoder, clock, samples, triage, keep)
    progress = Progress("Sampled", len(samples), "frames")
    counted = progress.over(frames, reason_dropped)
    return [frame for frame in counted if not tools.removed.covers(frame)]
