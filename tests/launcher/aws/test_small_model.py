"""What a laptop needs to train a model: an interpreter with torch, and weights in the bucket."""

from __future__ import annotations

from pathlib import Path

import pytest

from launcher.aws.small_model import (
    configure_machine,
    endpoint_arguments,
    require_installed,
    run_defaults,
    upload_weights,
)
from launcher.errors import UsageError
from launcher.state.layout import Project, StateFolder
from storyboard_ops.gateways.deployment_file import GPU_VARIABLE, read_deployment
from tests.studio.studio_fixture import Studio


@pytest.fixture
def bare(tmp_path: Path) -> Project:
    """A project without the training program's environment."""
    project = Project(tmp_path)
    project.small_model.mkdir(parents=True)
    (project.small_model / "model.safetensors").write_bytes(b"weights")
    return project


@pytest.fixture
def installed(bare: Project) -> Project:
    bare.trainer_python.parent.mkdir(parents=True)
    bare.trainer_python.touch()
    return bare


def keys(studio: Studio) -> list[str]:
    listed = studio.client("s3").list_objects_v2(Bucket=studio.bucket).get("Contents", [])
    return [each["Key"] for each in listed]


@pytest.mark.parametrize("trainer", ["sagemaker", "own_gpu"])
def test_a_trainer_that_is_not_installed_is_refused_with_the_command(bare, trainer):
    with pytest.raises(UsageError, match="Install it with `make trainer-setup`"):
        require_installed(bare, trainer)


@pytest.mark.parametrize("trainer", ["", "auto", "bedrock", "dataset_only"])
def test_other_trainers_need_nothing_on_this_machine(bare, trainer):
    require_installed(bare, trainer)


def test_with_it_the_tasks_train_on_this_machine(installed, tmp_path, monkeypatch):
    monkeypatch.setenv(GPU_VARIABLE, "")
    monkeypatch.delenv(GPU_VARIABLE)
    configure_machine(installed, StateFolder(tmp_path / "state"))
    gpu = read_deployment().gpu
    assert gpu is not None
    assert (gpu.where, gpu.python) == ("process", str(installed.trainer_python))
    assert gpu.work_folder == str(tmp_path / "state/own_gpu")


def test_a_machine_that_the_environment_names_stays(installed, tmp_path, monkeypatch):
    monkeypatch.setenv(GPU_VARIABLE, '{"where": "process", "python": "/p", "work_folder": "/w"}')
    configure_machine(installed, StateFolder(tmp_path / "state"))
    gpu = read_deployment().gpu
    assert gpu is not None
    assert gpu.python == "/p"


def test_without_it_runs_and_endpoint_are_as_before(bare, studio: Studio):
    assert run_defaults(bare) == {}
    assert endpoint_arguments(bare) == ()
    upload_weights(studio.client("s3"), bare, studio.bucket)
    assert keys(studio) == []


def test_with_it_the_endpoint_plays_jobs_and_runs_find_the_weights(installed, studio: Studio):
    require_installed(installed, "sagemaker")
    assert run_defaults(installed) == {"open_model": "small-flow"}
    assert endpoint_arguments(installed) == ("--training-python", str(installed.trainer_python))
    upload_weights(studio.client("s3"), installed, studio.bucket)
    assert keys(studio) == ["models/small-flow/model.safetensors"]
