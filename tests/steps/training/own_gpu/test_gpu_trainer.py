"""Training on the studio's own machine, with real processes and a stand-in for the program."""

from __future__ import annotations

import json
import os
import signal
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storyboard_ops.domain.error_tree import GateClosed, JobFailed, JobStopped, NotFinished
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.domain.training.model_facts import TrainedModel, Wait
from storyboard_ops.gateways.training.gpu_machine import GpuMachine, ThisMachine
from storyboard_ops.steps.release.release_resources import confirm_released, release_everything
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.training.trainers import trainer_of
from tests.studio.studio_fixture import Studio
from tests.studio.trainers.open_training import open_run, published_set, store_weights, until
from tests.studio.trainers.own_machine import deploy_machine, files_beneath

pytestmark = pytest.mark.usefixtures("small_program")

PATIENCE_SECONDS = 30.0


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GpuMachine]:
    yield deploy_machine(monkeypatch, tmp_path)


def own_run(studio: Studio, name: str, step_seconds: float = 0.0) -> ToolBox[RunSettings]:
    tools = open_run(studio, f"own-{name}", trainer="own_gpu")
    store_weights(studio, step_seconds)
    return tools


def eventually(look: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not look():
        assert time.monotonic() < deadline, "it has not come true"
        time.sleep(0.05)


def job_folder(machine: GpuMachine, name: str) -> Path:
    return Path(machine.folder(name))


def program_pid(machine: GpuMachine, name: str) -> int:
    place = job_folder(machine, name) / "pids.json"
    eventually(place.exists)
    return int(json.loads(place.read_text())["program"])


def test_one_training_ends_in_the_bucket_and_leaves_nothing_of_the_film(
    studio: Studio, machine: GpuMachine
) -> None:
    tools = own_run(studio, "once")
    trainer, dataset = trainer_of(tools), published_set(tools)
    wait = trainer.start(dataset)
    assert wait.attended, "the task waits on the machine that works"
    assert trainer.start(dataset) == wait
    model = until(lambda: trainer.finish(dataset, wait.name))
    assert (model.trainer, model.chosen_step, model.likeness) == ("own_gpu", 1, 0.5)
    assert tools.read_record("model/model.json", TrainedModel) == model
    weights = tools.objects.get(S3Uri.parse(model.model_arn) / "model.safetensors")
    assert weights == b"trained on 6 pictures, begun at 0"
    assert tools.objects.json(S3Uri.parse(wait.progress_uri))["phase"] == "done"
    left = {path.name for path in files_beneath(machine.facts.work_folder)}
    assert left == {"config.json", "model.safetensors"}, "the base weights stay, and nothing else"
    assert trainer.start(dataset) == wait
    assert trainer.finish(dataset, wait.name) == model, "what is done is not done again"


def test_the_receipt_says_that_the_machine_bills_nothing(
    studio: Studio, machine: GpuMachine
) -> None:
    tools = own_run(studio, "receipt")
    trainer, dataset = trainer_of(tools), published_set(tools)
    wait = trainer.start(dataset)
    until(lambda: trainer.finish(dataset, wait.name))
    receipt = release_everything(tools)
    (line,) = [one for one in receipt.resources if one.name == wait.name]
    assert (line.bills, line.usd_per_unit) == (False, None)
    assert line.note == "Completed on the studio's own machine, which bills nothing"
    assert (receipt.cost_usd, receipt.unpriced) == (0, ())
    confirm_released(tools)


def test_a_killed_task_leaves_a_training_that_the_next_try_adopts(
    studio: Studio, machine: GpuMachine
) -> None:
    tools = own_run(studio, "killed", step_seconds=0.2)
    trainer, dataset = trainer_of(tools), published_set(tools)
    wait = trainer.start(dataset)
    first = program_pid(machine, wait.name)
    again = trainer_of(own_run(studio, "killed", step_seconds=0.2))
    assert again.start(dataset) == wait
    assert program_pid(machine, wait.name) == first, "the same process"
    until(lambda: again.finish(dataset, wait.name))


@pytest.mark.long
def test_what_was_stopped_goes_on_from_its_last_checkpoint(
    studio: Studio, machine: GpuMachine
) -> None:
    tools = own_run(studio, "stopped", step_seconds=0.25)
    trainer, dataset = trainer_of(tools), published_set(tools)
    wait = trainer.start(dataset)
    folder = job_folder(machine, wait.name)
    eventually((folder / "ml/checkpoints/step_000001/state.json").exists)
    trainer.stop()
    with pytest.raises(JobStopped, match=f"{wait.name} is Stopped"):
        until(lambda: trainer.finish(dataset, wait.name))
    assert not folder.exists()
    again = trainer.start(dataset)
    model = until(lambda: trainer.finish(dataset, again.name))
    facts = tools.objects.json(S3Uri.parse(model.model_arn) / "training.json")
    assert facts["begun_at"] == 1


@pytest.mark.long
def test_clearing_a_task_that_was_just_stopped_starts_it_again(
    studio: Studio, machine: GpuMachine
) -> None:
    tools = own_run(studio, "cleared", step_seconds=0.3)
    trainer, dataset = trainer_of(tools), published_set(tools)
    wait = trainer.start(dataset)
    first = program_pid(machine, wait.name)
    trainer.stop()
    trainer.start(dataset)
    assert program_pid(machine, wait.name) != first
    until(lambda: trainer.finish(dataset, wait.name))


def test_a_program_that_fails_gives_its_reason_and_is_started_again_by_clearing(
    studio: Studio, machine: GpuMachine
) -> None:
    tools = own_run(studio, "failed")
    trainer, dataset = trainer_of(tools), published_set(tools)
    gone = tools.run_root / "dataset/images/3.png"
    body = tools.objects.get(gone)
    tools.objects.delete([gone])
    wait = trainer.start(dataset)
    with pytest.raises(JobFailed, match=r"Nothing to train on: \['images/3.png'\]"):
        until(lambda: trainer.finish(dataset, wait.name))
    tools.objects.put(gone, body)
    trainer.start(dataset)
    assert until(lambda: trainer.finish(dataset, wait.name)).job_name == wait.name


def test_a_program_that_is_killed_is_no_success(studio: Studio, machine: GpuMachine) -> None:
    tools = own_run(studio, "shot", step_seconds=60)
    trainer, dataset = trainer_of(tools), published_set(tools)
    wait = trainer.start(dataset)
    os.kill(program_pid(machine, wait.name), signal.SIGKILL)
    with pytest.raises(JobFailed, match="perhaps because memory ran out"):
        until(lambda: trainer.finish(dataset, wait.name))
    receipt = release_everything(tools)
    assert receipt.still_billing == ()


@pytest.mark.long
def test_a_program_outlives_its_watcher_and_is_still_stopped(
    studio: Studio, machine: GpuMachine
) -> None:
    tools = own_run(studio, "watched", step_seconds=60)
    trainer, dataset = trainer_of(tools), published_set(tools)
    wait = trainer.start(dataset)
    program_pid(machine, wait.name)
    pids = json.loads((job_folder(machine, wait.name) / "pids.json").read_text())
    os.kill(pids["watch"], signal.SIGKILL)
    assert isinstance(trainer.finish(dataset, wait.name), Wait), "it goes on"
    trainer.stop()
    with pytest.raises(JobFailed):
        until(lambda: trainer.finish(dataset, wait.name))


@pytest.mark.long
def test_the_limit_ends_a_training_and_keeps_its_checkpoint(
    studio: Studio, machine: GpuMachine
) -> None:
    tools = open_run(studio, "own-limit", trainer="own_gpu", training_timeout_h=0.05)
    store_weights(studio, step_seconds=60)
    trainer, dataset = trainer_of(tools), published_set(tools)
    wait = trainer.start(dataset)
    lock = job_folder(machine, wait.name) / "running.lock"
    program_pid(machine, wait.name)
    past = time.time() - 0.05 * 3600
    os.utime(lock, (past, past))
    trainer.stop()
    with pytest.raises(NotFinished, match=r"limit of 0\.05 hours"):
        eventually(lambda: not isinstance(trainer.finish(dataset, wait.name), Wait))


def test_the_release_removes_the_inputs_of_a_task_that_was_killed_while_it_copied_them(
    studio: Studio, machine: GpuMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = own_run(studio, "copying")
    trainer, dataset = trainer_of(tools), published_set(tools)
    with monkeypatch.context() as killed:
        killed.setattr(ThisMachine, "start", lambda *_: sys.exit("killed"))
        with pytest.raises(SystemExit):
            trainer.start(dataset)
    assert [path for path in files_beneath(machine.facts.work_folder) if path.suffix == ".png"]
    release_everything(tools)
    left = {path.name for path in files_beneath(machine.facts.work_folder)}
    assert left == {"config.json", "model.safetensors"}


def test_the_release_ends_what_a_killed_run_has_started(
    studio: Studio, machine: GpuMachine
) -> None:
    tools = own_run(studio, "released", step_seconds=60)
    wait = trainer_of(tools).start(published_set(tools))
    assert release_everything(tools).still_billing == ()
    assert not job_folder(machine, wait.name).exists()
    confirm_released(tools)


def test_only_its_owner_can_read_what_is_on_the_machine(
    studio: Studio, machine: GpuMachine
) -> None:
    tools = own_run(studio, "private", step_seconds=60)
    wait = trainer_of(tools).start(published_set(tools))
    folder = job_folder(machine, wait.name)
    program_pid(machine, wait.name)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    modes = {stat.S_IMODE(path.stat().st_mode) for path in files_beneath(str(folder))}
    assert modes == {0o600}
    release_everything(tools)


def test_the_program_gets_no_credentials(
    studio: Studio, machine: GpuMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "never-told")
    tools = own_run(studio, "secrets", step_seconds=60)
    wait = trainer_of(tools).start(published_set(tools))
    variables = Path(f"/proc/{program_pid(machine, wait.name)}/environ")
    if not variables.exists():
        pytest.skip("needs /proc")
    names = {line.partition(b"=")[0].decode() for line in variables.read_bytes().split(b"\0")}
    assert "ML_ROOT" in names
    assert not [name for name in names if name.startswith(("AWS", "AIRFLOW", "STORYBOARD"))]
    release_everything(tools)


@pytest.mark.long
def test_files_stay_when_they_are_asked_for(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = deploy_machine(monkeypatch, tmp_path, keep_files=True)
    tools = own_run(studio, "kept")
    trainer, dataset = trainer_of(tools), published_set(tools)
    wait = trainer.start(dataset)
    until(lambda: trainer.finish(dataset, wait.name))
    (kept,) = Path(machine.facts.work_folder, "kept").iterdir()
    assert (kept / "ml/model/training.json").exists()
    assert not job_folder(machine, wait.name).exists()


def test_weights_that_are_on_the_machine_are_not_copied(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = tmp_path / "weights/small-flow"
    weights.mkdir(parents=True)
    for name in ("model.safetensors", "config.json"):
        (weights / name).write_text("0")
    deploy_machine(monkeypatch, tmp_path, weights_folder=str(tmp_path / "weights"))
    tools = own_run(studio, "weights")
    keys = [head.uri for head in tools.objects.list(tools.workspace.root / "models/")]
    tools.objects.delete(keys)
    trainer, dataset = trainer_of(tools), published_set(tools)
    wait = trainer.start(dataset)
    assert until(lambda: trainer.finish(dataset, wait.name)).chosen_step == 1
    assert (weights / "model.safetensors").read_text() == "0", "the weights are only read"


def test_a_machine_without_the_packages_starts_nothing(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = deploy_machine(monkeypatch, tmp_path)
    (tmp_path / "interpreter/site/torch.py").unlink()
    tools = own_run(studio, "bare")
    with pytest.raises(GateClosed, match="its Python lacks torch"):
        trainer_of(tools).start(published_set(tools))
    assert files_beneath(machine.facts.work_folder) == []


@pytest.mark.long
def test_another_machine_does_not_start_it_a_second_time(
    studio: Studio, machine: GpuMachine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = own_run(studio, "elsewhere", step_seconds=60)
    trainer, dataset = trainer_of(tools), published_set(tools)
    trainer.start(dataset)
    with monkeypatch.context() as other:
        name = "import platform; platform.node = lambda: 'other-machine'\n"
        deploy_machine(other, tmp_path / "other", packages={"sitecustomize": name})
        with pytest.raises(GateClosed, match="this task runs on other-machine"):
            trainer.start(dataset)
    release_everything(tools)


def test_the_next_job_removes_what_one_has_left_long_ago(
    studio: Studio, machine: GpuMachine
) -> None:
    old, new = (job_folder(machine, name) for name in ("old", "new"))
    for folder, age in ((old, 25), (new, 23)):
        folder.mkdir(parents=True)
        lock = folder / "running.lock"
        lock.touch()
        for path in (lock, folder):
            os.utime(path, (time.time() - age * 3600,) * 2)
    tools = own_run(studio, "sweeps")
    trainer, dataset = trainer_of(tools), published_set(tools)
    wait = trainer.start(dataset)
    until(lambda: trainer.finish(dataset, wait.name))
    assert (old.exists(), new.exists()) == (False, True)


@pytest.mark.long
def test_the_release_leaves_the_machine_of_a_queue_to_its_workers(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = deploy_machine(monkeypatch, tmp_path, where="queue", queue="gpu")
    tools = own_run(studio, "queued")
    trainer, dataset = trainer_of(tools), published_set(tools)
    wait = trainer.start(dataset)
    until(lambda: trainer.finish(dataset, wait.name))
    Path(machine.facts.python).unlink()
    assert [line.name for line in release_everything(tools).resources] == [wait.name]


def test_without_a_machine_the_run_says_where_to_name_one(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = own_run(studio, "nowhere")
    with pytest.raises(GateClosed, match=r"Add the section gpu to include/deployment.yaml"):
        trainer_of(tools).start(published_set(tools))
