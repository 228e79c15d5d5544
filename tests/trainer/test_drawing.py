"""Candidates are drawn one by one, once, and a panel that fails does not stop the others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.trainer.jobs import PANEL, drawing_job, training_job
from tests.trainer.laboratory import Laboratory, read

OUTPUT = "processing/output"


def draw(laboratory: Laboratory, root: Path) -> list[dict[str, Any]]:
    assert laboratory.draw(root) == 0
    records: list[dict[str, Any]] = read(root / OUTPUT / "drawn.json")
    return records


def change(root: Path, **facts: Any) -> None:
    path = root / "processing/input/job/job.json"
    path.write_text(json.dumps({**read(path), **facts}), encoding="utf-8")


def test_a_candidate_that_is_there_is_not_drawn_again(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    root = drawing_job(tmp_path, laboratory.base("z_image"), "z_image", {**PANEL, "seeds": [7, 8]})
    first = draw(laboratory, root)
    assert [record["file"] for record in first] == [
        "scene01_panel01_seed7.png",
        "scene01_panel01_seed8.png",
    ]
    assert first[0]["sha256"] != first[1]["sha256"]
    kept = root / OUTPUT / first[0]["file"]
    written = kept.stat().st_mtime_ns
    (root / OUTPUT / first[1]["file"]).unlink()
    assert draw(laboratory, root) == first
    assert kept.stat().st_mtime_ns == written


def test_another_question_is_drawn(laboratory: Laboratory, tmp_path: Path) -> None:
    root = drawing_job(tmp_path, laboratory.base("z_image"), "z_image")
    first = draw(laboratory, root)
    change(root, guidance=5.0)
    second = draw(laboratory, root)
    assert second[0]["guidance"] == 5.0
    assert second[0]["sha256"] != first[0]["sha256"]


@pytest.mark.parametrize(
    "family",
    ["z_image", *(pytest.param(f, marks=pytest.mark.long) for f in ("flux2_klein", "sdxl"))],
)
def test_what_the_model_does_not_read_of_a_prompt_is_recorded(
    laboratory: Laboratory, tmp_path: Path, family: str
) -> None:
    long = {**PANEL, "slot": "scene01_panel02", "prompt": "Mira and Bo on a bench, " * 40}
    short = {**PANEL, "prompt": "Bo"}
    root = drawing_job(tmp_path, laboratory.base(family), family, short, long)
    change(root, base={**read(root / "processing/input/job/job.json")["base"], "text_tokens": 200})
    cut = [record["cut_tokens"] for record in draw(laboratory, root)]
    assert cut[0] == 0
    assert 500 < cut[1] < len(long["prompt"])


def test_reference_pictures_change_what_is_drawn(laboratory: Laboratory, tmp_path: Path) -> None:
    base = laboratory.base("flux2_klein")
    panels = [PANEL, {**PANEL, "slot": "scene01_panel02", "references": ["mira.png"]}]
    root = drawing_job(tmp_path, base, "flux2_klein", *panels)
    references = root / "processing/input/references"
    references.mkdir()
    Image.new("RGB", (64, 64), (220, 40, 60)).save(references / "mira.png")
    without, with_reference = draw(laboratory, root)
    assert without["sha256"] != with_reference["sha256"]
    assert with_reference["references"][0]["file"] == "mira.png"


@pytest.mark.parametrize(
    ("family", "wrong", "reason"),
    [
        ("flux2_klein", {"references": ["bo.png"]}, "The reference picture bo.png is not in"),
        ("z_image", {"references": ["bo.png"]}, "tiny-z-image takes no reference pictures"),
        ("z_image", {"width": 60}, "The width of scene01_panel02 is 60 px"),
    ],
)
def test_a_panel_that_fails_is_recorded_and_the_others_go_on(
    family: str, wrong: dict[str, Any], reason: str, laboratory: Laboratory, tmp_path: Path
) -> None:
    panels = [{**PANEL, "slot": "scene01_panel02", **wrong}, PANEL]
    failed, drawn = draw(
        laboratory, drawing_job(tmp_path, laboratory.base(family), family, *panels)
    )
    assert failed.keys() == {"slot", "seed", "prompt", "failure"}
    assert failed["failure"].startswith(reason)
    assert (tmp_path / OUTPUT / drawn["file"]).is_file()


def test_a_model_of_another_base_is_refused(laboratory: Laboratory, tmp_path: Path) -> None:
    trained = training_job(tmp_path / "trained", laboratory.base("z_image"), "z_image")
    assert laboratory.train(trained) == 0
    base, model = laboratory.base("flux2_klein"), trained / "model"
    root = drawing_job(tmp_path / "job", base, "flux2_klein", model=model)
    assert laboratory.draw(root) == 1
    for name in ("failure", "message"):
        assert "cannot be loaded" in (root / "output" / name).read_text(encoding="utf-8")
    assert not (root / OUTPUT / "drawn.json").exists()


def test_what_cannot_be_drawn_at_all_is_named(laboratory: Laboratory, tmp_path: Path) -> None:
    root = drawing_job(tmp_path, laboratory.base("z_image"), "z_image")
    change(root, panels=[{**PANEL, "strength": 9}])
    assert laboratory.draw(root) == 1
    message = (root / "output/message").read_text(encoding="utf-8")
    assert message.endswith("strength is 9.0; it must be 0 to 2.")


def test_one_job_draws_with_and_without_what_was_trained(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    base = laboratory.base("flux2_klein")
    trained = training_job(tmp_path / "trained", base, "flux2_klein")
    assert laboratory.train(trained) == 0
    model = trained / "model"
    alone = draw(laboratory, drawing_job(tmp_path / "alone", base, "flux2_klein"))
    plain = draw(laboratory, drawing_job(tmp_path / "plain", base, "flux2_klein", model=model))
    both = drawing_job(
        tmp_path / "both",
        base,
        "flux2_klein",
        {**PANEL, "strength": 1.0},
        {**PANEL, "slot": "scene01_panel01_prompts", "strength": 0.0},
        model=model,
    )
    prompted, drawn = draw(laboratory, both)
    assert prompted["slot"].endswith("_prompts"), "the base model draws first"
    assert prompted["sha256"] == alone[0]["sha256"] != drawn["sha256"] == plain[0]["sha256"]
    assert prompted["model_sha256"] is None and drawn["model_sha256"]


def test_trained_weights_that_are_not_there_are_no_base_model(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    panel = {**PANEL, "strength": 1.0}
    root = drawing_job(tmp_path, laboratory.base("z_image"), "z_image", panel)
    assert laboratory.draw(root) == 1
    message = (root / "output/message").read_text(encoding="utf-8")
    assert message.endswith("holds no trained weights to draw with.")
