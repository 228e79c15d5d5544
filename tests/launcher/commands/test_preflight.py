"""`make preflight` and `make release`: a table to read, and an exit code to act on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from launcher.__main__ import main
from launcher.commands.release import show as show_sweep
from launcher.runs.preflight import show
from launcher.state.layout import PROJECT_ROOT
from storyboard_ops.domain.money.resource_lease import EXPIRES_TAG, Lease
from storyboard_ops.domain.money.sweep_report import SweepReport, SweptResource
from storyboard_ops.domain.preflight.preflight_report import Check, PreflightReport
from storyboard_ops.gateways.deployment_file import WORKSPACES_VARIABLE
from tests.films.tiny_film import tiny_film
from tests.studio.claimed_capacity import buy_capacity, create_throughput, name_of
from tests.studio.endpoint_fixture import FAST, RunningEndpoint, running_endpoint
from tests.studio.studio_fixture import Studio

OVER = Lease(run="run-1", expires=datetime.now(UTC) - timedelta(hours=1)).tags


@pytest.fixture(autouse=True)
def handlers(stop_signals: None) -> None:
    """The commands listen to signals."""


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEndpoint]:
    """An account of this module's own: the sweep finds nothing of other tests."""
    with running_endpoint(tmp_path_factory.mktemp("endpoint") / "data", FAST) as running:
        yield running


@pytest.fixture
def account(endpoint: RunningEndpoint, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    """An account that boto3 finds the way it finds any: here it is the local endpoint.

    What a test leaves running is deleted.
    """
    monkeypatch.setenv("COLUMNS", "150")
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)  # it remembers the last test's keys
    for name, value in endpoint.environment.items():
        monkeypatch.setenv(name, value)
    studio = Studio.opened(endpoint)
    studio.configure("films")
    yield studio
    for line in endpoint.admin("GET", "bill")["running"]:
        studio.client("bedrock").delete_provisioned_model_throughput(
            provisionedModelId=line["resource"]
        )


def preflight(studio: Studio, **params: object) -> int:
    """The exit code of `make preflight TARGET=aws`."""
    given = {"workspace": f"s3://{studio.bucket}/films", **params}
    return main(["preflight", "--target", "aws", "--params", json.dumps(given)])


def test_a_ready_account_passes_every_check_and_exits_with_0(account, capsys):
    assert preflight(account) == 0
    out = capsys.readouterr().out
    for name in ("account", "region", "base model", "model units", "training rights", "budget"):
        assert f"│ pass │ {name} " in out
    assert "Nobody" not in out
    # Training and an hour of capacity, and what finds and embeds the figures of the panels.
    assert "The whole run is estimated at 80.97 USD" in out


def test_a_failed_check_is_shown_with_its_remedy_and_exit_code_1(account, capsys):
    assert preflight(account, budget_usd=1, model_units=3, trainer="bedrock") == 1
    out = capsys.readouterr().out
    assert "│ fail │ model units " in out
    assert "Request more in the Service Quotas console" in out
    assert "Raise budget_usd" in out
    assert "A run would be refused: model units, budget. Nothing has been paid." in out


def test_a_workspace_that_is_not_configured_is_refused_with_what_to_do(account, capsys):
    before = account.client("s3").list_objects_v2(Bucket=account.bucket)["KeyCount"]
    assert preflight(account, workspace=f"s3://{account.bucket}/elsewhere") == 2
    out = capsys.readouterr().out
    assert f"s3://{account.bucket}/elsewhere is not configured in this deployment" in out
    assert "Add it to include/deployment.yaml, under workspaces" in out
    assert account.client("s3").list_objects_v2(Bucket=account.bucket)["KeyCount"] == before


def test_a_film_may_be_called_like_a_style(capsys):
    finding = "s3://studio/films/Pilot [bold] [/v2].mp4 is not there."
    report = PreflightReport(checks=(Check(name="films", state="fail", finding=finding),))
    show(Console(width=100), report)
    assert finding in capsys.readouterr().out


