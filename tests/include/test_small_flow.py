"""The committed weights of the small model are those that its card describes."""

from __future__ import annotations

import hashlib
from pathlib import Path

from storyboard_ops.gateways.training.model_files import base_models

MODELS = Path(__file__).parents[2] / "include/models"


def test_the_card_names_the_digest_of_the_weights() -> None:
    digest = hashlib.sha256((MODELS / "small-flow/model.safetensors").read_bytes()).hexdigest()
    assert f"SHA-256 `{digest}`" in (MODELS / "small-flow.md").read_text(encoding="utf-8")


def test_the_folder_contains_the_files_of_its_entry_and_no_others() -> None:
    entry = base_models().find("small-flow")
    folder = MODELS / "small-flow"
    assert {path.name for path in folder.iterdir()} == set(entry.files)
    size = sum(path.stat().st_size for path in folder.iterdir())
    assert 0.75 * entry.weights_gb < size / 1e9 <= entry.weights_gb
    assert entry.fit_panel(1280, 720) == (224, 128)
