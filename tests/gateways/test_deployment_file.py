"""The bundled deployment file, and the workspaces that the environment adds."""

from __future__ import annotations

import pytest

from storyboard_ops.domain.error_tree import SettingsError
from storyboard_ops.domain.object_keys import Workspace
from storyboard_ops.gateways.deployment_file import WORKSPACES_VARIABLE, read_deployment

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


def test_a_malformed_variable_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WORKSPACES_VARIABLE, "archive")
    with pytest.raises(SettingsError, match="'archive' is not an S3 URI"):
        read_deployment()
