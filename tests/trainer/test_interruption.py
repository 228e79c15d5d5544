"""A training that is interrupted goes on, and ends as if it had not been."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.trainer.jobs import training_job
from tests.trainer.laboratory import Laboratory, read

RECIPE = {"steps": "12", "checkpoint_every": "2", "accumulate": "2", "caption_dropout": "0.3"}
#: What depends on the machine's speed, and not on what was trained.
NOT_COMPARED = {"seconds"}


def start_and_signal(
    laboratory: Laboratory, root: Path, checkpoint: str, number: int
) -> subprocess.Popen[bytes]:
    """Start a training and signal it once a checkpoint is there; return the ended process."""
    process = laboratory.start("train.py", root)
    while not (root / "checkpoints" / checkpoint).exists() and process.poll() is None:
        time.sleep(0.005)
    process.send_signal(number)
    process.wait(timeout=120)
    return process


def result(root: Path) -> dict[str, Any]:
    """Return every file of the result by name: bytes, and the record without times."""
    model = root / "model"
    files: dict[str, Any] = {
        str(path.relative_to(model)): path.read_bytes()
        for path in model.rglob("*")
        if path.is_file() and path.name != "training.json"
    }
    record: Mapping[str, Any] = read(model / "training.json")
    return files | {k: v for k, v in record.items() if k not in NOT_COMPARED}


def assert_resumes_as_if_uninterrupted(
    laboratory: Laboratory, folder: Path, family: str, recipe: Mapping[str, str]
) -> None:
    base = laboratory.base(family)
    whole = training_job(folder / "whole", base, family, recipe=recipe)
    assert laboratory.train(whole) == 0

    cut = training_job(folder / "cut", base, family, recipe=recipe)
    process = start_and_signal(laboratory, cut, "step_000002", signal.SIGTERM)
    assert process.returncode == 143
    assert not (cut / "output/failure").exists()
    assert not (cut / "model/training.json").exists()
    assert laboratory.train(cut) == 0
    assert result(cut) == result(whole)


def test_after_sigterm_it_ends_as_if_uninterrupted(laboratory: Laboratory, tmp_path: Path) -> None:
    assert_resumes_as_if_uninterrupted(laboratory, tmp_path, "z_image", RECIPE)


@pytest.mark.long
@pytest.mark.parametrize("family", ["flux2_klein", "sdxl"])
def test_after_sigterm_every_family_ends_as_if_uninterrupted(
    family: str, laboratory: Laboratory, tmp_path: Path
) -> None:
    recipe = RECIPE | {"prior_preservation": "0.5"}
    assert_resumes_as_if_uninterrupted(laboratory, tmp_path, family, recipe)


@pytest.mark.long
def test_after_two_kills_without_warning_it_ends_as_if_uninterrupted(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    base = laboratory.base("z_image")
    whole = training_job(tmp_path / "whole", base, "z_image", recipe=RECIPE)
    assert laboratory.train(whole) == 0
    cut = training_job(tmp_path / "cut", base, "z_image", recipe=RECIPE)
    for checkpoint in ("step_000002", "step_000006"):
        start_and_signal(laboratory, cut, checkpoint, signal.SIGKILL)
    assert laboratory.train(cut) == 0
    assert result(cut) == result(whole)


def test_what_a_copy_of_the_checkpoints_lost_is_made_again(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    base = laboratory.base("z_image")
    whole = training_job(tmp_path / "whole", base, "z_image")
    assert laboratory.train(whole) == 0
    cut = training_job(tmp_path / "cut", base, "z_image")
    shutil.copytree(whole / "checkpoints", cut / "checkpoints")
    state = cut / "checkpoints/step_000004/state.pt"
    state.write_bytes(state.read_bytes()[:1000])
    (cut / "checkpoints/step_000002/score.json").unlink()
    shutil.rmtree(cut / "checkpoints/step_000002/samples")
    assert laboratory.train(cut) == 0
    assert result(cut) == result(whole)


def test_checkpoints_of_another_recipe_are_refused(laboratory: Laboratory, tmp_path: Path) -> None:
    base = laboratory.base("z_image")
    root = training_job(tmp_path / "first", base, "z_image")
    assert laboratory.train(root) == 0
    other = training_job(tmp_path / "other", base, "z_image", recipe={"learning_rate": "0.02"})
    shutil.copytree(root / "checkpoints", other / "checkpoints")
    assert laboratory.train(other) == 1
    failure = (other / "output/failure").read_text(encoding="utf-8")
    assert "another recipe" in failure and "empty folder of checkpoints" in failure
