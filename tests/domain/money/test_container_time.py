"""What Fargate bills of a container: whole seconds, at least a minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from storyboard_ops.domain.money.container_time import (
    ContainerSize,
    ContainerTask,
    billed_seconds,
)
from storyboard_ops.domain.money.paid_usage import Usage
from storyboard_ops.gateways.money.pricing import cost_of

PULL = datetime(2026, 11, 29, 12, tzinfo=UTC)
SIZE = ContainerSize(vcpu=2, gb=8)


@pytest.mark.parametrize(
    ("seconds", "billed"),
    [(0, 60), (59, 60), (60, 60), (60.001, 61), (61, 61), (3600, 3600), (-5, 60)],
)
def test_whole_seconds_are_billed_and_at_least_a_minute(seconds, billed):
    assert billed_seconds(PULL, PULL + timedelta(seconds=seconds)) == billed


def test_an_hour_of_two_vcpu_and_eight_gb():
    usages = SIZE.usages(3600)
    assert usages == (
        Usage(service="ecs", item="Fargate", unit="vcpu_hour", amount=2),
        Usage(service="ecs", item="Fargate", unit="gb_hour", amount=8),
    )
    assert cost_of(usages, "us-east-1") == (pytest.approx(0.08096 + 0.03556), ())


def test_without_a_price_of_the_region_nothing_is_priced():
    usages = SIZE.usages(3600)
    assert cost_of(usages, "eu-central-1") == (0.0, usages)


def test_a_task_is_billed_from_the_pull_until_it_has_stopped_or_until_now():
    now = PULL + timedelta(seconds=90)
    task = ContainerTask(arn="arn:aws:ecs:us-east-1:0:task/c/1f", size=SIZE, pull_started=PULL)
    assert task.id == "1f"
    assert task.usages(now) == SIZE.usages(90)
    stopped = task.model_copy(update={"stopped": PULL + timedelta(seconds=61)})
    assert stopped.usages(now) == SIZE.usages(61)


@pytest.mark.parametrize("missing", ["size", "pull_started"])
def test_a_task_that_pulled_no_image_or_is_not_on_fargate_costs_nothing(missing):
    known = {"size": SIZE, "pull_started": PULL, missing: None}
    assert ContainerTask(arn="arn", **known).usages(PULL) == ()
