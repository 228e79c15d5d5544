"""The contract of every trainer: one training, whatever is repeated, killed or found there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from storyboard_ops.domain.error_tree import GateClosed, JobFailed, JobStopped
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.domain.training.model_facts import TrainedModel
from storyboard_ops.gateways.training.gpu_machine import GpuMachine
from storyboard_ops.steps.money.claims import claims
from storyboard_ops.steps.release.release_resources import confirm_released, release_everything
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.training.trainers import TRAINERS, trainer_of
from tests.studio.studio_fixture import Studio
from tests.studio.trainers.open_training import (
    open_run,
    open_studio,
    published_set,
    store_weights,
    until,
)
from tests.studio.trainers.own_machine import deploy_machine

pytestmark = pytest.mark.usefixtures("small_program")

#: What starts a training, by trainer: service and operation.
CALLS = {
    "bedrock": ("bedrock", "CreateModelCustomizationJob"),
    "sagemaker": ("sagemaker", "CreateTrainingJob"),
}


WEIGHTS = "models/small-flow/model.safetensors"


@dataclass(frozen=True)
class World:
    """An account with one trainer."""

    studio: Studio
    name: str
    machine: GpuMachine

    def run(self, run_key: str, **params: Any) -> ToolBox[RunSettings]:
        return open_run(self.studio, f"{run_key}-{self.name}", trainer=self.name, **params)

    def trainings(self, run_key: str) -> list[str]:
        """The names of the run's trainings in the account, oldest first."""
        if self.name == "own_gpu":
            claimed = f"runs/{run_key}-{self.name}/claims/gpu-job/"
            heads = self.studio.tools().objects.list(S3Uri(self.studio.bucket, claimed))
            return [head.uri.key.removeprefix(claimed).removesuffix(".json") for head in heads]
        if self.name == "bedrock":
            listing, key = "list_model_customization_jobs", "modelCustomizationJobSummaries"
            name, client = "jobName", self.studio.client("bedrock")
        else:
            listing, key = "list_training_jobs", "TrainingJobSummaries"
            name, client = "TrainingJobName", self.studio.client("sagemaker")
        pages = client.get_paginator(listing).paginate()
        found = [one[name] for page in pages for one in page[key]]
        return [one for one in found if f"-{run_key}-{self.name}-" in one]

    def slow_down(self) -> None:
        """Let the trainings of this test take longer than it does."""
        store_weights(self.studio, step_seconds=60.0)

    def break_program(self, reason: str) -> None:
        """Let the next training fail for a reason."""
        if self.name == "own_gpu":
            self.studio.client("s3").put_object(
                Bucket=self.studio.bucket, Key=WEIGHTS, Body=reason.encode()
            )
        else:
            self.fault(kind="fail", code="AlgorithmError", message=reason)

    def mend_program(self) -> None:
        """Let the next training succeed."""
        store_weights(self.studio)
        shutil.rmtree(self.machine.facts.weights, ignore_errors=True)

    def fault(self, **fault: Any) -> None:
        if self.name not in CALLS:
            pytest.skip("no service is asked to train")
        service, operation = CALLS[self.name]
        rule = {"service": service, "operation": operation, "times": 1, **fault}
        self.studio.endpoint.admin("PUT", "faults", {"faults": [rule]})


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    with open_studio("--customization-seconds", "1.5") as opened:
        yield opened


