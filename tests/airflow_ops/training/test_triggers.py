"""The waits: a trigger is only data, looks at the real endpoint, and stops what it waits for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storyboard_ops.airflow_ops.approval.trigger import HumanLoopsTrigger
from storyboard_ops.airflow_ops.training.triggers import (
    CapacityTrigger,
    CustomizationTrigger,
    trigger_of,
)
from storyboard_ops.domain.preflight.preflight_report import PreflightReport
from storyboard_ops.domain.training.model_facts import Wait
from storyboard_ops.gateways.storage.production_files import load_production
from storyboard_ops.steps.preflight.check_preflight import write_run
from storyboard_ops.steps.release.release_resources import release_everything
from storyboard_ops.steps.training.bedrock.customize_model import (
    finish_customization,
    start_customization,
)
from storyboard_ops.steps.training.bedrock.provide_capacity import finish_capacity, start_capacity
from storyboard_ops.steps.training.trainers import trainer_of
from tests.films.tiny_film import tiny_production
from tests.steps.money.test_paid_resources import training_set
from tests.steps.review.test_review_steps import opened, stored_images
from tests.studio.endpoint_fixture import running_endpoint
from tests.studio.human_answers import answer, approved
from tests.studio.studio_fixture import Studio
from tests.studio.trainers.open_training import open_run, open_studio, published_set, store_weights

SOON = {"waiter_delay": 1, "waiter_max_attempts": 60}


@pytest.fixture
def slow_aws(tmp_path, monkeypatch) -> Iterator[Studio]:
    """An endpoint of its own, on which training takes as long as a test needs it to."""
    with running_endpoint(tmp_path / "data", ("--customization-seconds", "600")) as endpoint:
        for name, value in endpoint.environment.items():
            monkeypatch.setenv(name, value)
        yield Studio.opened(endpoint)


@pytest.fixture
def jobs_of_sagemaker(monkeypatch) -> Iterator[Studio]:
    """An endpoint of its own that plays jobs."""
    with open_studio() as studio:
        for name, value in studio.endpoint.environment.items():
            monkeypatch.setenv(name, value)
        yield studio


async def first_event(trigger) -> dict:
    event = await asyncio.wait_for(anext(trigger.run()), timeout=30)
    return event.payload


@pytest.mark.parametrize(
    "trigger",
    [
        CustomizationTrigger(job_name="job", **SOON),
        CapacityTrigger(provisioned_model_id="capacity", **SOON),
        trigger_of(
            Wait(
                kind="drawing job", name="job", hours=2, progress_uri="s3://b/p", usd_per_hour=2.8
            ),
            poll_seconds=30,
        ),
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


def waiting_for(wait: Wait) -> Any:
    return trigger_of(wait, poll_seconds=1)


def test_a_wait_for_a_job_lasts_as_long_as_the_job_may():
    """The provider's operator gives up after half an hour, while the job bills on."""
    wait = Wait(kind="training job", name="job", hours=25)
    _, data = trigger_of(wait, poll_seconds=60).serialize()
    assert data["waiter_delay"] * data["waiter_max_attempts"] == 25 * 3600


async def test_a_wait_for_a_job_tells_what_the_program_says_and_what_it_has_cost(
    jobs_of_sagemaker, small_program, caplog
):
    tools = open_run(jobs_of_sagemaker, "told", open_steps=12)
    store_weights(jobs_of_sagemaker, step_seconds=0.25)
    trainer, dataset = trainer_of(tools), published_set(tools)
    with caplog.at_level(logging.INFO):
        event = await first_event(waiting_for(trainer.start(dataset)))
    assert event["status"] == "success"
    assert trainer.finish(dataset, event["job_name"]).chosen_step == 1
    told = [line for line in caplog.messages if "training, step" in line]
    assert told, "while it trains"
    assert all("of 12, loss 0." in line or "loss 1." in line for line in told)
    assert all("4.00 pictures/s" in line and "USD so far" in line for line in told)


async def test_killing_the_wait_stops_the_job_of_sagemaker(jobs_of_sagemaker, small_program):
    tools = open_run(jobs_of_sagemaker, "killed-wait")
    store_weights(jobs_of_sagemaker, step_seconds=60)
    wait = trainer_of(tools).start(published_set(tools))
    await waiting_for(wait).on_kill()
    await waiting_for(wait).on_kill()  # it may have ended
    sagemaker = jobs_of_sagemaker.client("sagemaker")
    job = sagemaker.describe_training_job(TrainingJobName=wait.name)
    assert job["TrainingJobStatus"] in {"Stopping", "Stopped"}


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
