"""The bundled deployment file, and the workspaces that the environment adds."""

from __future__ import annotations

import pytest

from storyboard_ops.domain.error_tree import SettingsError
from storyboard_ops.domain.object_keys import Workspace
from storyboard_ops.gateways.deployment_file import (
    GPU_VARIABLE,
    WORKSPACES_VARIABLE,
    read_deployment,
)

STUDIO = Workspace.at("s3://storyboard-studio")


def test_the_bundled_file_knows_the_default_workspace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(WORKSPACES_VARIABLE, raising=False)
    deployment = read_deployment()
    assert deployment.known() == (STUDIO,)
    assert deployment.uploads(STUDIO) is not None


def test_the_environment_adds_workspaces_without_uploads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WORKSPACES_VARIABLE, "s3://archive/a, s3://storyboard-studio,")
    deployment = read_deployment()
    assert deployment.known() == (Workspace.at("s3://archive/a"), STUDIO)
    assert deployment.uploads(Workspace.at("s3://archive/a")) is None
    assert deployment.uploads(STUDIO) is not None


@pytest.mark.parametrize(
    ("variable", "words"),
    [
        ("archive", "'archive' is not an S3 URI"),
        ("s3://Archive", "'s3://Archive' is not an S3 URI"),
        ("s3://archive s3://other", "is not an S3 URI"),
        ("s3://storyboard-studio/incoming/mine", "is in the incoming folder of"),
    ],
)
def test_a_malformed_variable_is_an_error(
    monkeypatch: pytest.MonkeyPatch, variable: str, words: str
) -> None:
    monkeypatch.setenv(WORKSPACES_VARIABLE, variable)
    with pytest.raises(SettingsError, match=words):
        read_deployment()


def test_the_environment_may_name_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(GPU_VARIABLE, raising=False)
    assert read_deployment().gpu is None
    monkeypatch.setenv(GPU_VARIABLE, "{where: queue, queue: gpu, python: /p, work_folder: /w}")
    gpu = read_deployment().gpu
    assert gpu is not None
    assert (gpu.where, gpu.queue, gpu.python) == ("queue", "gpu", "/p")
    monkeypatch.setenv(GPU_VARIABLE, "{where: queue}")
    with pytest.raises(SettingsError, match="STORYBOARD_GPU is not valid"):
        read_deployment()
