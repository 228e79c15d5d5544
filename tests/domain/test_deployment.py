"""The deployment file: configured workspaces, and what uploads start there."""

from __future__ import annotations

import pytest

from storyboard_ops.domain.deployment import parse_deployment
from storyboard_ops.domain.error_tree import SettingsError
from storyboard_ops.domain.object_keys import Workspace

DOCUMENT = {
    "workspaces": {
        "s3://studio/a/": {
            "uploads": {"params": {"seed": 1}, "productions": {"moth": {"seed": 2}}}
        },
        "s3://archive": {},
    }
}


def test_a_workspace_is_known_by_its_whole_uri() -> None:
    deployment = parse_deployment(DOCUMENT, "deployment.yaml")
    assert [str(each.root) for each in deployment.known()] == ["s3://studio/a", "s3://archive"]
    for known in ("s3://studio/a", "s3://studio/a/", "s3://archive"):
        assert deployment.knows(Workspace.at(known))
    for other in ("s3://studio", "s3://studio/a/incoming", "s3://studio/ab", "s3://archive/x"):
        assert not deployment.knows(Workspace.at(other))


def test_a_production_replaces_the_parameters_of_every_run() -> None:
    uploads = parse_deployment(DOCUMENT, "deployment.yaml").uploads(Workspace.at("s3://studio/a"))
    assert uploads is not None
    assert (uploads.params_of("moth"), uploads.params_of("other")) == ({"seed": 2}, {"seed": 1})


def test_uploads_start_nothing_where_the_file_says_nothing_of_them() -> None:
    deployment = parse_deployment(DOCUMENT, "deployment.yaml")
    assert deployment.uploads(Workspace.at("s3://archive")) is None
    assert deployment.uploads(Workspace.at("s3://other")) is None


def runs(**uploads: object) -> object:
    """A deployment file with what uploads start in one workspace."""
    return {"workspaces": {"s3://studio": {"uploads": uploads}}}


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        (None, "file: "),
        ({"workspaces": {}}, "workspaces: "),
        ({"workspaces": {"studio": {}}}, "workspaces: .*'studio' is not an S3 URI"),
        ({"workspaces": {"s3://studio": {"budget_usd": 5}}}, r"s3://studio\.budget_usd: "),
        (
            {"workspaces": {"s3://studio": {}, "s3://studio/": {}}},
            "'s3://studio/' is s3://studio once more",
        ),
        ({"workspaces": {"s3://studio//team": {}}}, "'s3://studio//team' has two slashes"),
        (runs(params={"budget": 5}), r"s3://studio\.uploads: .*'budget' does not exist"),
        (
            runs(params={"review_desk": "auto"}),
            "uploads: .*'review_desk': .*auto is now called without_people",
        ),
        (runs(params={"budget_usd": -1}), r"s3://studio\.uploads: .*'budget_usd': Input should be"),
        (
            runs(productions={"moth": {"step_count": 3}}),
            r"uploads: .*'step_count': Input should be",
        ),
        (runs(params={"workspace": "s3://other"}), "workspace cannot be set: the upload determ"),
        (runs(productions={"moth": {"videos": []}}), "videos cannot be set: the upload determines"),
        (runs(productions={"moth": {"production": "x"}}), "production cannot be set: the upload"),
    ],
)
def test_a_faulty_file_is_named_with_its_faults(document: object, fault: str) -> None:
    with pytest.raises(SettingsError, match=f"(?s)deployment.yaml.*{fault}"):
        parse_deployment(document, "deployment.yaml")


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ("s3://studio", "s3://studio/incoming/evil"),
        ("s3://studio/", "s3://studio/incoming"),
        ("s3://studio/team", "s3://studio/team/incoming/moth/"),
        ("s3://studio", "s3://studio/incoming/a/b/c"),
    ],
)
def test_a_workspace_in_the_incoming_folder_of_another_is_refused(outer: str, inner: str) -> None:
    """Those who may upload films there could write its production files."""
    with pytest.raises(SettingsError, match="is in the incoming folder of"):
        parse_deployment({"workspaces": {inner: {}, outer: {}}}, "deployment.yaml")


def test_a_workspace_beside_or_below_another_is_fine() -> None:
    uris = ["s3://studio", "s3://studio/team", "s3://studio/incoming-films", "s3://studio2"]
    deployment = parse_deployment({"workspaces": {uri: {} for uri in uris}}, "deployment.yaml")
    assert [str(each.root) for each in deployment.known()] == uris


GPU = {"where": "process", "python": "/opt/trainer/bin/python", "work_folder": "/var/storyboard"}


def test_the_studio_s_machine_has_a_folder_of_weights_of_its_own_or_a_given_one() -> None:
    def weights(**gpu: object) -> str:
        found = parse_deployment({**DOCUMENT, "gpu": {**GPU, **gpu}}, "deployment.yaml").gpu
        assert found is not None
        return found.weights

    assert weights() == "/var/storyboard/weights"
    assert weights(weights_folder="/data/models") == "/data/models"
    assert parse_deployment(DOCUMENT, "deployment.yaml").gpu is None


@pytest.mark.parametrize(
    ("gpu", "fault"),
    [
        ({"where": "cloud"}, r"gpu\.where: "),
        ({"python": "python3"}, r"gpu\.python: "),
        ({"work_folder": "/var/storyboard/"}, r"gpu\.work_folder: "),
        ({"where": "queue"}, "gpu: .*where: queue needs queue"),
        ({"where": "ssh", "queue": "gpu"}, "gpu: .*where: ssh needs connection, and no other"),
        ({"queue": "gpu"}, "gpu: "),
        ({"memory": 24}, r"gpu\.memory: "),
    ],
)
def test_a_machine_that_is_described_wrongly_is_an_error(gpu: object, fault: str) -> None:
    with pytest.raises(SettingsError, match=fault):
        parse_deployment({**DOCUMENT, "gpu": {**GPU, **gpu}}, "deployment.yaml")
