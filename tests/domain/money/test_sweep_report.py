"""What a sweep reports, and what it asks a person for."""

from __future__ import annotations

import pytest

from storyboard_ops.domain.error_tree import ReleaseFailed
from storyboard_ops.domain.money.sweep_report import Outcome, SweepReport, SweptResource


def swept(name: str, outcome: Outcome, reason: str = "") -> SweptResource:
    return SweptResource(kind="custom model", name=name, arn=f"arn:{name}", outcome=outcome,
                         reason=reason)  # fmt: skip


REPORT = SweepReport(
    resources=(
        swept("a", "released"), swept("b", "leased"), swept("c", "failed", "no right"),
        swept("d", "malformed", "no end"), swept("e", "leased"),
        swept("f", "unrecognized", "no claim"), swept("g", "overdue", "no claim"),
    ),
)  # fmt: skip


def test_ends_are_counted_and_chosen() -> None:
    assert REPORT.counts == {
        "released": 1, "leased": 2, "failed": 1, "malformed": 1, "unrecognized": 1, "overdue": 1,
    }  # fmt: skip
    assert [one.name for one in REPORT.with_outcome("leased", "failed")] == ["b", "c", "e"]
    assert SweepReport(resources=()).counts == {}


def test_what_failed_and_what_is_malformed_needs_a_person() -> None:
    with pytest.raises(ReleaseFailed) as raised:
        REPORT.raise_for_failures()
    head, *lines = str(raised.value).splitlines()
    assert head.startswith("3 of 7 resources were not released")
    assert lines == [
        "  custom model c arn:c: no right",
        "  custom model d arn:d: no end",
        "  custom model g arn:g: no claim",
    ]
    calm = REPORT.with_outcome("released", "leased", "unrecognized")
    SweepReport(resources=calm).raise_for_failures()
