"""Index every video, split long ones into shards, and quarantine unreadable ones."""

from __future__ import annotations

import logging
from collections import Counter
from fractions import Fraction

from storyboard_ops.core.sampling.index import VideoIndex
from storyboard_ops.core.sampling.plan import SampleClock
from storyboard_ops.core.sampling.shards import join_shards, sample_ranges
from storyboard_ops.core.text.wording import pluralize
from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.error_tree import BadInput, ObjectMissing, VideoUnreadable
from storyboard_ops.domain.image_records import VideoRef
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.sampling.shards import QuarantinedVideo, Shard
from storyboard_ops.domain.settings.base import Settings
from storyboard_ops.domain.settings.films import FilmSettings, SamplingSection
from storyboard_ops.gateways.sampling.s3_bytes import S3Bytes
from storyboard_ops.steps.run.progress import Progress
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.sampling.film_decoder import FilmDecoder, open_film
from storyboard_ops.steps.sampling.film_samples import video_ref
from storyboard_ops.steps.sampling.lost_films import (
    LOST_IN_PLANNING,
    check_share,
    quarantine,
    write_quarantine,
)

log = logging.getLogger(__name__)

#: Raised when the packet index or the sharding changes; older indexes are then ignored.
VERSION = 4
FEWER_FILMS = (
    "Start several runs with fewer films each, or raise the limit: set "
    "AIRFLOW__CORE__MAX_MAP_LENGTH for the API server and the workers."
)


def plan_shards(tools: ToolBox[FilmSettings]) -> list[Shard]:
    """Plan the shards of every readable video of the run, in order; at most ``most_mapped_tasks``.

    Videos that cannot be read are listed with their reasons in the run's ``quarantine.jsonl``.
    Raises BadInput naming them when none is left, or more than ``max_lost_share`` are lost; and
    when there are more films than tasks.
    """
    if problem := too_many_films(tools):
        raise BadInput(f"{problem} {FEWER_FILMS}")
    shards: list[Shard] = []
    lost: list[QuarantinedVideo] = []
    progress = Progress("Read the index of", len(tools.settings.videos), "films")
    for uri in progress.over(tools.settings.videos, lambda uri: ""):
        try:
            shards += _shards_of(tools, S3Uri.parse(uri))
        except VideoUnreadable as error:
            lost.append(quarantine(error))
    digest = digest_of("plan-shards", VERSION, tools.settings.videos)
    write_quarantine(tools, LOST_IN_PLANNING, digest, lost)
    check_share(tools, lost)
    fitting = join_shards(shards, tools.most_mapped_tasks)
    if len(fitting) < len(shards):
        log.info(
            "%d shards instead of %d, because Airflow maps at most %d.",
            len(fitting),
            len(shards),
            tools.most_mapped_tasks,
        )
    films = len(tools.settings.videos) - len(lost)
    log.info(
        "%s to sample, in %s; %d cannot be read.",
        pluralize(films, "film"),
        pluralize(len(fitting), "range"),
        len(lost),
    )
    return _label_shards(tools, fitting)


def too_many_films(tools: ToolBox[FilmSettings]) -> str:
    """Return why Airflow cannot map a task to each film; empty when it can."""
    count, most = len(tools.settings.videos), tools.most_mapped_tasks
    if count <= most:
        return ""
    return (
        f"{count:,} films need a mapped task each, and Airflow maps at most {most:,} "
        "([core] max_map_length)."
    )


def film_bytes(tools: ToolBox[Settings], uri: S3Uri) -> S3Bytes:
    """Open the current version of a film in S3; raises VideoUnreadable when there is none.

    ObjectMissing would mean that the library lacks something, which is not the film's fault.
    """
    try:
        return S3Bytes(tools.clients("s3"), uri)
    except ObjectMissing as error:
        raise VideoUnreadable(
            str(uri),
            "it does not exist or may not be read; upload it, or allow s3:GetObject.",
        ) from error


def indexed_video(tools: ToolBox[SamplingSection], source: S3Bytes) -> FilmDecoder:
    """Open a video with its packet index, which is read once per version and kept in the library.

    Raises VideoUnreadable with the reason when the video was removed from the workspace.
    """
    video = video_ref(source)
    if tombstone := tools.removed.film(video.uri, video.sha256):
        raise VideoUnreadable(video.uri, tombstone.explanation)
    place = _index_place(tools, video)
    if tools.objects.head(place) is None:
        decoder = open_film(source)
        tools.objects.put(place, decoder.index.to_bytes())
        return decoder
    return FilmDecoder(source, VideoIndex.from_bytes(tools.objects.get(place)))


def _index_place(tools: ToolBox[SamplingSection], video: VideoRef) -> S3Uri:
    library = tools.workspace.sampling(video.sha256, tools.settings.sampling_digest)
    return library / f"packets-v{VERSION}.bin"


def _shards_of(tools: ToolBox[FilmSettings], uri: S3Uri) -> list[Shard]:
    source = film_bytes(tools, uri)
    decoder = indexed_video(tools, source)
    clock = decoder.clock(tools.settings.interval)
    if decoder.index.lost:
        log.warning("%s: %s", uri, decoder.index.lost)
    return [
        Shard(
            video=video_ref(source),
            first_k=first_k,
            last_k=last_k,
            label="",
            lost=decoder.index.lost,
        )
        for first_k, last_k in _ranges(tools, decoder, clock)
    ]


def _ranges(
    tools: ToolBox[SamplingSection], decoder: FilmDecoder, clock: SampleClock
) -> list[tuple[int, int]]:
    if decoder.index.from_start:  # only a decode from the start can determine its times
        return [(0, clock.count)]
    wanted = Fraction(str(tools.settings.shard_minutes)) * 60
    least = clock.count * clock.interval / tools.most_mapped_tasks
    return sample_ranges(decoder.index.table, clock, max(wanted, least))


def _label_shards(tools: ToolBox[FilmSettings], shards: list[Shard]) -> list[Shard]:
    """Name each shard for people: by the name of its film, or its URI when others have the name."""
    interval = tools.settings.interval
    names = Counter(S3Uri.parse(uri).name for uri in tools.settings.videos)

    def label(shard: Shard) -> str:
        name = S3Uri.parse(shard.video.uri).name
        film = name if names[name] < 2 else shard.video.uri
        first, last = (_clock_time(k * interval) for k in (shard.first_k, shard.last_k))
        return f"{film} {first}-{last}"

    return [shard.model_copy(update={"label": label(shard)}) for shard in shards]


def _clock_time(second: Fraction) -> str:
    seconds = int(second)
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
