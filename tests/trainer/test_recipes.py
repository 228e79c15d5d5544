"""What a recipe changes in a training."""

from __future__ import annotations

from pathlib import Path

from tests.trainer.jobs import drawing_job, link, training_job
from tests.trainer.laboratory import Laboratory, read, read_tensors


def test_without_held_out_pictures_the_last_checkpoint_is_the_result(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    root = training_job(tmp_path, laboratory.base("z_image"), "z_image", held_out=0)
    assert laboratory.train(root) == 0
    record = read(root / "model/training.json")
    assert record["chosen_step"] == 4
    assert record["chosen_because"] == "the last one, because no pictures are held out"
    assert [one["likeness"] for one in record["checkpoints"]] == [None, None, None]


def test_captions_that_are_longer_than_the_base_model_reads_are_counted(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    base = laboratory.base("z_image")
    records = {}
    for most in (400, 48):
        root = training_job(tmp_path / str(most), base, "z_image", entry={"text_tokens": most})
        assert laboratory.train(root) == 0
        records[most] = read(root / "model/training.json")
        card = (root / "model/README.md").read_text(encoding="utf-8")
        assert ("10 captions are longer than the base model reads" in card) == (most == 48)
    assert (records[400]["cut_captions"], records[48]["cut_captions"]) == (0, 10)


def test_all_weights_are_trained_by_method_full(laboratory: Laboratory, tmp_path: Path) -> None:
    base = laboratory.base("sdxl")
    recipe = {"method": "full", "learning_rate": "0.001"}
    root = training_job(tmp_path / "job", base, "sdxl", recipe=recipe)
    assert laboratory.train(root) == 0
    shapes, metadata = read_tensors(root / "model/model.safetensors")
    assert "conv_in.weight" in shapes
    assert metadata["modelspec.architecture"] == "sdxl/full"
    pictures = []
    for strength in (0.0, 1.0):
        drawing = drawing_job(
            tmp_path / str(strength), base, "sdxl", model=root / "model", strength=strength
        )
        assert laboratory.draw(drawing) == 0
        pictures.append(read(drawing / "processing/output/drawn.json")[0]["sha256"])
    assert pictures[0] != pictures[1]


def test_prior_preservation_changes_what_is_learned(laboratory: Laboratory, tmp_path: Path) -> None:
    weights = []
    for weight in ("0", "1"):
        recipe = {"prior_preservation": weight}
        root = training_job(tmp_path / weight, laboratory.base("z_image"), "z_image", recipe=recipe)
        assert laboratory.train(root) == 0
        weights.append(read(root / "model/training.json")["weights_sha256"])
    assert weights[0] != weights[1]


def test_pictures_are_measured_by_dinov2_from_a_folder(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    facts = {"embedder": {"id": "dinov2-small", "kind": "dinov2"}}
    root = training_job(tmp_path, laboratory.base("z_image"), "z_image", facts=facts)
    link(laboratory.base("dinov2"), root / "input/data/embedder")
    assert laboratory.train(root) == 0
    record = read(root / "model/training.json")
    assert record["embedder"]["id"] == "dinov2-small"
    assert len(record["embedder"]["digest"]) == 64
