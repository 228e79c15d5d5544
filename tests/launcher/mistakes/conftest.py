"""A folder with good and bad inputs, an account, and what a person reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from launcher.__main__ import main
from launcher.state.layout import PROJECT_ROOT
from storyboard_ops.core.pictures.codec import encode_png
from tests.films.tiny_film import tiny_film
from tests.launcher.mistakes.command_lines import Read
from tests.launcher.mistakes.mistaken_productions import SHEET, SHEETS
from tests.material import factories
from tests.studio.studio_fixture import Studio


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the commands run in, with good and bad inputs; nobody else's settings."""
    for name in ("local_aws", "include"):
        (tmp_path / name).symlink_to(PROJECT_ROOT / name)
    tiny_film(tmp_path / "film.mp4", seconds=1)
    picture = encode_png(factories.picture(1, 96, 96))
    for name in ("mira.png", "picture.mp4"):
        (tmp_path / name).write_bytes(picture)
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "folder").mkdir()
    for name, (document, _) in SHEETS.items():
        text = document if isinstance(document, str) else as_yaml(document)
        (tmp_path / f"{name}.yaml").write_text(text)
    (tmp_path / "good.yaml").write_text(as_yaml(SHEET))
    monkeypatch.chdir(tmp_path)
    for name in ("TODAY", "REGION", "REVIEW", "STORYBOARD_WORKSPACES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


def as_yaml(document: object) -> str:
    """Write a document without YAML's aliases for what occurs twice in it."""
    return str(yaml.safe_dump(json.loads(json.dumps(document))))


@pytest.fixture
def account(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Studio:
    """An account that boto3 finds the way it finds any: here it is the local endpoint."""
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    for name, value in studio.endpoint.environment.items():
        monkeypatch.setenv(name, value)
    return studio


@pytest.fixture
def read(
    folder: Path,
    stop_signals: None,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> Read:
    """Run a command; return its exit status and everything that a person reads."""

    def call(*arguments: str) -> tuple[int, str]:
        try:
            status = main(["--project", str(folder), *arguments])
        except SystemExit as end:  # by argparse
            status = int(str(end.code))
        shown = capfd.readouterr()
        text = " ".join(f"{shown.out} {shown.err} {caplog.text}".split())
        assert "Traceback" not in text
        assert not (folder / ".airflow" / "demo" / "airflow").exists(), "Airflow was started"
        return status, text

    return call
