"""A run of today whose trainer is the studio's own machine: from a film to panels and a receipt."""

from __future__ import annotations

import pytest
from airflow.utils.state import DagRunState

from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.money.paid_usage import Receipt
from storyboard_ops.domain.training.model_facts import TrainedModel
from tests.airflow_ops.dags.test_run_of_today import customer, scripted_review
from tests.studio.trainers.open_training import store_weights
from tests.studio.trainers.own_machine import deploy_machine, files_beneath

pytestmark = [pytest.mark.slow, pytest.mark.long]


def test_the_studio_s_own_machine_trains_and_draws_and_keeps_nothing_of_the_film(
    tmp_path, monkeypatch, airflow_database, small_program
):
    notes: list[str] = []
    machine = deploy_machine(monkeypatch, tmp_path / "machine")
    with customer("us-east-1", tmp_path, monkeypatch, "") as today:
        store_weights(today.studio)
        with scripted_review(today.server, notes):
            small = {"open_model": "small-flow", "open_steps": 10, "candidates": 2}
            run = today.run(trainer="own_gpu", poll_seconds=1, **small)
        states = {task.task_id: task.state for task in run.get_task_instances()}
        assert run.state == DagRunState.SUCCESS, states
        assert {task for task, state in states.items() if state == "skipped"} == {
            "provision_throughput"
        }
        tools = today.tools(run)
        model = tools.read_record("model/model.json", TrainedModel)
        assert model is not None
        assert (model.trainer, model.base_model_id) == ("own_gpu", "small-flow")
        (found, _) = tools.manifests.latest(tools.run_root / "storyboard/panels.jsonl")
        panels = tools.manifests.read(found, Panel, "panels").records
        assert {len(panel.candidates) for panel in panels} == {2}
        receipt = tools.read_record("receipt.json", Receipt)
        assert receipt is not None
        assert [line.kind for line in receipt.resources].count("gpu job") == 2
        assert (receipt.unpriced, receipt.still_billing) == ((), ())
    left = {path.name for path in files_beneath(machine.facts.work_folder)}
    assert left == {"config.json", "model.safetensors"}, "the base weights stay, and nothing else"
