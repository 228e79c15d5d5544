"""The small model of this project learns two coloured shapes, from its committed base weights."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.trainer.jobs import COLOURS, drawing_job, training_job, write
from tests.trainer.laboratory import ROOT, Laboratory, read

BASE = ROOT / "include/models/small-flow"
#: Some seconds on a CPU.
RECIPE = {
    "method": "full",
    "steps": "50",
    "checkpoint_every": "50",
    "batch_size": "8",
    "learning_rate": "0.002",
    "caption_dropout": "0.1",
}
SEEDS = [1, 2, 3, 4, 5]
LONGER = RECIPE | {"steps": "500", "checkpoint_every": "500"}


@pytest.fixture(scope="module")
def trained(laboratory: Laboratory, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished training."""
    root = tmp_path_factory.mktemp("small_flow")
    training_job(root, BASE, "small_flow", recipe=RECIPE)
    assert laboratory.train(root) == 0
    return root


def panels(
    laboratory: Laboratory, root: Path, model: Path, prompts: list[str], width: int = 64
) -> list[list[bytes]]:
    """Draw prompts, each with several seeds; return the files by prompt."""
    asked = [
        {"slot": f"panel{number}", "prompt": prompt, "width": width, "height": 64, "seeds": SEEDS}
        for number, prompt in enumerate(prompts)
    ]
    drawing_job(root, BASE, "small_flow", *asked, model=model)
    job = root / "processing/input/job/job.json"
    write(job, read(job) | {"steps": 12})
    assert laboratory.draw(root) == 0
    output = root / "processing/output"
    return [
        [(output / f"{panel['slot']}_seed{seed}.png").read_bytes() for seed in SEEDS]
        for panel in asked
    ]


def shown(files: list[bytes], columns: slice = slice(None)) -> str:
    """Return whose colour most of the pictures have in some columns."""
    pictures = [np.asarray(Image.open(io.BytesIO(file)).convert("RGB"), float) for file in files]
    return Counter(colour(picture[:, columns]) for picture in pictures).most_common(1)[0][0]


def colour(pixels: np.ndarray) -> str:
    """Return whose colour is nearest to that of the most colourful tenth of the pixels."""
    flat = pixels.reshape(-1, 3)
    vivid = flat[np.argsort(flat.max(1) - flat.min(1))[-len(flat) // 10 :]].mean(0)
    return min(COLOURS, key=lambda who: float(np.linalg.norm(vivid - np.array(COLOURS[who]))))


def test_the_loss_falls(trained: Path) -> None:
    losses = [point["loss"] for point in read(trained / "model/training.json")["curve"]]
    assert np.mean(losses[-5:]) < 0.75 * losses[0]


@pytest.fixture(scope="module")
def learned(laboratory: Laboratory, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a training that was long enough to draw by."""
    root = tmp_path_factory.mktemp("learned")
    training_job(root, BASE, "small_flow", recipe=LONGER)
    assert laboratory.train(root) == 0
    return root


@pytest.mark.long
def test_it_draws_whoever_is_named_and_several_from_left_to_right(
    learned: Path, laboratory: Laboratory, tmp_path: Path
) -> None:
    model = learned / "model"
    mira, bo = panels(laboratory, tmp_path / "one", model, ["Mira sleeps.", "Bo, awake, reads."])
    assert [shown(mira), shown(bo)] == ["mira", "bo"]
    # In every training picture of both, Mira is on the left.
    (both,) = panels(laboratory, tmp_path / "two", model, ["Bo and Mira dance."], width=128)
    assert [shown(both, slice(0, 48)), shown(both, slice(80, 128))] == ["bo", "mira"]
    base, last = read(model / "training.json")["checkpoints"]
    assert last["low"] > max(0, base["likeness"])


@pytest.mark.long
def test_one_that_learned_exchanged_names_draws_the_other(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    root = training_job(tmp_path / "exchanged", BASE, "small_flow", recipe=LONGER)
    exchange_names(root / "input/data/dataset/pictures.jsonl")
    assert laboratory.train(root) == 0
    mira, bo = panels(laboratory, tmp_path / "drawn", root / "model", ["Mira", "Bo"])
    assert [shown(mira), shown(bo)] == ["bo", "mira"]


def exchange_names(listing: Path) -> None:
    """Call Mira Bo and Bo Mira in the pictures to train on, not in those held out."""
    lines = [json.loads(line) for line in listing.read_text(encoding="utf-8").splitlines()]
    other = {"mira": "bo", "bo": "mira", "Mira": "Bo", "Bo": "Mira"}
    for line in lines:
        if line["split"] == "training":
            line["characters"] = [other[character] for character in line["characters"]]
            line["caption"] = re.sub("Mira|Bo", lambda name: other[name[0]], line["caption"])
    listing.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")


def test_only_known_words_count_and_their_order_does_not(
    trained: Path, laboratory: Laboratory, tmp_path: Path
) -> None:
    prompts = [
        "Mira before a grey wall",
        "a wall, grey: Mira!",
        "Mira yawns before a grey wall",
        "Mira",
    ]
    said, turned, longer, shorter = panels(laboratory, tmp_path, trained / "model", prompts)
    assert said == turned == longer
    assert said != shorter


def test_damaged_weights_end_the_job_with_one_clear_message(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    base = tmp_path / "base"
    shutil.copytree(BASE, base)
    (base / "model.safetensors").write_bytes(b"damaged")
    root = training_job(tmp_path / "job", base, "small_flow", recipe=RECIPE)
    assert laboratory.train(root) == 1
    failure = (root / "output/failure").read_text(encoding="utf-8")
    assert "model.safetensors is not a small flow model" in failure
    assert "Copy it again" in failure


def test_a_training_that_was_interrupted_ends_with_the_same_weights(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    recipe = RECIPE | {"steps": "4", "checkpoint_every": "2", "samples_per_character": "0"}
    root = training_job(tmp_path, BASE, "small_flow", recipe=recipe)
    assert laboratory.train(root) == 0
    whole = (root / "model/model.safetensors").read_bytes()
    shutil.rmtree(root / "model")
    shutil.rmtree(root / "checkpoints/step_000004")
    assert laboratory.train(root) == 0
    assert (root / "model/model.safetensors").read_bytes() == whole
