"""Training by SageMaker: machines in turn, limits, spot, and checkpoints that are gone on from."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from storyboard_ops.domain.error_tree import GateClosed, JobFailed, NotFinished, QuotaExhausted
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.gateways.training.program_files import program_files
from storyboard_ops.steps.release.release_resources import release_everything
from storyboard_ops.steps.run.service_wait import wait_until
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.training import bundle
from storyboard_ops.steps.training.bundle import upload_bundle
from storyboard_ops.steps.training.model_files import has_weights
from storyboard_ops.steps.training.sagemaker import sagemaker_job
from storyboard_ops.steps.training.trainers import trainer_of
from tests.studio.studio_fixture import Studio
from tests.studio.trainers.open_training import (
    Killed,
    dying,
    job_names,
    open_run,
    open_studio,
    published_set,
    store_weights,
    until,
)

pytestmark = pytest.mark.usefixtures("small_program")

FIRST, SECOND = "ml.m5.xlarge", "ml.m5.2xlarge"


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    with open_studio() as opened:
        yield opened


@pytest.fixture(autouse=True)
def no_faults(studio: Studio) -> Iterator[None]:
    yield
    studio.endpoint.admin("PUT", "faults", {"faults": []})


def fault(studio: Studio, **rule: Any) -> None:
    rules = [{"service": "sagemaker", "operation": "CreateTrainingJob", **rule}]
    studio.endpoint.admin("PUT", "faults", {"faults": rules})


def described(studio: Studio, name: str) -> dict[str, Any]:
    found: dict[str, Any] = studio.client("sagemaker").describe_training_job(TrainingJobName=name)
    return found


def names_of(studio: Studio, tools: ToolBox) -> list[str]:
    return [name for name in job_names(studio, "training") if f"-{tools.run_key}-" in name]


def test_a_job_is_asked_for_with_all_that_decides_it(studio: Studio) -> None:
    tools = open_run(studio, "request", open_learning_rate=0.002, training_timeout_h=2)
    job = described(studio, trainer_of(tools).start(published_set(tools)).name)
    recipe = {"steps": "10", "learning_rate": "0.002", "seed": "7", "method": "full"}
    assert recipe.items() <= job["HyperParameters"].items()
    assert job["AlgorithmSpecification"]["ContainerEntrypoint"] == [
        "python3",
        "/opt/ml/input/data/code/train.py",
    ]
    assert job["Environment"] == {"ML_ROOT": "/opt/ml"}
    assert job["EnableNetworkIsolation"] is True
    assert job["StoppingCondition"] == {"MaxRuntimeInSeconds": 7200}
    assert job["OutputDataConfig"]["CompressionType"] == "NONE"
    assert job["RoleArn"].endswith(":role/StoryboardSageMaker")
    channels = {
        one["ChannelName"]: one["DataSource"]["S3DataSource"]["S3Uri"]
        for one in job["InputDataConfig"]
    }
    assert channels.keys() == {"code", "job", "dataset", "base"}, "the score is built in"
    assert all(uri.endswith("/") for uri in channels.values()), "and not files whose names go on"
    facts = json.loads(tools.objects.get(S3Uri.parse(channels["job"]) / "job.json"))
    assert facts["cast"] == {"mira": {"name": "Mira"}}, "nobody without a picture"
    assert (facts["base"]["id"], facts["embedder"]["kind"]) == ("small-flow", "colour_and_edges")


def test_spot_is_a_parameter_and_waits_no_longer_than_the_training_may_last(studio: Studio) -> None:
    tools = open_run(studio, "spot", spot=True, training_timeout_h=1)
    job = described(studio, trainer_of(tools).start(published_set(tools)).name)
    assert job["EnableManagedSpotTraining"] is True
    limits = {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 3600}
    assert job["StoppingCondition"] == limits


def test_two_spot_interruptions_leave_one_job_that_goes_on_from_its_checkpoint(
    studio: Studio,
) -> None:
    tools = open_run(studio, "interrupted", spot=True, open_steps=60)
    store_weights(studio, step_seconds=0.05)
    trainer, dataset = trainer_of(tools), published_set(tools)
    wait = trainer.start(dataset)
    folder = S3Uri.parse(wait.progress_uri.removesuffix("/progress.json"))
    saved = folder / "step_000001/state.json"
    assert wait_until(lambda: tools.objects.head(saved) is not None, seconds=60)
    for times in (1, 2):
        fault(studio, kind="interrupt", times=1)
        assert wait_until(lambda n=times: interruptions(studio, wait.name) >= n, seconds=60)
    assert trainer.start(dataset).name == wait.name, "a cleared task adopts it"
    model = until(lambda: trainer.finish(dataset, wait.name))
    facts = tools.objects.json(S3Uri.parse(model.model_arn) / "training.json")
    assert facts["begun_at"] == 1, "the checkpoint was kept"
    assert names_of(studio, tools) == [wait.name]
    receipt = release_everything(tools)
    assert [line.kind for line in receipt.resources] == ["training job"]


def interruptions(studio: Studio, name: str) -> int:
    history = described(studio, name)["SecondaryStatusTransitions"]
    return sum(one["Status"] == "Interrupted" for one in history)


def test_a_region_without_a_machine_costs_nothing_and_the_next_type_is_taken(
    studio: Studio,
) -> None:
    tools = open_run(studio, "no-machine")
    trainer, dataset = trainer_of(tools), published_set(tools)
    fault(studio, kind="fail", code="CapacityError", message="Unable to provision.", times=1)
    first = trainer.start(dataset)
    model = until_next(trainer, dataset, first.name)
    tried = {
        described(studio, name)["ResourceConfig"]["InstanceType"]: name
        for name in names_of(studio, tools)
    }
    assert tried == {FIRST: first.name, SECOND: model.job_name}
    assert trainer.start(dataset).name == model.job_name
    lines = {usage.item: usage.amount for usage in tools.booked() if usage.unit != "gb_month"}
    assert lines[FIRST] == 0, "it never ran"


def until_next(trainer: Any, dataset: Any, name: str) -> Any:
    """Wait for a training, and for the one that is started in its place."""
    waited = {"for": name}

    def finish() -> Any:
        found = trainer.finish(dataset, waited["for"])
        waited["for"] = getattr(found, "name", waited["for"])
        return found

    return until(finish)


def test_when_no_type_has_a_machine_the_run_says_so_and_starts_over_when_cleared(
    studio: Studio,
) -> None:
    tools = open_run(studio, "nowhere")
    trainer, dataset = trainer_of(tools), published_set(tools)
    fault(studio, kind="fail", code="CapacityError", message="Unable to provision.", times=2)
    with pytest.raises(JobFailed, match="CapacityError"):
        until_next(trainer, dataset, trainer.start(dataset).name)
    again = described(studio, trainer.start(dataset).name)
    assert again["ResourceConfig"]["InstanceType"] == FIRST
    assert len(names_of(studio, tools)) == 3


def test_a_type_without_a_quota_is_passed_over(studio: Studio) -> None:
    tools = open_run(studio, "quota", instance_types=["ml.g5.2xlarge", FIRST])
    name = trainer_of(tools).start(published_set(tools)).name
    assert described(studio, name)["ResourceConfig"]["InstanceType"] == FIRST
    assert trainer_of(tools).start(published_set(tools)).name == name
    without = open_run(studio, "no-quota", instance_types=["ml.g5.2xlarge"])
    with pytest.raises(QuotaExhausted, match="ResourceLimitExceeded"):
        trainer_of(without).start(published_set(without))


def test_a_training_at_its_limit_keeps_its_checkpoints_and_the_next_goes_on_from_them(
    studio: Studio,
) -> None:
    tools = open_run(studio, "limit", training_timeout_h=0.05)
    store_weights(studio, step_seconds=0.2)
    trainer, dataset = trainer_of(tools), published_set(tools)
    first = trainer.start(dataset)
    wait_for(lambda: any("state.json" in str(one.uri) for one in checkpoints(tools)))
    studio.endpoint.move_clock(hours=1)
    wait_for(lambda: described(studio, first.name)["TrainingJobStatus"] == "Stopped")
    with pytest.raises(NotFinished, match=r"limit of 0\.05 hours.*checkpoints are kept"):
        until(lambda: trainer.finish(dataset, first.name))
    store_weights(studio)
    model = until(lambda: trainer.finish(dataset, trainer.start(dataset).name))
    facts = tools.objects.json(S3Uri.parse(model.model_arn) / "training.json")
    assert facts["begun_at"] == 1


def wait_for(look: Callable[[], bool]) -> None:
    def done() -> bool:
        if not look():
            raise NotFinished("not yet")
        return True

    until(done)


def checkpoints(tools: ToolBox) -> list[Any]:
    return list(tools.objects.list(tools.run_root / "model/checkpoints/"))


@pytest.mark.parametrize("moment", ["before-send", "after-call"])
def test_a_task_killed_at_the_create_call_has_one_job_afterwards(
    studio: Studio, moment: str
) -> None:
    tools = open_run(studio, f"killed-{moment}")
    dataset = published_set(tools)
    with pytest.raises(Killed):
        trainer_of(dying(studio, tools, moment, "CreateTrainingJob")).start(dataset)
    assert len(names_of(studio, tools)) == (0 if moment == "before-send" else 1)
    trainer = trainer_of(tools)
    until(lambda: trainer.finish(dataset, trainer.start(dataset).name))
    assert len(names_of(studio, tools)) == 1


def test_a_job_of_other_inputs_is_not_adopted(studio: Studio, monkeypatch: Any) -> None:
    tools = open_run(studio, "inputs")
    trainer, dataset = trainer_of(tools), published_set(tools)
    name = trainer.start(dataset).name
    asked = sagemaker_job.differences
    monkeypatch.setattr(
        sagemaker_job,
        "differences",
        lambda wanted, found: asked({**wanted, "RoleArn": "arn:aws:iam::1:role/Other"}, found),
    )
    with pytest.raises(GateClosed, match=f"{name} exists with other inputs: RoleArn"):
        trainer.start(dataset)


def test_a_newer_program_is_no_reason_to_train_again(studio: Studio, monkeypatch: Any) -> None:
    tools = open_run(studio, "upgraded")
    trainer, dataset = trainer_of(tools), published_set(tools)
    name = trainer.start(dataset).name
    newer = {**program_files(), "train.py": b"raise SystemExit('newer')\n"}
    for module in (sagemaker_job, bundle):
        monkeypatch.setattr(module, "program_files", lambda: newer)
    assert trainer.start(dataset).name == name


def test_the_program_is_uploaded_once_for_each_version(studio: Studio) -> None:
    tools = open_run(studio, "bundle")
    place = upload_bundle(tools)
    heads = {str(one.uri): one for one in tools.objects.list(place)}
    names = {uri.removeprefix(f"{place}/") for uri in heads}
    assert {"train.py", "draw.py", "trainer/train.py", "bundle.json"} <= names
    assert "storyboard_ops/core/storyboard/consistency.py" in names
    assert "storyboard_ops/__init__.py" in names
    tools.objects.delete([place / "draw.py"])
    assert upload_bundle(tools) == place
    assert tools.objects.head(place / "draw.py") is None, "the listing says that all is there"


@pytest.mark.parametrize("keep_model", [True, False])
def test_the_model_stays_unless_the_run_does_not_keep_it(studio: Studio, keep_model: bool) -> None:
    tools = open_run(studio, f"keep-{keep_model}".lower(), keep_model=keep_model)
    trainer, dataset = trainer_of(tools), published_set(tools)
    model = until(lambda: trainer.finish(dataset, trainer.start(dataset).name))
    release_everything(tools)
    weights = S3Uri.parse(model.model_arn) / "model.safetensors"
    assert (tools.objects.head(weights) is not None) == keep_model
    assert bool(checkpoints(tools)) == keep_model
    assert tools.objects.head(S3Uri.parse(model.model_arn) / "training.json"), "for the report"
    assert has_weights(tools, S3Uri.parse(model.model_arn)) == keep_model
