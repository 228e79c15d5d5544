"""The waits: a trigger is only data, looks at the real endpoint, and stops what it waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from storyboard_ops.airflow_ops.approval.trigger import HumanLoopsTrigger
from storyboard_ops.airflow_ops.training.triggers import CapacityTrigger, CustomizationTrigger
from storyboard_ops.domain.preflight.preflight_report import PreflightReport
from storyboard_ops.gateways.storage.production_files import load_production
from storyboard_ops.steps.preflight.check_preflight import write_run
from storyboard_ops.steps.release.release_resources import release_everything
from storyboard_ops.steps.training.customize_model import finish_customization, start_customization
from storyboard_ops.steps.training.provide_capacity import finish_capacity, start_capacity
from tests.films.tiny_film import tiny_production
from tests.steps.money.test_paid_resources import training_set
from tests.steps.review.test_review_steps import opened, stored_images
from tests.studio.endpoint_fixture import running_endpoint
from tests.studio.human_answers import answer, approved
from tests.studio.studio_fixture import Studio

SOON = {"waiter_delay": 1, "waiter_max_attempts": 60}


@pytest.fixture
def slow_aws(tmp_path, monkeypatch) -> Iterator[Studio]:
    """An endpoint of its own, on which training takes as long as a test needs it to."""
    with running_endpoint(tmp_path / "data", ("--customization-seconds", "600")) as endpoint:
        for name, value in endpoint.environment.items():
            monkeypatch.setenv(name, value)
        yield Studio.opened(endpoint)


async def first_event(trigger) -> dict:
    event = await asyncio.wait_for(anext(trigger.run()), timeout=30)
    return event.payload


@pytest.mark.parametrize(
    "trigger",
    [
        CustomizationTrigger(job_name="job", **SOON),
        CapacityTrigger(provisioned_model_id="capacity", **SOON),
        HumanLoopsTrigger("arn:flow", ["loop-1"], "2026-11-23T03:00:00+00:00", 5.0),
    ],
    ids=lambda trigger: type(trigger).__name__,
)
def test_a_trigger_comes_back_from_its_own_data(trigger):
    path, data = trigger.serialize()
    assert path == f"{type(trigger).__module__}.{type(trigger).__qualname__}"
    assert type(trigger)(**data).serialize() == (path, data)


async def test_the_waits_for_model_and_capacity_end_when_the_service_is_done(aws):
    tools = aws.tools(run_key=f"wait-{aws.bucket}", keep_model=False)
    job = start_customization(tools, training_set(tools, records=5))
    event = await first_event(CustomizationTrigger(job_name=job, **SOON))
    assert (event["status"], event["job_name"]) == ("success", job)
    capacity = start_capacity(tools, finish_customization(tools, job))
    event = await first_event(CapacityTrigger(provisioned_model_id=capacity, **SOON))
    assert (event["status"], event["provisioned_model_id"]) == ("success", capacity)
    assert finish_capacity(tools, capacity).name == capacity
    assert release_everything(tools).still_billing == ()


async def test_a_failed_job_ends_the_wait_as_an_error(aws):
    tools = aws.tools(run_key=f"fail-{aws.bucket}")
    job = start_customization(tools, training_set(tools, records=4))
    event = await first_event(CustomizationTrigger(job_name=job, **SOON))
    assert event["status"] == "error"
    assert event["job_name"] == job


async def test_killing_the_wait_stops_the_job(slow_aws):
    tools = slow_aws.tools(run_key=f"kill-{slow_aws.bucket}")
    job = start_customization(tools, training_set(tools, records=5))
    await CustomizationTrigger(job_name=job, **SOON).on_kill()
    state = slow_aws.client("bedrock").get_model_customization_job(jobIdentifier=job)
    assert state["status"] in {"Stopping", "Stopped"}


async def test_killing_the_wait_for_a_job_that_has_ended_is_no_error(aws):
    tools = aws.tools(run_key=f"late-{aws.bucket}")
    job = start_customization(tools, training_set(tools, records=5))
    await first_event(CustomizationTrigger(job_name=job, **SOON))
    await CustomizationTrigger(job_name=job, **SOON).on_kill()
    assert finish_customization(tools, job).model_arn


async def test_people_are_waited_for_until_every_loop_has_ended(aws):
    tools = aws.tools(review_batch_size=2, production=tiny_production(aws))
    write_run(
        tools, load_production(tools.objects, tools.settings.production), PreflightReport(checks=())
    )
    images = stored_images(tools, 3)
    ref = tools.manifests.commit(tools.run_root / "candidates.jsonl", "images", "d", images)
    _, loops = opened(tools, ref)
    trigger = HumanLoopsTrigger(
        flow_definition_arn=loops[0].flow_definition_arn,
        loop_names=[loop.name for loop in loops],
        created_after=(datetime.now(UTC) - timedelta(minutes=5)).isoformat(),
        poll_seconds=0.2,
    )
    waiting = asyncio.create_task(first_event(trigger))
    await asyncio.to_thread(answer, aws, loops[0], approved(loops[0]))
    await asyncio.sleep(1)
    assert not waiting.done()
    await asyncio.to_thread(answer, aws, loops[1], approved(loops[1]))
    assert (await waiting)["states"] == {loop.name: "Completed" for loop in loops}