def test_it_leaves_nothing_of_a_run_behind(account):
    assert preflight(account) == 0
    assert (
        account.client("s3").list_objects_v2(Bucket=account.bucket, Prefix="films/runs/")[
            "KeyCount"
        ]
        == 0
    )


def test_a_run_on_aws_shows_the_checks_and_starts_nothing_without_consent(
    account, tmp_path, capsys
):
    film = account.upload(tiny_film(tmp_path / "film.mp4", seconds=2))
    params = json.dumps({"workspace": f"s3://{account.bucket}"})
    arguments = ("run", "--target", "aws", "--video", film, "--production", "paper-lantern")
    assert main([*arguments, "--params", params]) == 2
    out = capsys.readouterr().out
    assert "│ pass │ videos " in out
    assert "1 readable, 2 frames to sample" in out
    assert out.splitlines()[-1].startswith("There is no terminal to ask on.")

    refused = json.dumps({"workspace": f"s3://{account.bucket}", "budget_usd": 1})
    assert main([*arguments, "--params", refused, "--yes"]) == 1
    assert "A run would be refused: budget." in capsys.readouterr().out


def test_without_a_bucket_on_aws_it_asks_for_one(account, capsys):
    assert main(["preflight", "--target", "aws"]) == 2
    assert "On AWS a workspace is required." in capsys.readouterr().out


def test_locally_it_starts_its_own_endpoint(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "150")
    for name in ("local_aws", "include"):
        (tmp_path / name).symlink_to(PROJECT_ROOT / name)
    monkeypatch.setenv("STORYBOARD_WORKSPACES", "")  # the command adds the studio's
    assert main(["--project", str(tmp_path), "preflight"]) == 0
    assert "│ pass │ workspace       │ bucket storyboard-studio exists and is accessible." in (
        capsys.readouterr().out
    )
    assert main(["--project", str(tmp_path), "release"]) == 0
    assert "Nothing of the pipeline bills" in capsys.readouterr().out


@pytest.fixture
def known(account: Studio, monkeypatch: pytest.MonkeyPatch) -> Studio:
    """The account, with its bucket as a workspace of the deployment."""
    monkeypatch.setenv(WORKSPACES_VARIABLE, str(account.workspace.root))
    return account


def test_release_ends_what_is_past_its_lease_and_fails_when_a_person_is_needed(known, capsys):
    buy_capacity(known.client, known.workspace, 1, OVER)
    assert main(["release", "--target", "aws"]) == 0
    name = name_of("capacity", 1)
    assert f"│ released │ provisioned throughput │ {name} " in capsys.readouterr().out
    assert known.endpoint.admin("GET", "bill")["running"] == []

    buy_capacity(known.client, known.workspace, 2, {**OVER, EXPIRES_TAG: "soon"})
    assert main(["release", "--target", "aws"]) == 1
    out = capsys.readouterr().out
    assert f"│ malformed │ provisioned throughput │ {name_of('capacity', 2)} " in out
    assert "1 of 1 resources were not released" in out


def test_release_names_what_it_does_not_know_and_leaves_it(known, capsys):
    arn = create_throughput(known.client("bedrock"), name_of("capacity"), OVER)
    assert main(["release", "--target", "aws"]) == 0
    out = capsys.readouterr().out
    assert "│ unrecognized │ provisioned throughput │" in out
    assert "was left alone: run run-1 has no claim on it in s3://" in out
    [line] = known.endpoint.admin("GET", "bill")["running"]
    assert line["resource"] == arn


def test_markup_in_a_name_or_a_tag_is_shown_as_it_is(capsys):
    hostile = "[red]x[/red] [/] [link=https://evil.example]y[/link]"
    found = SweptResource(
        kind="custom model", name=hostile, arn="a", outcome="unrecognized", reason=hostile,
        expires_at=hostile,
    )  # fmt: skip
    show_sweep(Console(width=300), SweepReport(resources=(found,)))
    assert capsys.readouterr().out.count(hostile) == 4
