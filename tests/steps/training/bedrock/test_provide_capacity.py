"""Capacity is bought once, under a name of its own, with the lease that the run asked for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from storyboard_ops.domain.error_tree import (
    GateClosed,
    JobStopped,
    NotFinished,
    ServiceError,
)
from storyboard_ops.domain.money.resource_lease import EXPIRES_TAG, OWNER, OWNER_TAG, RUN_TAG
from storyboard_ops.domain.training.model_facts import Capacity
from storyboard_ops.domain.utc_time import iso, iso_millis
from storyboard_ops.steps.money import claims as paid_claims
from storyboard_ops.steps.training.bedrock import provide_capacity
from tests.fakes.memory_bedrock import MemoryBedrock
from tests.studio.trainers.bedrock_run import MODEL, NOON, Run, throughput_line


@pytest.mark.parametrize(("lease_h", "hours"), [(4, 10), (24, 24)])
def test_capacity_carries_the_later_of_its_lease_and_of_what_it_is_kept_for(
    run: Run, bedrock: MemoryBedrock, lease_h: float, hours: int
) -> None:
    tools = run(lease_h=lease_h, keep_capacity_until=NOON + timedelta(hours=10))
    provide_capacity.start_capacity(tools, MODEL)
    (tags,) = bedrock.tags.values()
    assert tags[EXPIRES_TAG] == iso(NOON + timedelta(hours=hours))


def test_each_purchase_after_a_release_has_a_name_of_its_own(
    run: Run, bedrock: MemoryBedrock
) -> None:
    tools = run()
    names = []
    for _ in range(3):
        names.append(provide_capacity.start_capacity(tools, MODEL))
        throughput_line(tools, bedrock, iso(NOON), names[-1])
        bedrock.throughputs.clear()
    assert len(set(names)) == 3
    assert [line.name for line in paid_claims.receipt_lines(tools)].count(names[0]) == 1


def test_failed_capacity_is_deleted_and_bought_under_the_next_name(
    run: Run, bedrock: MemoryBedrock
) -> None:
    first = provide_capacity.start_capacity(run(), MODEL)
    bedrock.throughputs[first]["status"] = "Failed"
    second = provide_capacity.start_capacity(run(), MODEL)
    assert second != first
    assert list(bedrock.throughputs) == [second]


@pytest.mark.parametrize(
    "other",
    [{"modelUnits": 2}, {"modelArn": "arn:other"}, {"commitmentDuration": "SixMonths"}],
    ids=str,
)
def test_capacity_of_other_inputs_is_not_adopted(
    run: Run, bedrock: MemoryBedrock, other: dict[str, Any]
) -> None:
    name = provide_capacity.start_capacity(run(), MODEL)
    bedrock.throughputs[name] |= other
    with pytest.raises(GateClosed, match="exists with other inputs"):
        provide_capacity.start_capacity(run(), MODEL)


@pytest.mark.parametrize(
    "tags", [{}, {OWNER_TAG: OWNER}, {OWNER_TAG: OWNER, RUN_TAG: "run-2"}, {RUN_TAG: "run-1"}]
)
def test_capacity_that_is_not_tagged_as_this_runs_is_not_adopted(
    run: Run, bedrock: MemoryBedrock, tags: dict[str, str]
) -> None:
    name = provide_capacity.start_capacity(run(), MODEL)
    bedrock.tags[bedrock.throughputs[name]["provisionedModelArn"]] = tags
    with pytest.raises(GateClosed, match=rf"{name} exists, but is not tagged as this run's"):
        provide_capacity.start_capacity(run(), MODEL)
    assert bedrock.tags[bedrock.throughputs[name]["provisionedModelArn"]] == tags


def test_capacity_that_somebody_made_under_the_expected_name_is_not_adopted(
    run: Run, bedrock: MemoryBedrock
) -> None:
    name = provide_capacity.start_capacity(run(), MODEL)
    tools = run()
    tools.objects.delete([one.uri for one in tools.objects.list(tools.run_root / "claims/")])
    with pytest.raises(GateClosed, match=rf"{name} exists, but was not claimed by this run"):
        provide_capacity.start_capacity(tools, MODEL)


@pytest.mark.parametrize("code", ["ConflictException", "AccessDeniedException"])
def test_a_purchase_that_is_refused_is_claimed_and_raises(
    run: Run, bedrock: MemoryBedrock, code: str
) -> None:
    bedrock.refusals = {"create_provisioned_model_throughput": [code]}
    tools = run()
    with pytest.raises(ServiceError, match=code):
        provide_capacity.start_capacity(tools, MODEL)
    assert [record.kind for record in paid_claims.claims(tools)] == ["provisioned throughput"]


def test_capacity_that_is_not_in_service_is_not_drawn_with(
    run: Run, bedrock: MemoryBedrock
) -> None:
    with pytest.raises(JobStopped, match="cap no longer exists"):
        provide_capacity.finish_capacity(run(), "cap")
    bedrock.add_throughput("cap", NOON, status="Creating", failureMessage="no room")
    with pytest.raises(NotFinished, match=r"cap is Creating\. no room"):
        provide_capacity.finish_capacity(run(), "cap")


def test_capacity_in_service_is_remembered_for_the_drawing(
    run: Run, bedrock: MemoryBedrock
) -> None:
    arn = bedrock.add_throughput("cap", NOON, modelUnits=2)
    tools = run()
    capacity = Capacity(
        arn=arn, name="cap", model_arn="arn:model", model_units=2, created_at=iso_millis(NOON)
    )
    assert provide_capacity.finish_capacity(tools, "cap") == capacity
    assert tools.read_record("model/capacity.json", Capacity) == capacity
    assert [line.name for line in paid_claims.receipt_lines(tools)] == ["cap"]
