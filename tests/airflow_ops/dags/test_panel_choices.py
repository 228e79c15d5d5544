"""A storyboard, what people choose on its panel board, and the runs that publish it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from airflow.dag_processing.dagbag import BundleDagBag
from airflow.sdk import DAG

from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.manifest_codec import sha256_hex
from storyboard_ops.domain.object_keys import S3Uri, run_key
from storyboard_ops.domain.storyboard.panel_board import (
    ChoiceBatch,
    PanelBoard,
    PublishRequest,
    StartedRun,
)
from storyboard_ops.steps.run.earlier_runs import tools_of_run
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.choosing.desk import PanelDesk, open_panel_desk
from storyboard_ops.steps.storyboard.drawn.shown_panels import shown_panels
from tests.airflow_ops.conftest import PROJECT
from tests.airflow_ops.dags.test_nightly_retraining import states
from tests.films.tiny_film import tiny_production
from tests.studio.studio_fixture import QUICK, Studio
from tests.studio.trainers.open_training import job_names, open_studio, store_weights

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("small_program")]

SCRIPT = ["Mira climbs the hill.", "Mira looks down.", "The hill is empty."]


def drawing_dag() -> DAG:
    """The DAG as Airflow loads it, for one run: ``DAG.test`` leaves its parameters in it."""
    bag = BundleDagBag(
        bundle_path=PROJECT / "dags", bundle_name="dags", dag_folder=str(PROJECT / "dags")
    )
    return bag.dags["draw_storyboard"]


def test_a_board_is_drawn_chosen_redrawn_and_published(airflow_database, monkeypatch):
    """One story, because every run of Airflow takes its time."""
    with open_studio() as studio:
        for name, value in studio.endpoint.environment.items():
            monkeypatch.setenv(name, value)
        store_weights(studio)
        first = run_of(studio, first_run(studio))
        before = panels_of(first)
        assert [len(panel.candidates) for panel in before.values()] == [2, 2, 2]

        # Ana chooses another candidate of the first panel, Ben asks for a redraw of the second.
        desk = open_panel_desk(first)
        one, two, three = before
        other = before[one].candidates[1]
        save(desk, "ana", panel_id=one, decision="choose", candidate=other.sha256)
        save(desk, "ben", panel_id=two, decision="redraw", note="Seen from far above.")
        started = published(desk, "ana")
        second = run_of(studio, started.conf)
        after = panels_of(second)

        # Exactly one panel is drawn: by the job, by the hashes, and by the bill.
        (job,) = drawn_by(second)
        assert [panel["prompt"].partition(" Mira looks")[0] for panel in job["panels"]] == [
            "Seen from far above."
        ]
        assert len(job_names(studio, "processing")) == 2
        assert after[one].sha256 == other.sha256
        assert after[two].sha256 not in {c.sha256 for c in before[two].candidates}
        assert after[three].sha256 == before[three].sha256
        for panel in after.values():
            assert sha256_hex(second.objects.get(S3Uri.parse(panel.uri))) == panel.sha256
            assert panel.uri.startswith(str(second.run_root))
        assert [panel.drawn_by for panel in after.values()] == [first.run_key, "", first.run_key]
        report = studio.read_json(f"{second.run_root.key}/preflight.json")
        assert report["estimate_usd"] == started.usd > 0
        assert receipt_of(studio, second)["still_billing"] == []
        assert [line["kind"] for line in receipt_of(studio, second)["resources"]] == ["drawing job"]

        # Each panel says who wanted it so, from what, and what was there before.
        assert after[one].choice is not None and after[one].choice.by == "ana"
        assert after[one].chosen_because.startswith("ana chose it on ")
        assert after[two].redraw is not None and after[two].redraw.note == "Seen from far above."
        assert after[two].description == "Mira looks down."
        board = second.read_record("storyboard/panel_board.json", PanelBoard)
        assert {(p.panel_id, p.sha256) for p in board.earlier} == {
            (one, before[one].sha256),
            (two, before[two].sha256),
        }
        page = second.objects.get(second.run_root / "report.html").decode()
        assert "ana chose it on" in page

        # With nothing to redraw, choices are published, and nothing is bought.
        bought = studio.endpoint.purchases()
        desk = open_panel_desk(second)
        save(desk, "ben", panel_id=three, decision="choose",
             candidate=after[three].candidates[1].sha256)  # fmt: skip
        started = published(desk, "ben")
        assert started.usd == 0
        third = run_of(studio, started.conf, provision_throughput="skipped")
        assert panels_of(third)[three].sha256 == after[three].candidates[1].sha256
        assert panels_of(third)[two].sha256 == after[two].sha256
        assert panels_of(third)[one].drawn_by == first.run_key
        assert len(job_names(studio, "processing")) == 2
        assert studio.endpoint.purchases() == bought
        assert receipt_of(studio, third)["resources"] == []
        assert (third.objects.head(third.run_root / "storyboard/storyboard.pdf")) is not None


def first_run(studio: Studio) -> dict[str, Any]:
    """The parameters of a run that draws three panels with a model of open weights."""
    folder = S3Uri(studio.bucket, "runs/trained/model/output")
    objects = studio.tools().objects
    facts = b'{"chosen_step": 250, "base": {"id": "small-flow", "name": "small"}}'
    for name, body in (("training.json", facts), ("model.safetensors", b"weights")):
        objects.put(folder / name, body)
    return {
        **{name: value for name, value in QUICK.items() if name != "step_count"},
        "workspace": f"s3://{studio.bucket}",
        "production": tiny_production(studio),
        "model": str(folder),
        "trainer": "sagemaker",
        "open_model": "small-flow",
        "instance_types": ["ml.m5.xlarge"],
        "candidates": 2,
        "compare_with": [],
        "panels": SCRIPT,
    }


def run_of(studio: Studio, conf: dict[str, Any], **other: str) -> ToolBox[Any]:
    """Run the DAG to its end, and return the tool box of the run."""
    draw = drawing_dag()
    run = draw.test(run_conf=conf)
    tasks = dict.fromkeys((task.task_id for task in draw.tasks), "success")
    assert states(run) == tasks | {"provision_throughput": "skipped"} | other
    tools = tools_of_run(studio.workspace, studio.client, run_key(draw.dag_id, run.run_id))
    assert tools is not None
    return tools


def panels_of(tools: ToolBox[Any]) -> dict[str, Panel]:
    ref = shown_panels(tools)
    assert ref is not None
    return {panel.key: panel for panel in tools.manifests.read(ref, Panel, "panels").records}


def drawn_by(tools: ToolBox[Any]) -> list[Any]:
    """What the jobs of a run were asked to draw."""
    listed = tools.objects.list(tools.run_root / "storyboard/job/")
    return [tools.objects.json(head.uri) for head in listed if head.uri.name == "job.json"]


def receipt_of(studio: Studio, tools: ToolBox[Any]) -> Any:
    return studio.read_json(f"{tools.run_root.key}/receipt.json")


def save(desk: PanelDesk, person: str, **wanted: Any) -> None:
    batch = {"id": str(uuid.uuid4()), "choices": [{"based_on": 0, **wanted}]}
    desk.save(person, ChoiceBatch.model_validate(batch))


def published(desk: PanelDesk, person: str) -> StartedRun:
    state = desk.state()
    price = desk.price(state)
    request = PublishRequest(
        id=str(uuid.uuid4()), based_on=state.version, redraws=price.redraws, usd=price.usd
    )
    closed = desk.publish(person, request).closed
    assert closed is not None
    return closed.run
