"""However the wait for a training ends before the training does, the training is stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.bases.operator import TriggerFailureReason
from airflow.sdk.exceptions import AirflowRescheduleException, AirflowSkipException

from storyboard_ops.airflow_ops.refusals import TaskRefused
from storyboard_ops.airflow_ops.training import operators as model_operators
from storyboard_ops.airflow_ops.training.operators import (
    CustomizeModelOperator,
    DrawStoryboardOperator,
    ProvisionThroughputOperator,
)
from storyboard_ops.domain.error_tree import (
    JobStopped,
    NotFinished,
    QuotaExhausted,
    StoryboardError,
)
from storyboard_ops.domain.training.model_facts import TrainedModel, Wait
from storyboard_ops.domain.utc_time import utc_now
from storyboard_ops.steps.release.release_resources import release_everything
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.bedrock.draw_storyboard import BedrockPainter
from storyboard_ops.steps.training.bedrock.customize_model import (
    finish_customization,
    start_customization,
)
from tests.material import factories
from tests.steps.money.test_paid_resources import training_set, wait_for
from tests.studio.endpoint_fixture import running_endpoint
from tests.studio.studio_fixture import Studio
from tests.studio.trainers.bedrock_run import DATASET


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    """An account of its own, in which training takes ten minutes."""
    with running_endpoint(tmp_path / "data", ("--customization-seconds", "600")) as endpoint:
        yield Studio.opened(endpoint)


@pytest.fixture
def tools(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> ToolBox:
    """The tool box of a task whose job is in progress."""
    tools = studio.tools()
    monkeypatch.setattr(model_operators, "tool_box", lambda: tools)
    start_customization(tools, training_set(tools, records=6))
    return tools


def time_out(operator: CustomizeModelOperator, job: str) -> None:
    failure = {"error": TriggerFailureReason.TRIGGER_TIMEOUT}
    operator.resume_execution("__fail__", failure, {})


def run_out_of_attempts(operator: CustomizeModelOperator, job: str) -> None:
    event = {"status": "error", "message": "max attempts reached", "job_name": job}
    operator.resume_execution("execute_complete", {"event": event}, {})


@pytest.mark.logs_errors
@pytest.mark.parametrize(
    ("end", "kind", "words"),
    [
        (
            time_out,
            NotFinished,
            r"has not ended within 24 hours \(training_timeout_h\) and was stopped",
        ),
        (run_out_of_attempts, JobStopped, "is Stopp"),
    ],
)
def test_a_wait_that_is_over_before_the_training_stops_it(
    studio,
    tools,
    end: Callable[[CustomizeModelOperator, str], None],
    kind: type[StoryboardError],
    words: str,
):
    [job] = jobs(studio)
    operator = CustomizeModelOperator(task_id="customize_model", dataset=DATASET)
    with pytest.raises(TaskRefused, match=words) as refused:
        end(operator, job["jobName"])
    assert isinstance(refused.value.__context__, kind)
    assert jobs(studio)[0]["status"] in {"Stopping", "Stopped"}


def test_a_task_that_is_killed_stops_a_job_it_has_not_heard_of(studio, tools):
    CustomizeModelOperator(task_id="customize_model", dataset=DATASET).on_kill()
    assert jobs(studio)[0]["status"] in {"Stopping", "Stopped"}


MODEL = TrainedModel(
    trainer="sagemaker",
    job_arn="",
    job_name="",
    model_arn="s3://studio/runs/r/model",
    base_model_id="small-flow",
    images_seen=0,
).model_dump(mode="json")


def test_capacity_is_skipped_with_the_reason_where_a_job_draws(tools):
    tools.write_record("production.json", factories.production())
    operator = ProvisionThroughputOperator(task_id="provision_throughput", model=MODEL)
    with pytest.raises(AirflowSkipException, match="draws by a job that ends"):
        operator.execute({})


@pytest.mark.parametrize(
    "operator",
    [
        ProvisionThroughputOperator(task_id="provision_throughput", model=MODEL),
        DrawStoryboardOperator(task_id="draw_storyboard", model=MODEL, capacity=None),
    ],
    ids=lambda operator: operator.task_id,
)
def test_a_run_without_panels_ends_with_its_model(tools, operator):
    without = factories.production().model_copy(update={"storyboard": ()})
    tools.write_record("production.json", without)
    with pytest.raises(AirflowSkipException, match=r"no storyboard.*names no script"):
        operator.execute({})


def test_drawing_buys_capacity_again_when_the_run_has_released_it(studio, monkeypatch):
    """Its task was cleared after the release, which then runs again, too."""
    tools = studio.tools(run_key="cleared")
    tools.write_record("production.json", factories.production())
    monkeypatch.setattr(model_operators, "tool_box", lambda: tools)
    with studio.endpoint.stopped_clock():
        start_customization(tools, training_set(tools, records=6))
    studio.endpoint.move_clock(hours=1)
    (job,) = jobs(studio)
    model = finish_customization(tools, job["jobName"])
    painter = BedrockPainter(tools)
    first = painter.provide(model)
    capacity = wait_for(painter.provided, first.name)
    release_everything(tools)
    again = painter.start(model, capacity)
    assert isinstance(again, Wait)
    assert again.name != first.name
    assert wait_for(painter.finish, model, again.name).count == 3
    release_everything(tools)


def jobs(studio: Studio) -> list[dict]:
    """The customization jobs of the account."""
    listed: list[dict] = studio.client("bedrock").list_model_customization_jobs()[
        "modelCustomizationJobSummaries"
    ]
    return listed


class RescheduledTask:
    """A task instance that was first scheduled again this many hours ago; None: never."""

    def __init__(self, hours: float | None) -> None:
        self._first = None if hours is None else utc_now() - timedelta(hours=hours)

    def get_first_reschedule_date(self, context: Any) -> datetime | None:
        return self._first


def used_up(operator: CustomizeModelOperator) -> Wait:
    raise QuotaExhausted("CreateModelCustomizationJob: 2 of 2 jobs are scheduled.")


@pytest.mark.parametrize("hours", [None, 0.1, 23.9])
def test_a_limit_that_other_runs_use_up_is_waited_for(monkeypatch, tools, hours):
    monkeypatch.setattr(CustomizeModelOperator, "start", used_up)
    operator = CustomizeModelOperator(task_id="customize_model", dataset=DATASET)
    with pytest.raises(AirflowRescheduleException) as again:
        operator.execute({"ti": RescheduledTask(hours)})
    pause = again.value.reschedule_date - utc_now()
    assert timedelta(minutes=4, seconds=50) < pause <= timedelta(minutes=5)


@pytest.mark.logs_errors
def test_a_limit_that_stays_used_up_for_a_day_fails_the_task(monkeypatch, tools):
    monkeypatch.setattr(CustomizeModelOperator, "start", used_up)
    operator = CustomizeModelOperator(task_id="customize_model", dataset=DATASET)
    with pytest.raises((TaskRefused, QuotaExhausted), match="2 of 2 jobs are scheduled"):
        operator.execute({"ti": RescheduledTask(24.1)})
