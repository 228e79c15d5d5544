"""However the wait for a training ends before the training does, the training is stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from airflow.sdk.bases.operator import TriggerFailureReason

from storyboard_ops.airflow_ops.training import operators as model_operators
from storyboard_ops.airflow_ops.training.operators import CustomizeModelOperator
from storyboard_ops.domain.error_tree import JobStopped, NotFinished, StoryboardError
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.training.customize_model import start_customization
from tests.steps.money.test_paid_resources import training_set
from tests.studio.endpoint_fixture import running_endpoint
from tests.studio.studio_fixture import Studio


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
    operator = CustomizeModelOperator(task_id="customize_model", dataset={})
    with pytest.raises(kind, match=words):
        end(operator, job["jobName"])
    assert jobs(studio)[0]["status"] in {"Stopping", "Stopped"}


def test_a_task_that_is_killed_stops_a_job_it_has_not_heard_of(studio, tools):
    CustomizeModelOperator(task_id="customize_model", dataset={}).on_kill()
    assert jobs(studio)[0]["status"] in {"Stopping", "Stopped"}


def jobs(studio: Studio) -> list[dict]:
    """The customization jobs of the account."""
    listed: list[dict] = studio.client("bedrock").list_model_customization_jobs()[
        "modelCustomizationJobSummaries"
    ]
    return listed
