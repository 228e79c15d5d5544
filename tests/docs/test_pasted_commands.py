"""The README's commands for a running Airflow, pasted into a shell in a copy of the checkout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.markdown_files import ROOT, code_blocks

SECONDS = 600
#: What `make up` makes, caches, and environments: the copy makes its own, or links to ours.
LEFT_OUT = (".git", ".airflow", ".local_aws", ".cache", "out", ".venv", ".venv-trainer", ".*_cache")


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Path]:
    """A copy of the checkout with our environment; its Airflow ends with the test."""
    folder = tmp_path / "checkout"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*LEFT_OUT))
    (folder / ".venv").symlink_to(sys.prefix)
    yield folder
    paste(folder, "make down")


def paste(folder: Path, commands: str) -> str:
    """Run commands as a person does who pastes them; returns what they print."""
    kept = ("HOME", "LANG", "PATH", "TMPDIR")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    done = subprocess.run(
        ["bash", "-e", "-c", commands],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.long
@pytest.mark.slow
def test_runs_start_by_the_command_line_and_by_the_rest_api(copy):
    blocks = code_blocks(ROOT / "README.md", "sh")
    (by_command,) = [block for block in blocks if "airflow dags trigger" in block]
    (by_rest,) = [block for block in blocks if "curl" in block]
    paste(copy, by_command)
    answer = paste(copy, by_rest)
    started = json.loads(answer[answer.index("{") :])
    assert (started["dag_id"], started["state"]) == ("train_character_model", "queued")
    listed = paste(
        copy,
        "source .airflow/studio/environment.sh\n"
        "airflow dags list-runs train_character_model --output json",
    )
    runs = json.loads(listed[listed.index("[{") :])
    assert len(runs) == 2
