"""`make results`: what a run has left is fetched after it has ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from launcher.__main__ import main
from storyboard_ops.domain.object_keys import Workspace, run_key
from tests.studio.studio_fixture import Studio

RUN = "manual__2026-11-29T13:00:00+00:00"
KEY = run_key("train_character_model", RUN)


@pytest.fixture(autouse=True)
def handlers(stop_signals: None) -> None:
    """The command listens to signals."""


@pytest.fixture
def account(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Studio:
    """An account that boto3 finds the way it finds any: here it is the local endpoint."""
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    for name, value in studio.endpoint.environment.items():
        monkeypatch.setenv(name, value)
    return studio


def leave(account: Studio, key: str, *names: str) -> None:
    """Put files into the folder of a run, as it does; its settings come first."""
    root = Workspace.at(f"s3://{account.bucket}").run(key)
    for name in ("settings.json", *names):
        account.client("s3").put_object(Bucket=root.bucket, Key=f"{root.key}/{name}", Body=b"{}")


def results(account: Studio, folder: Path, run: str) -> int:
    place = f"s3://{account.bucket}"
    command = ["results", run, "--target", "aws", "--workspace", place]
    return main(["--project", str(folder), *command])


@pytest.mark.parametrize("name", [RUN, KEY])
def test_a_run_is_found_by_its_id_and_by_its_folder(
    name: str, account: Studio, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    leave(account, KEY, "report.html", "dataset/train/a.png", "receipt.json", "crops/raw.png")
    assert results(account, tmp_path, name) == 0
    target = tmp_path / "out" / KEY
    assert capsys.readouterr().out.split() == [
        str(target / part) for part in ("report.html", "receipt.json", "dataset")
    ]
    assert (target / "dataset" / "train" / "a.png").exists()


def test_a_run_that_goes_on_is_not_fetched(
    account: Studio, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    leave(account, KEY, "report.html")
    assert results(account, tmp_path, KEY) == 1
    assert f"The run {KEY} has not ended: it has no receipt yet." in capsys.readouterr().out
    assert not (tmp_path / "out" / KEY).exists()


def test_a_run_that_is_not_there_is_named_with_those_that_are(
    account: Studio, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(1, 8):
        leave(account, f"paper-lantern-2026112{number}", "receipt.json")
    assert results(account, tmp_path, "paper-lantern-20261129") == 2
    said = capsys.readouterr().out
    assert f"There is no run 'paper-lantern-20261129' in s3://{account.bucket}." in said
    assert "Did you mean 'paper-lantern-2026112" in said
    listed = ", ".join(f"paper-lantern-2026112{number}" for number in range(3, 8))
    assert f"The last of its 7 runs are: {listed}." in said
