"""What people write on the command line of make reaches the launcher as it is."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.docs.markdown_files import ROOT

#: Stands for the interpreter of .venv: prints what it is called with.
PROGRAM = """\
#!/usr/bin/env python3
import json, sys
print(json.dumps(sys.argv[1:]))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which make takes everything for installed."""
    (tmp_path / "requirements.txt").touch()
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(PROGRAM)
    python.chmod(0o755)
    (tmp_path / ".venv" / "ready").touch()
    return tmp_path


def called_by_make(folder: Path, *arguments: str) -> list[str]:
    """The arguments of the program that make calls."""
    plain = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME")}
    command = ["make", "--no-print-directory", "-f", str(ROOT / "Makefile"), *arguments]
    done = subprocess.run(
        command, cwd=folder, env=plain, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    called = json.loads(done.stdout.splitlines()[-1])
    assert isinstance(called, list)
    return called


@pytest.mark.parametrize(
    "written",
    [
        '{"storyboard_style": "Mira\'s ink"}',
        '{"storyboard_style": "a \\"pencil\\" drawing"}',
        "{} `id` ; id",
    ],
)
def test_params_with_quotes(folder: Path, written: str) -> None:
    called = called_by_make(folder, "run", "VIDEO=a.mp4", "PRODUCTION=p", f"PARAMS={written}")
    assert called[called.index("--params") + 1] == written


@pytest.mark.parametrize("name", ["Mira's film.mp4", 'the "cut".mp4', "a  b.mp4", "film;id.mp4"])
def test_films_with_odd_names(folder: Path, name: str) -> None:
    called = called_by_make(folder, "frames", f"VIDEO={name}")
    assert called[-3:] == [name, "1", "out/frames"]


def test_what_is_not_written_is_empty_or_the_default(folder: Path) -> None:
    called = called_by_make(folder, "preflight")
    assert called[called.index("--video") + 1] == ""
    assert called[called.index("--production") + 1] == ""
    assert called[called.index("--params") + 1] == "{}"
    called = called_by_make(folder, "run")
    assert [called[called.index(name) + 1] for name in ("--video", "--production")] == ["", ""]


def test_results_of_a_run(folder: Path) -> None:
    run = "manual__2026-11-29T13:00:00+00:00"
    called = called_by_make(folder, "results", f"RUN={run}", "WORKSPACE=s3://films/a")
    expected = ["results", run, "--target", "local", "--workspace", "s3://films/a"]
    assert called == ["-m", "launcher", *expected]


def test_a_production_is_made_beside_the_films_unless_a_folder_is_named(folder: Path) -> None:
    called = called_by_make(folder, "production", "VIDEO=Mira's film.mp4")
    assert called == ["-m", "launcher", "production", "--video", "Mira's film.mp4"]
    called = called_by_make(folder, "production", "VIDEO=a.mp4", "OUT=productions/my own")
    assert called[-2:] == ["--out", "productions/my own"]