@pytest.fixture(params=sorted(TRAINERS))
def world(
    studio: Studio,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    yield World(studio, request.param, deploy_machine(monkeypatch, tmp_path))
    studio.endpoint.admin("PUT", "faults", {"faults": []})


def test_whatever_is_repeated_there_is_one_training_and_its_model_is_recorded(world: World) -> None:
    tools = world.run("once")
    trainer, dataset = trainer_of(tools), published_set(tools)
    wait = trainer.start(dataset)
    assert trainer.start(dataset) == wait
    model = until(lambda: trainer.finish(dataset, wait.name))
    assert trainer.finish(dataset, wait.name) == model
    assert trainer.start(dataset).name == wait.name, "what has completed is adopted, too"
    assert world.trainings("once") == [wait.name]
    assert (model.trainer, model.job_name) == (world.name, wait.name)
    assert tools.read_record("model/model.json", TrainedModel) == model


def test_the_training_is_claimed_and_tagged_before_it_can_be_lost(world: World) -> None:
    tools = world.run("claimed")
    world.fault(kind="error", code="AccessDeniedException", message="not now")
    with pytest.raises(Exception, match="not now"):
        trainer_of(tools).start(published_set(tools))
    kinds = {claim.kind for claim in claims(tools)}
    assert kinds & {"customization job", "training job"}, "claimed, although it was refused"


def test_runs_whose_keys_begin_alike_have_trainings_of_their_own(world: World) -> None:
    """A name has room for the beginning of a run's key only."""
    longest = "upload-the-lantern-in-the-valley-1"
    names = set()
    for end in ("0c1d", "4a5b"):
        tools = world.run(f"{longest}-{end}")
        names.add(trainer_of(tools).start(published_set(tools)).name)
        release_everything(tools)
    assert len(names) == 2


def test_a_training_that_failed_gives_its_reason_and_is_started_again_by_clearing(
    world: World,
) -> None:
    tools = world.run("failed")
    trainer, dataset = trainer_of(tools), published_set(tools)
    world.break_program("the program broke")
    first = trainer.start(dataset)
    with pytest.raises(JobFailed, match=f"{first.name} is Failed.*the program broke"):
        until(lambda: trainer.finish(dataset, first.name))
    world.mend_program()
    second = trainer.start(dataset)
    assert (second.name != first.name) == (world.name in CALLS), "what is paid for has a new name"
    assert until(lambda: trainer.finish(dataset, second.name)).job_name == second.name
    assert trainer.start(dataset).name == second.name


def test_a_training_that_nobody_waits_for_is_stopped(world: World) -> None:
    tools = world.run("stopped")
    trainer, dataset = trainer_of(tools), published_set(tools)
    world.slow_down()
    wait = trainer.start(dataset)
    trainer.stop()
    trainer.stop()
    with pytest.raises(JobStopped, match=f"{wait.name} is Stop"):
        until(lambda: trainer.finish(dataset, wait.name))
    assert release_everything(tools).still_billing == ()
    confirm_released(tools)


def test_the_release_stops_what_a_killed_run_has_started(world: World) -> None:
    tools = world.run("killed")
    world.slow_down()
    wait = trainer_of(tools).start(published_set(tools))
    receipt = release_everything(tools)
    (line,) = [one for one in receipt.resources if one.name == wait.name]
    assert (line.bills, line.note.split(" ")[0].rstrip(";")) == (False, "Stopped")
    confirm_released(tools)


def test_a_training_of_somebody_else_is_not_adopted(world: World) -> None:
    if world.name == "own_gpu":
        pytest.skip("nobody else's trainings can have the names of the studio's own machine")
    tools = world.run("stranger")
    trainer, dataset = trainer_of(tools), published_set(tools)
    wait = trainer.start(dataset)
    until(lambda: trainer.finish(dataset, wait.name))
    tools.objects.delete([one.uri for one in tools.objects.list(tools.run_root / "claims/")])
    with pytest.raises(GateClosed, match=f"{wait.name} exists, but was not claimed by this run"):
        trainer.start(dataset)


def test_another_dataset_is_another_training(world: World) -> None:
    tools = world.run("datasets")
    trainer = trainer_of(tools)
    first = trainer.start(published_set(tools, pictures=6))
    release_everything(tools)
    second = trainer.start(published_set(tools, pictures=7))
    assert len({first.name, second.name}) == 2
    release_everything(tools)


def test_every_training_has_a_receipt_line_with_its_price(world: World) -> None:
    tools = world.run("receipt")
    trainer, dataset = trainer_of(tools), published_set(tools)
    wait = trainer.start(dataset)
    until(lambda: trainer.finish(dataset, wait.name))
    receipt = release_everything(tools)
    (line,) = [one for one in receipt.resources if one.name == wait.name]
    assert bool(line.usd_per_unit) == (receipt.cost_usd > 0) == (world.name in CALLS)
    assert receipt.unpriced == ()
