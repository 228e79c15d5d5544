"""The wait for a job by SSH, with Airflow's connection, its hooks and a real sshd."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from storyboard_ops.airflow_ops.task_bridge import ssh_client
from storyboard_ops.airflow_ops.training.triggers import trigger_of
from storyboard_ops.domain.error_tree import JobStopped, MachineUnusable
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.domain.training.model_facts import TrainedModel, Wait
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.training.trainers import trainer_of
from tests.studio.studio_fixture import Studio
from tests.studio.trainers.open_training import open_run, published_set, store_weights, until
from tests.studio.trainers.own_machine import deploy_machine
from tests.studio.trainers.ssh_server import running_sshd


@pytest.fixture
def tools(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_program: None
) -> Iterator[ToolBox[RunSettings]]:
    """A run whose machine is behind a connection of Airflow."""
    opened: list[Any] = []

    def connect(connection: str) -> Any:
        opened.append(ssh_client(connection))
        return opened[-1]

    (tmp_path / "sshd").mkdir()
    with running_sshd(tmp_path / "sshd") as server:
        monkeypatch.setenv("AIRFLOW_CONN_STUDIO_GPU", server.connection)
        deploy_machine(monkeypatch, tmp_path, where="ssh", connection="studio_gpu")
        tools = open_run(studio, "ssh-trigger", trainer="own_gpu")
        yield replace(tools, open_ssh=connect)
        for client in opened:
            client.close()


async def first_event(wait: Wait, **other: Any) -> Any:
    trigger = trigger_of(wait, poll_seconds=1)
    for name, value in other.items():
        setattr(trigger, name, value)
    kind, fields = trigger.serialize()
    assert kind == "storyboard_ops.airflow_ops.training.ssh_trigger.GpuJobTrigger"
    assert type(trigger)(**fields).serialize() == (kind, fields)
    async for event in trigger.run():
        return event.payload
    return None


def test_the_wait_ends_with_the_training_whose_output_is_in_the_log(
    tools: ToolBox[RunSettings], caplog: pytest.LogCaptureFixture
) -> None:
    trainer, dataset = trainer_of(tools), published_set(tools)
    wait = trainer.start(dataset)
    with caplog.at_level(logging.INFO):
        event = asyncio.run(first_event(wait))
    assert event["status"] == "success"
    model = trainer.finish(dataset, wait.name)
    assert isinstance(model, TrainedModel), "the training has ended when the wait has"


@pytest.mark.long
def test_the_wait_is_over_when_checkpoints_are_due_and_stopping_the_task_stops_the_job(
    studio: Studio, tools: ToolBox[RunSettings]
) -> None:
    store_weights(studio, step_seconds=60)
    trainer, dataset = trainer_of(tools), published_set(tools)
    wait = trainer.start(dataset)
    trigger = trigger_of(wait, poll_seconds=1)
    trigger._copy_at = 0.0  # type: ignore[attr-defined]

    async def wait_and_stop() -> Any:
        async for event in trigger.run():
            await trigger.on_kill()
            return event.payload

    assert asyncio.run(wait_and_stop())["status"] == "success"
    with pytest.raises(JobStopped):
        until(lambda: trainer.finish(dataset, wait.name))


def test_a_connection_that_airflow_does_not_have_is_named() -> None:
    pytest.importorskip(
        "airflow.providers.ssh", reason="needs the provider of the extra distributed"
    )
    with pytest.raises(MachineUnusable, match="connection nowhere cannot be reached"):
        ssh_client("nowhere")
