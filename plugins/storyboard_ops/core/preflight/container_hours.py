"""Estimate how long the containers of heavy tasks run: an upper bound from simple counts."""

from __future__ import annotations

import math

from storyboard_ops.core.preflight.run_hours import DRAWING_HOURS, SECONDS_PER_FRAME
from storyboard_ops.domain.money.container_time import LEAST_SECONDS
from storyboard_ops.domain.money.paid_usage import Usage
from storyboard_ops.domain.preflight.estimate_basis import EstimateBasis
from storyboard_ops.domain.settings.common import CommonSettings
from storyboard_ops.domain.settings.films import FilmSettings
from storyboard_ops.domain.settings.model import DrawingSettings

#: Of ``SECONDS_PER_FRAME``, those for which a task waits for detectors. Tasks that call them at
#: once share the rate of the account, so each of them waits longer.
DETECTION_SECONDS = 0.5
#: Seconds for a drawing, at most: it is examined, compared and laid out like a frame.
SECONDS_PER_DRAWING = SECONDS_PER_FRAME
#: From the pull of the image to the first line of the task, and from its last line to the stop.
SECONDS_PER_CONTAINER = 3 * LEAST_SECONDS
#: A range of a film is sampled, then its characters are detected.
CONTAINERS_PER_RANGE = 2
#: Near-duplicates, captions, dataset, report; a film is cropped besides.
CONTAINERS_PER_RUN = 4
#: Drawing, which may go on in a second container, choice and consistency.
CONTAINERS_TO_DRAW = 4


def container_usages(
    settings: CommonSettings, basis: EstimateBasis, panels: int
) -> tuple[Usage, ...]:
    """Return the vCPU-hours and GB-hours of a run on Fargate; none where it uses no Fargate.

    It is an upper bound for a run whose tasks are not tried again. ``panels``: of the whole
    storyboard; a run that draws some again has them in its settings.
    """
    plan = basis.containers
    if plan is None:
        return ()
    if isinstance(settings, DrawingSettings) and settings.from_run:
        panels = len(settings.redraw)
    drawings = panels * max(settings.candidates_by(job=True), settings.candidates_by(job=False))
    seconds = basis.frames * (SECONDS_PER_FRAME + DETECTION_SECONDS * (plan.callers - 1))
    if settings.draws:
        seconds += DRAWING_HOURS * 3600 + drawings * SECONDS_PER_DRAWING
    seconds += count_containers(settings, basis.frames) * SECONDS_PER_CONTAINER
    return plan.size.usages(math.ceil(seconds))


def count_containers(settings: CommonSettings, frames: int) -> int:
    """Return the most containers that a run starts unless a task is tried again."""
    count = CONTAINERS_PER_RUN + (CONTAINERS_TO_DRAW if settings.draws else 0)
    if not isinstance(settings, FilmSettings):
        return count
    films = len(settings.videos)
    # The last range of each film may be short.
    ranges = films + math.ceil(frames * settings.sample_interval_s / settings.shard_minutes / 60)
    return count + films + ranges * CONTAINERS_PER_RANGE
