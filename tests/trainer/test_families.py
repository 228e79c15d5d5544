"""Every base model is trained and draws, from folders to files, with tiny random weights."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.trainer.jobs import PANEL, drawing_job, training_job
from tests.trainer.laboratory import Laboratory, read, read_tensors

FAMILIES = ("flux2_klein", "z_image", "sdxl")
#: The other two are also trained by the tests of recipes, interruptions and drawing.
FIRST, *OTHERS = FAMILIES
PREFIX = {"flux2_klein": "transformer", "z_image": "transformer", "sdxl": "unet"}


@dataclass(frozen=True)
class Trained:
    """A finished training and the base model it started from."""

    laboratory: Laboratory
    family: str
    base: Path
    root: Path

    @property
    def model(self) -> Path:
        return self.root / "model"

    def picture(
        self, tmp_path: Path, name: str, *, strength: float = 1.0, alone: bool = False
    ) -> bytes:
        """Return the bytes of the panel as this model draws it, or as the base does alone."""
        return self.picture_by(None if alone else self.model, tmp_path / name, strength)

    def picture_by(self, model: Path | None, root: Path, strength: float = 1.0) -> bytes:
        drawing_job(root, self.base, self.family, model=model, strength=strength)
        assert self.laboratory.draw(root) == 0
        return (root / "processing/output/scene01_panel01_seed7.png").read_bytes()


@pytest.fixture(
    scope="module",
    params=[FIRST, *(pytest.param(family, marks=pytest.mark.long) for family in OTHERS)],
)
def trained(
    request: pytest.FixtureRequest, laboratory: Laboratory, tmp_path_factory: pytest.TempPathFactory
) -> Trained:
    base = laboratory.base(request.param)
    root = training_job(tmp_path_factory.mktemp(request.param), base, request.param)
    assert laboratory.train(root) == 0
    return Trained(laboratory, request.param, base, root)


def test_the_lora_has_the_names_of_diffusers_and_says_what_it_is(trained: Trained) -> None:
    shapes, metadata = read_tensors(trained.model / "lora.safetensors")
    assert all(name.startswith(f"{PREFIX[trained.family]}.") for name in shapes)
    assert {shape[0] for name, shape in shapes.items() if "lora_A" in name} == {2}  # the rank
    assert metadata["base_model"] == f"tiny-{trained.family.replace('_', '-')}"
    assert metadata["dataset_sha256"] == "d" * 64
    assert metadata["modelspec.license"] == "Apache-2.0"
    assert '"bo": "Bo"' in metadata["characters"]


def test_at_strength_0_it_draws_as_the_base_model_bit_for_bit(
    trained: Trained, tmp_path: Path
) -> None:
    base = trained.picture(tmp_path, "base", alone=True)
    assert trained.picture(tmp_path, "off", strength=0) == base
    assert trained.picture(tmp_path, "on") != base


def test_the_file_for_comfyui_draws_the_same(trained: Trained, tmp_path: Path) -> None:
    """As diffusers translates it, which knows the names that ComfyUI and ai-toolkit read."""
    file, translated = trained.model / "lora.comfyui.safetensors", tmp_path / "translated"
    trained.laboratory.translate(file, trained.family, translated / "lora.safetensors")
    there = pixels(trained.picture_by(translated, tmp_path / "there"))
    here = pixels(trained.picture(tmp_path, "here"))
    base = pixels(trained.picture(tmp_path, "base", alone=True))
    assert abs(there - here).max() <= 1  # of 255: sums are rounded in another order
    assert abs(base - here).max() > 1


def test_the_same_seed_draws_the_same_bytes(trained: Trained, tmp_path: Path) -> None:
    first = trained.picture(tmp_path, "first")
    assert trained.picture(tmp_path, "second") == first


def test_every_checkpoint_is_scored_and_the_best_is_the_result(trained: Trained) -> None:
    record = read(trained.model / "training.json")
    likeness = {one["step"]: one["likeness"] for one in record["checkpoints"]}
    assert list(likeness) == [0, 2, 4]
    assert record["chosen_step"] == max((2, 4), key=lambda step: likeness[step])
    assert record["wrong_names"].keys() == {"mira", "bo"}
    for step in likeness:
        samples = trained.model / f"samples/step_{step:06d}"
        assert {p.name for p in samples.iterdir()} == {"mira_0.png", "bo_0.png"}
    assert read(trained.root / "checkpoints/progress.json")["phase"] == "done"


def test_the_model_card_names_base_licence_and_characters(trained: Trained) -> None:
    card = (trained.model / "README.md").read_text(encoding="utf-8")
    for part in ("tests/tiny, revision r1", "Apache-2.0", "Mira (`mira`)", "ComfyUI", "| 4 |"):
        assert part in card


def test_a_panel_has_the_size_that_was_asked_for(trained: Trained, tmp_path: Path) -> None:
    trained.picture(tmp_path, "sized")
    output = tmp_path / "sized/processing/output"
    with Image.open(output / "scene01_panel01_seed7.png") as image:
        assert image.size == (PANEL["width"], PANEL["height"])
    record: dict[str, Any] = read(output / "drawn.json")[0]
    assert record == read(output / "scene01_panel01_seed7.json")
    assert record["model_sha256"] == read(trained.model / "training.json")["weights_sha256"]
    assert {"torch", "diffusers"} <= record["versions"].keys()


def pixels(png: bytes) -> NDArray[np.int16]:
    return np.asarray(Image.open(io.BytesIO(png)), np.int16)


@pytest.mark.long
@pytest.mark.parametrize("family", FAMILIES)
def test_the_loss_falls(family: str, laboratory: Laboratory, tmp_path: Path) -> None:
    recipe = {"steps": "120", "checkpoint_every": "120", "batch_size": "4"} | {
        "learning_rate": "0.01",
        "rank": "8",
    }
    root = training_job(tmp_path, laboratory.base(family), family, recipe=recipe)
    assert laboratory.train(root) == 0
    losses = [point["loss"] for point in read(root / "model/training.json")["curve"]]
    assert sum(losses[-30:]) < 0.95 * sum(losses[:30])
