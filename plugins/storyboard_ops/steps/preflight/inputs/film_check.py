"""Check that the films of a run can be read, and count the frames to sample."""

from __future__ import annotations

from contextlib import closing

from storyboard_ops.core.preflight.request_tokens import Size
from storyboard_ops.domain.error_tree import VideoUnreadable
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.preflight.preflight_report import Finding, failed, passed, warned
from storyboard_ops.domain.settings.films import FilmSettings
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.sampling.plan_shards import (
    FEWER_FILMS,
    film_bytes,
    indexed_video,
    too_many_films,
)


def check_videos(tools: ToolBox[FilmSettings]) -> tuple[int, list[Size], Finding]:
    """Return the number of frames to sample, the sizes of the films, and the finding."""
    if problem := too_many_films(tools):
        return 0, [], failed(problem, FEWER_FILMS)
    frames, sizes, lost, single = 0, [], [], []
    for uri in tools.settings.videos:
        try:
            with closing(film_bytes(tools, S3Uri.parse(uri))) as source:
                film = indexed_video(tools, source)
                sizes.append(film.picture_size())
                frames += film.clock(tools.settings.interval).count
                single += [uri] if len(film.index.table) == 1 else []
        except VideoUnreadable as error:
            lost.append(str(error))
    count = len(tools.settings.videos)
    if not count:  # preflight alone, before there are films
        return 0, [], passed("no film is listed, so none is sampled.")
    readable = f"{count} readable, {frames:,} frames to sample."
    if single and not lost:
        finding = f"{readable} {', '.join(single)}: a single frame, as of a still picture."
        return frames, sizes, warned(finding, "Check that the film itself was uploaded.")
    if not lost:
        return frames, sizes, passed(readable)
    finding = f"{len(lost)} of {count} cannot be read. " + " ".join(lost)
    allowed = tools.settings.max_lost_share
    if len(lost) < count and len(lost) / count <= allowed:
        return frames, sizes, warned(finding)
    return (
        frames,
        sizes,
        failed(
            finding,
            f"Upload them again or remove them from the list; a share of {allowed:g} may be "
            "unreadable (max_lost_share).",
        ),
    )
