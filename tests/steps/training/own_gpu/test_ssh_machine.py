"""Training on a machine that is reached by SSH: a real sshd, SFTP, and a detached process."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from storyboard_ops.domain.error_tree import JobStopped, MachineUnusable
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.domain.training.model_facts import Wait
from storyboard_ops.gateways.training.gpu_machine import GpuMachine
from storyboard_ops.steps.release.release_resources import release_everything
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.training.own_gpu.machine import own_machine
from storyboard_ops.steps.training.trainers import trainer_of
from tests.studio.studio_fixture import Studio
from tests.studio.trainers.open_training import open_run, published_set, store_weights, until
from tests.studio.trainers.own_machine import deploy_machine, files_beneath
from tests.studio.trainers.ssh_server import SshServer, running_sshd

pytestmark = pytest.mark.usefixtures("small_program")

BY_SSH = {"where": "ssh", "connection": "studio_gpu"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    with running_sshd(tmp_path_factory.mktemp("sshd")) as running:
        yield running


@pytest.fixture
def machine(
    server: SshServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[GpuMachine]:
    yield deploy_machine(monkeypatch, tmp_path, **BY_SSH)


@pytest.fixture
def opened(server: SshServer) -> Iterator[list[Any]]:
    """The connections of the test, which are closed after it."""
    clients: list[Any] = []
    yield clients
    for client in clients:
        client.close()


def ssh_run(
    studio: Studio, server: SshServer, opened: list[Any], name: str, step_seconds: float = 0.0
) -> ToolBox[RunSettings]:
    def connect(connection: str) -> Any:
        assert connection == "studio_gpu"
        opened.append(server.client())
        return opened[-1]

    tools = open_run(studio, f"ssh-{name}", trainer="own_gpu")
    store_weights(studio, step_seconds)
    return replace(tools, open_ssh=connect)


def test_a_training_by_ssh_ends_in_the_bucket_and_leaves_nothing_of_the_film(
    studio: Studio, server: SshServer, machine: GpuMachine, opened: list[Any]
) -> None:
    tools = ssh_run(studio, server, opened, "once")
    trainer, dataset = trainer_of(tools), published_set(tools)
    wait = trainer.start(dataset)
    assert not wait.attended, "no task occupies a worker meanwhile"
    assert trainer.start(dataset) == wait
    model = until(lambda: trainer.finish(dataset, wait.name))
    weights = tools.objects.get(S3Uri.parse(model.model_arn) / "model.safetensors")
    assert weights == b"trained on 6 pictures, begun at 0"
    left = {path.name for path in files_beneath(machine.facts.work_folder)}
    assert left == {"config.json", "model.safetensors"}, "the base weights stay, and nothing else"


@pytest.mark.long
def test_it_goes_on_without_a_connection_and_is_private_and_is_stopped(
    studio: Studio, server: SshServer, machine: GpuMachine, opened: list[Any]
) -> None:
    tools = ssh_run(studio, server, opened, "detached", step_seconds=60)
    trainer, dataset = trainer_of(tools), published_set(tools)
    wait = trainer.start(dataset)
    for client in opened:
        client.close()
    again = trainer_of(ssh_run(studio, server, opened, "detached", step_seconds=60))
    assert isinstance(again.finish(dataset, wait.name), Wait)
    folder = machine.folder(wait.name)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in files_beneath(folder)}
    assert modes == {0o600}
    again.stop()
    with pytest.raises(JobStopped, match="is Stopped"):
        until(lambda: again.finish(dataset, wait.name))
    assert not Path(folder).exists()
    assert release_everything(tools).still_billing == ()


@pytest.mark.long
def test_a_machine_that_does_not_answer_is_named(
    studio: Studio, server: SshServer, machine: GpuMachine, opened: list[Any]
) -> None:
    tools = ssh_run(studio, server, opened, "silent")
    reached = own_machine(tools)
    reached.make_room("job")
    opened[-1].get_transport().close()
    with pytest.raises(MachineUnusable, match="connection studio_gpu does not answer"):
        reached.state("job")
