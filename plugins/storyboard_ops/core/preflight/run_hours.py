"""Estimate how long a run works, so that people are told when it takes longer."""

from __future__ import annotations

from collections.abc import Iterable

from storyboard_ops.domain.money.paid_usage import Usage
from storyboard_ops.domain.settings.common import CommonSettings, TrainingSettings

#: Hours of tasks that do not depend on the films: start, report, release.
LEAST_HOURS = 0.5
#: Seconds for a frame, by one task after the other at the slowest rates of ``include/quotas``: 0.1
#: to decode it, 0.5 to find its characters, 1.4 to crop, embed and caption them.
SECONDS_PER_FRAME = 2.0
#: Hours until capacity serves a model and has drawn with it.
DRAWING_HOURS = 1.0
#: Share of ``training_timeout_h`` that a training takes whose service gives no times.
SHARE_OF_TIMEOUT = 0.5
#: Units of work that is billed by its time.
TIMED = frozenset({"hour", "training_hour", "processing_hour"})


def run_hours(settings: CommonSettings, frames: int, usages: Iterable[Usage]) -> float:
    """Return the hours that a run works, on the high side; waits for people are not included.

    ``frames``: number sampled from all videos. ``usages``: what the run buys, see
    ``estimate_usages``; jobs that are billed by the hour are among them.
    """
    timed = [usage for usage in usages if usage.unit in TIMED]
    by_jobs = any(usage.unit == "processing_hour" for usage in timed)
    hours = LEAST_HOURS + frames * SECONDS_PER_FRAME / 3600 + sum(one.amount for one in timed)
    if settings.draws and not by_jobs:
        hours += DRAWING_HOURS
        if isinstance(settings, TrainingSettings) and settings.trains:
            hours += SHARE_OF_TIMEOUT * settings.training_timeout_h
    return round(hours, 2)
