"""The gauges of what bills: from the claim until it is released or has ended, and at each sweep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from storyboard_ops.domain.money.paid_usage import PaidResource
from storyboard_ops.domain.money.resource_lease import Lease
from storyboard_ops.domain.monitoring.metrics import Metric
from storyboard_ops.domain.training.model_facts import ClaimKind
from storyboard_ops.domain.utc_time import iso
from storyboard_ops.steps.money.claims import claim, write_line
from storyboard_ops.steps.release.release_expired import release_expired
from tests.studio.claimed_capacity import buy_capacity, name_of
from tests.studio.endpoint_fixture import FAST, running_endpoint
from tests.studio.studio_fixture import Studio
from tests.studio.trainers.bedrock_run import NOON, Run

Gauges = dict[tuple[str, ...], float]


@pytest.fixture
def gauges() -> Gauges:
    return {}


def emit_to(gauges: Gauges):
    def emit(metric: Metric, value: float, labels: Mapping[str, str] = {}, /) -> None:
        gauges[metric.name.removeprefix("storyboard."), *labels.values()] = value

    return emit


@pytest.mark.parametrize(
    ("kind", "ended"),
    [
        ("provisioned throughput", {"bills": True, "deleted_at": iso(NOON)}),
        ("customization job", {"bills": False}),
    ],
)
def test_a_lease_is_reported_from_the_claim_to_the_end(
    run: Run, gauges: Gauges, kind: ClaimKind, ended: dict[str, object]
) -> None:
    tools = replace(run(lease_h=2), emit=emit_to(gauges))
    claim(tools, kind, "x")
    assert gauges["lease_began_seconds", tools.run_key, "x"] == NOON.timestamp()
    over = (NOON + timedelta(hours=2)).timestamp()
    assert gauges["lease_ends_seconds", tools.run_key, "x"] == over
    facts = {"kind": kind, "name": "x", "arn": "x", "owner": tools.run_key, "created_at": iso(NOON)}
    write_line(tools, PaidResource(**facts, bills=True))
    assert gauges["lease_ends_seconds", tools.run_key, "x"] == over
    write_line(tools, PaidResource(**facts, **ended))
    assert set(gauges.values()) == {0}


def test_what_does_not_bill_by_its_time_has_no_lease(run: Run, gauges: Gauges) -> None:
    tools = replace(run(), emit=emit_to(gauges))
    claim(tools, "face collection", "x")
    assert gauges == {}


def test_a_sweep_reports_what_runs_have_claimed(tmp_path, gauges: Gauges) -> None:
    now = datetime.now(UTC)
    with running_endpoint(tmp_path / "data", FAST) as endpoint:
        studio = Studio.opened(endpoint)
        for number, hours in ((1, 1), (2, -1)):
            tags = Lease(run="run-1", expires=now + timedelta(hours=hours)).tags
            buy_capacity(studio.client, studio.workspace, number, tags)
        release_expired(studio.client, [studio.workspace], emit=emit_to(gauges))
    held, released = name_of("capacity", 1), name_of("capacity", 2)
    assert gauges["lease_ends_seconds", "run-1", held] == int(
        (now + timedelta(hours=1)).timestamp()
    )
    claimed = datetime(2026, 11, 23, 3, tzinfo=UTC).timestamp()
    assert gauges["lease_began_seconds", "run-1", held] == claimed
    assert gauges["lease_began_seconds", "run-1", released] == 0
    assert gauges["lease_ends_seconds", "run-1", released] == 0
