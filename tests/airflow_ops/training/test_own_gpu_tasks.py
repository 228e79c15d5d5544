"""Tasks of the studio's own machine: where they run, and how they wait."""

from __future__ import annotations

import json

import pytest

from storyboard_ops.airflow_ops.training import operators
from storyboard_ops.airflow_ops.training.operators import (
    CustomizeModelOperator,
    DrawStoryboardOperator,
)
from storyboard_ops.domain.training.model_facts import TrainedModel
from storyboard_ops.gateways.deployment_file import GPU_VARIABLE
from storyboard_ops.steps.release.release_resources import release_everything
from storyboard_ops.steps.training.own_gpu.machine import own_machine
from tests.studio.trainers.open_training import open_run, published_set, store_weights
from tests.studio.trainers.own_machine import deploy_machine


def placed(operator) -> tuple[str, str]:
    return operator.queue, operator.pool


def test_training_and_drawing_run_on_the_queue_and_in_the_pool_of_the_machine(monkeypatch):
    section = {
        "where": "queue",
        "queue": "gpu",
        "pool": "gpus",
        "python": "/p",
        "work_folder": "/w",
    }
    monkeypatch.setenv(GPU_VARIABLE, json.dumps(section))
    training = CustomizeModelOperator(task_id="customize_model", dataset={})
    drawing = DrawStoryboardOperator(task_id="draw_storyboard", model={}, capacity=None)
    assert placed(training) == placed(drawing) == ("gpu", "gpus")


def test_without_a_machine_they_run_where_all_tasks_do(monkeypatch):
    monkeypatch.delenv(GPU_VARIABLE, raising=False)
    training = CustomizeModelOperator(task_id="customize_model", dataset={})
    assert placed(training) == ("default", "default_pool")


@pytest.fixture
def tools(studio, tmp_path, monkeypatch, small_program):
    """The tool box of a run on this machine."""
    deploy_machine(monkeypatch, tmp_path)
    tools = open_run(studio, "own-tasks", trainer="own_gpu", poll_seconds=1)
    monkeypatch.setattr(operators, "tool_box", lambda: tools)
    return tools


def test_a_task_waits_itself_because_it_runs_on_the_machine_that_works(tools):
    operator = CustomizeModelOperator(
        task_id="customize_model", dataset=published_set(tools).model_dump(mode="json")
    )
    model = TrainedModel.model_validate(operator.execute({}))
    assert (model.trainer, model.chosen_step) == ("own_gpu", 1)


def test_a_task_that_is_killed_ends_the_training(studio, tools):
    store_weights(studio, step_seconds=60)
    dataset = published_set(tools)
    operator = CustomizeModelOperator(
        task_id="customize_model", dataset=dataset.model_dump(mode="json")
    )
    wait = operator.start()
    operator.on_kill()
    found = own_machine(tools).state(wait.name)
    assert found is None or found.stopping or not found.running
    release_everything(tools)
    assert own_machine(tools).state(wait.name) is None
