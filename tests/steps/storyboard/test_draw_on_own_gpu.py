"""Drawing on the studio's own machine, with real processes and a stand-in for the program."""

from __future__ import annotations

import pytest

from storyboard_ops.domain.image_records import Panel
from storyboard_ops.steps.release.release_resources import confirm_released, release_everything
from storyboard_ops.steps.storyboard.painters import painter_of
from storyboard_ops.steps.training.trainers import trainer_of
from tests.studio.trainers.open_training import open_run, published_set, until
from tests.studio.trainers.own_machine import deploy_machine, files_beneath

pytestmark = pytest.mark.usefixtures("small_program")


def test_a_model_of_the_machine_draws_there_and_leaves_nothing_of_the_film(
    studio, tmp_path, monkeypatch
):
    machine = deploy_machine(monkeypatch, tmp_path)
    tools = open_run(studio, "own-drawn", trainer="own_gpu")
    trainer, dataset = trainer_of(tools), published_set(tools)
    training = trainer.start(dataset)
    model = until(lambda: trainer.finish(dataset, training.name))

    painter = painter_of(tools, model)
    assert painter.draws_by_itself == "The studio's own machine draws, so no capacity is provided."
    wait = painter.start(model, None)
    assert painter.start(model, None) == wait
    drawn = until(lambda: painter.finish(model, wait.name))
    panels = tools.manifests.read(drawn, Panel, "panels").records
    assert [len(panel.candidates) for panel in panels] == [2] * len(panels)
    assert painter.finish(model, wait.name) == drawn, "what is done is not done again"

    left = {path.name for path in files_beneath(machine.facts.work_folder)}
    assert left == {"config.json", "model.safetensors"}, "the base weights stay, and nothing else"
    receipt = release_everything(tools)
    assert sorted(line.kind for line in receipt.resources) == ["gpu job", "gpu job"]
    assert receipt.cost_usd == 0
    confirm_released(tools)
