"""Turn what a run has made and bought into metrics."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from storyboard_ops.domain.money.paid_usage import Usage
from storyboard_ops.domain.monitoring.metrics import (
    FRAMES_SAMPLED,
    PAID_CALLS,
    PICTURES_DROPPED,
    SPENT,
    TOKENS,
    Emit,
)
from storyboard_ops.gateways.money.pricing import price_table

#: Kind of the manifest that lists the samples of a film, for all runs.
SAMPLES = "samples"
#: Units of tokens, and their direction.
DIRECTIONS = {"input_token": "input", "output_token": "output"}


def report_manifest(emit: Emit, kind: str, summary: Mapping[str, Any]) -> None:
    """Report what a stage has sampled and dropped, by the summary of its new manifest."""
    dropped: Mapping[str, int] = summary.get("dropped", {})
    item = "frame" if kind == SAMPLES else "picture"
    if kind == SAMPLES:
        emit(FRAMES_SAMPLED, summary["kept"] + sum(dropped.values()))
    for reason, count in dropped.items():
        emit(PICTURES_DROPPED, count, {"item": item, "reason": reason})


def report_calls(emit: Emit, calls: Mapping[str, int]) -> None:
    """Report billed calls by operation."""
    for operation, count in calls.items():
        emit(PAID_CALLS, count, {"operation": operation})


def report_purchases(
    emit: Emit, region: str, booked: tuple[Usage, ...], before: tuple[Usage, ...]
) -> None:
    """Report tokens and money of what was booked, less what the same entry had before."""
    table = price_table(region)
    known = {_item(usage): usage.amount for usage in before}
    spent: defaultdict[str, float] = defaultdict(float)
    for usage in booked:
        more = max(0.0, usage.amount - known.get(_item(usage), 0.0))
        spent[usage.service] += table.usd(usage.model_copy(update={"amount": more})) or 0.0
        if more and usage.unit in DIRECTIONS:
            emit(TOKENS, more, {"model": usage.item, "direction": DIRECTIONS[usage.unit]})
    for service, usd in spent.items():
        if usd:
            emit(SPENT, usd, {"service": service})


def _item(usage: Usage) -> tuple[str, str, str]:
    return usage.service, usage.item, usage.unit
