"""Containers of heavy tasks on the estimate, and those that are refused before a run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from storyboard_ops.domain.error_tree import GateClosed
from storyboard_ops.domain.money.container_time import FargatePlace
from storyboard_ops.steps.money.cost_gate import cost_facts
from storyboard_ops.steps.preflight.account.container_check import plan_containers
from storyboard_ops.steps.preflight.check_preflight import check_preflight, preflight_report
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.films.tiny_film import tiny_film, tiny_production
from tests.studio.endpoint_fixture import running_endpoint
from tests.studio.studio_fixture import Studio
from tests.studio.task_definitions import define_task


@pytest.fixture
def ready(studio: Studio, tmp_path: Any) -> dict[str, Any]:
    """Parameters of a run that preflight lets through."""
    film = studio.upload(tiny_film(tmp_path / "film.mp4", seconds=3))
    return {"videos": [film], "production": tiny_production(studio), "review_desk": "page"}


def on_fargate(studio: Studio, ready: dict[str, Any], definition: str) -> ToolBox:
    return replace(studio.tools(**ready), fargate=FargatePlace(definition=definition))


def test_preflight_estimates_the_containers_and_says_what_it_assumes(studio, ready):
    tools = on_fargate(studio, ready, define_task(studio, cpu="4096", memory="16384"))
    report = check_preflight(tools)
    plain = preflight_report(replace(tools, fargate=None))
    amounts = {one.unit: one.amount for one in report.estimate if one.service == "ecs"}
    assert amounts["gb_hour"] == pytest.approx(4 * amounts["vcpu_hour"])
    assert amounts["vcpu_hour"] > 4, "drawing takes an hour at most"
    assert report.estimate_usd > plain.estimate_usd + 0.2
    lines = {line.what: line.usd for line in cost_facts(tools, report).lines}
    assert 0.2 < lines["containers of heavy tasks"] < 0.5
    assert not any(one.service == "ecs" for one in plain.estimate)
    [check] = [one for one in report.checks if one.name == "heavy tasks"]
    assert check.state == "pass"
    assert "in containers of 4 vCPU and 16 GB" in check.finding and "no second" in check.finding


def test_an_executor_that_books_nothing_is_named(studio):
    definition = define_task(studio, cpu="2048", memory="8192")
    place = FargatePlace(definition=definition, metered=False)
    plan, finding = plan_containers(replace(studio.tools(), fargate=place))
    assert plan is not None and finding.state == "warn"
    assert "The receipt will not have them" in finding.finding


def test_a_definition_without_a_size_or_that_does_not_exist_is_refused(studio, ready):
    with pytest.raises(GateClosed, match="names no cpu and memory for the whole task"):
        check_preflight(on_fargate(studio, ready, define_task(studio)))
    with pytest.raises(GateClosed, match="heavy tasks: could not be checked: ecs DescribeTask"):
        check_preflight(on_fargate(studio, ready, "no-such-family"))


def test_containers_in_another_region_than_the_run_are_refused(studio):
    place = FargatePlace(definition="storyboard-heavy", region="eu-west-1")
    plan, finding = plan_containers(replace(studio.tools(), fargate=place))
    assert plan is None and finding.state == "fail"
    assert finding.finding.startswith("heavy tasks run in eu-west-1, but the run is in us-east-1")


def test_a_region_without_a_price_refuses_heavy_tasks_before_anything_is_paid(tmp_path):
    with running_endpoint(tmp_path / "data", ("--region", "eu-central-1")) as endpoint:
        studio = Studio.opened(endpoint)
        definition = define_task(studio, cpu="2048", memory="8192")
        place = FargatePlace(definition=definition)
        plan, finding = plan_containers(replace(studio.tools(), fargate=place))
    assert plan is None and finding.state == "fail"
    assert finding.finding == (
        "heavy tasks run on Fargate, and eu-central-1 has no sourced price for it."
    )
    assert "include/prices/aws-eu-central-1.yaml" in finding.remedy
