"""The metrics of the pipeline, each defined once. docs/observability.md lists them.

Moments are Unix time in seconds: a dashboard computes ages when it reads them. 0 means that there
is nothing left to measure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True)
class Metric:
    """A counter, which only grows, a gauge, which has a current value, or a timer, in seconds."""

    name: str  # after the prefix of Airflow's metrics
    kind: Literal["counter", "gauge", "timer"]
    labels: tuple[str, ...]
    about: str


FRAMES_SAMPLED = Metric(
    "storyboard.frames_sampled_total", "counter", (), "Frames decoded and judged, kept or not."
)
PICTURES_DROPPED = Metric(
    "storyboard.pictures_dropped_total",
    "counter",
    ("item", "reason"),
    "Frames and pictures that a stage dropped, by the reason in its manifest.",
)
PAID_CALLS = Metric(
    "storyboard.paid_calls_total",
    "counter",
    ("operation",),
    "Calls of services that answered and are billed; answers that were found again are not.",
)
TOKENS = Metric(
    "storyboard.tokens_total",
    "counter",
    ("model", "direction"),
    "Tokens bought from language and multimodal models; direction is input or output.",
)
SPENT = Metric(
    "storyboard.spent_usd_total",
    "counter",
    ("service",),
    "US dollars by the price table, as runs book them; what has no price is missing.",
)
REVIEW_WAITING_SINCE = Metric(
    "storyboard.review_waiting_since_seconds",
    "gauge",
    ("run", "task"),
    "Since when a run waits for people in a task; 0 when they have finished.",
)
LEASE_BEGAN = Metric(
    "storyboard.lease_began_seconds",
    "gauge",
    ("run", "resource"),
    "When a run claimed a resource that bills by the hour; 0 when it is released.",
)
LEASE_ENDS = Metric(
    "storyboard.lease_ends_seconds",
    "gauge",
    ("run", "resource"),
    "When the lease of that resource ends; 0 when it is released.",
)
RUN_EXPECTED_END = Metric(
    "storyboard.run_expected_end_seconds",
    "gauge",
    ("run",),
    "When a run should have ended, by its estimate and the waits for people; 0 when it has.",
)
STEP_DURATION = Metric(
    "storyboard.step_duration",
    "timer",
    ("step",),
    "Time in our own code, by step; the rest of a task's time is Airflow's.",
)

METRICS = (
    FRAMES_SAMPLED,
    PICTURES_DROPPED,
    PAID_CALLS,
    TOKENS,
    SPENT,
    REVIEW_WAITING_SINCE,
    LEASE_BEGAN,
    LEASE_ENDS,
    RUN_EXPECTED_END,
    STEP_DURATION,
)


class Emit(Protocol):
    """Reports a value: what a counter grows by, what a gauge is now, or how long something took."""

    def __call__(
        self, metric: Metric, value: float, labels: Mapping[str, str] = ..., /
    ) -> None: ...


def report_nothing(metric: Metric, value: float, labels: Mapping[str, str] = {}, /) -> None:
    """Report nothing, where nobody collects metrics."""
