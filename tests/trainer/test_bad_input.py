"""Whatever is wrong with a job is said in one clear message, before anything is computed."""

from __future__ import annotations

import json
import resource
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.trainer.jobs import CAST, training_job
from tests.trainer.laboratory import ENVIRONMENT, PYTHON, Laboratory


def failure(laboratory: Laboratory, root: Path) -> str:
    """Run a training that must fail; return its message."""
    assert laboratory.train(root) == 1
    assert not (root / "model").exists()
    message = (root / "output/failure").read_text(encoding="utf-8")
    assert len(message) <= 1024
    return message


def test_wrong_hyperparameters_are_named_with_their_range(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    recipe = {"steps": "many", "learning_rate": "3", "rnk": "8", "method": "dora"}
    message = failure(laboratory, training_job(tmp_path, tmp_path, recipe=recipe))
    assert "steps is 'many'; it must be a whole number from 1 to 20000" in message
    assert "learning_rate is '3'; it must be a number from 1e-07 to 0.1" in message
    assert "rnk is unknown" in message
    assert "method is 'dora'; it must be lora or full" in message


def test_four_pictures_are_too_few(laboratory: Laboratory, tmp_path: Path) -> None:
    root = training_job(tmp_path, tmp_path, pictures=1)  # one of each, and two of both
    assert "has 4 training pictures; at least 5 are needed" in failure(laboratory, root)


def test_a_character_without_pictures_is_named(laboratory: Laboratory, tmp_path: Path) -> None:
    cast = {**CAST, "lantern": {"name": "Lantern"}}
    root = training_job(tmp_path, tmp_path, facts={"cast": cast})
    message = failure(laboratory, root)
    assert "Lantern (lantern) has no training picture" in message


def test_a_damaged_picture_is_named(laboratory: Laboratory, tmp_path: Path) -> None:
    root = training_job(tmp_path, tmp_path)
    (root / "input/data/dataset/images/bo_1.png").write_bytes(b"\x89PNG")
    assert "images/bo_1.png is damaged" in failure(laboratory, root)


def test_too_little_memory_is_known_before_anything_is_loaded(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    root = training_job(tmp_path, tmp_path, entry={"training_gb": 10_000})
    message = failure(laboratory, root)
    assert "tiny-flux2-klein needs 10000 GB of memory and this machine" in message


def test_missing_weights_are_said_to_be_missing(laboratory: Laboratory, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    root = training_job(tmp_path / "job", tmp_path / "empty")
    assert "has no files: put the weights of tiny-flux2-klein there" in failure(laboratory, root)


def test_weights_of_another_digest_are_refused(laboratory: Laboratory, tmp_path: Path) -> None:
    base = laboratory.base("flux2_klein")
    root = training_job(tmp_path, base, entry={"digest": "0" * 64})
    message = failure(laboratory, root)
    assert "are damaged or of another version" in message
    assert "0" * 64 in message


def cut_weights(folder: Path) -> None:
    file = folder / "transformer/diffusion_pytorch_model.safetensors"
    file.write_bytes(file.read_bytes()[:2000])


def lose_weights(folder: Path) -> None:
    (folder / "text_encoder/model.safetensors").unlink()


def swap_family(folder: Path) -> None:
    index = folder / "model_index.json"
    facts: dict[str, Any] = json.loads(index.read_text(encoding="utf-8"))
    index.write_text(json.dumps(facts | {"_class_name": "FluxPipeline"}), encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (cut_weights, "cannot be loaded"),
        (lose_weights, "cannot be loaded"),
        (swap_family, "is of FluxPipeline; this family needs Flux2KleinPipeline"),
    ],
)
def test_damaged_weights_are_named(
    damage: Callable[[Path], None], said: str, laboratory: Laboratory, tmp_path: Path
) -> None:
    base = copy(laboratory.base("flux2_klein"), tmp_path / "base")
    damage(base)
    assert said in failure(laboratory, training_job(tmp_path / "job", base))


def copy(folder: Path, to: Path) -> Path:
    subprocess.run(["cp", "-r", folder, to], check=True)
    return to


@pytest.mark.long
def test_a_full_disk_is_said_to_be_full_and_the_checkpoint_is_kept(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    """A limit on the size of files stands in for a full disk."""
    root = training_job(tmp_path, laboratory.base("flux2_klein"))
    done = subprocess.run(
        [PYTHON, laboratory.code / "train.py"],
        env=ENVIRONMENT | {"ML_ROOT": str(root)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000)),
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 1, done.stderr
    message = (root / "output/failure").read_text(encoding="utf-8")
    assert message.startswith("The disk is full. The last checkpoint is kept.")
