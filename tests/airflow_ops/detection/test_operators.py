"""Detectors in the DAG: the wait is only data, and a whole run makes, uses, stops and deletes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import av
import pytest
import yaml
from airflow.dag_processing.dagbag import BundleDagBag
from airflow.sdk import DAG
from airflow.utils.state import DagRunState

from storyboard_ops.airflow_ops.detection.triggers import CustomLabelsTrigger
from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.domain.detection.detector_facts import ModelWait
from storyboard_ops.domain.image_records import FrameDetections
from storyboard_ops.domain.object_keys import run_key
from storyboard_ops.steps.detection.prepare_detectors import prepare_detectors
from storyboard_ops.steps.release.release_resources import release_everything
from storyboard_ops.steps.report.collect_manifests import collect_manifests
from tests.airflow_ops.conftest import PROJECT
from tests.material.drawn.faces import ANA, BEN, PEOPLE, scene
from tests.material.drawn.production import begun_run
from tests.studio.studio_fixture import QUICK, Studio

SOON = {"waiter_delay": 1, "waiter_max_attempts": 90}
#: Three reference pictures of each, from head to coat.
CAST = {
    name: [
        scene((look, 50 + 6 * k, 14 + 5 * k, side), width=240 + 10 * k)
        for k, side in enumerate((130, 120, 140))
    ]
    for name, look in PEOPLE.items()
}
WAIT = {"goal": "trained", "project_arn": "arn:project", "version": "v1"}


async def first_event(wait: ModelWait) -> dict:
    trigger = CustomLabelsTrigger(wait=wait.model_dump(mode="json"), **SOON)
    event = await asyncio.wait_for(anext(trigger.run()), timeout=120)
    return event.payload


def test_the_wait_comes_back_from_its_own_data():
    trigger = CustomLabelsTrigger(wait=WAIT, **SOON)
    path, data = trigger.serialize()
    assert path == f"{type(trigger).__module__}.{type(trigger).__qualname__}"
    assert CustomLabelsTrigger(**data).serialize() == (path, data)


async def test_the_waits_end_when_the_model_is_trained_and_when_it_runs(aws):
    tools = begun_run(aws, CAST, detectors=["custom_labels"], keep_model=False)
    for goal in ("trained", "running"):
        wait = prepare_detectors(tools)
        assert wait.goal == goal
        event = await first_event(wait)
        assert (event["status"], event["wait"]["version"]) == ("success", "v1")
    assert prepare_detectors(tools)["custom_labels"]["version"] == "v1"
    assert release_everything(tools).still_billing == ()


async def test_the_wait_for_a_training_ends_though_another_run_has_started_the_model(aws):
    tools = begun_run(aws, CAST, detectors=["custom_labels"], keep_model=False)
    trained = prepare_detectors(tools)
    await first_event(trained)
    assert prepare_detectors(tools).goal == "running"
    event = await first_event(trained)
    assert (event["status"], event["wait"]["goal"]) == ("success", "trained")
    assert release_everything(tools).still_billing == ()


async def test_a_failed_training_ends_the_wait_as_an_error(aws):
    tools = begun_run(aws, CAST, detectors=["custom_labels"], keep_model=False)
    fault = {"kind": "fail", "operation": "CreateProjectVersion", "message": "Too blurred."}
    aws.endpoint.admin("PUT", "faults", {"faults": [fault]})
    try:
        wait = prepare_detectors(tools)
    finally:
        aws.endpoint.admin("DELETE", "faults")
    event = await first_event(wait)
    assert event["status"] == "error"
    assert ModelWait.model_validate(event["wait"]) == wait
    release_everything(tools)


def drawn_film(path: Path) -> Path:
    """Five seconds, every one another scene with the two people."""
    scenes = [
        scene((ANA, 60 + 30 * k, 20 + 6 * k, 130), (BEN, 420 - 12 * k, 40 - 5 * k, 120))
        for k in range(5)
    ]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"crf": "12"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for shown in scenes:
            for _ in range(10):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(shown, format="rgb24")))
        container.mux(stream.encode())
    return path


def uploaded_production(aws: Studio) -> str:
    """The production file of the two people, with three reference pictures of each."""
    s3 = aws.client("s3")
    sheet = {
        "production": "Two people",
        "slug": "two-people",
        "style": "plain video still",
        "source": {"title": "Drawn for tests", "licence": "CC0"},
        "settings": {"max_enlargement": 4},
        "characters": [
            {
                "id": name,
                "name": name.title(),
                "description": "A person in a coat.",
                "references": [f"{name}-{number}.png" for number in range(len(shown))],
            }
            for name, shown in CAST.items()
        ],
        "storyboard": [{"scene": "EXT. HILL", "panels": [{"description": "Ana waves."}]}],
    }
    for name, shown in CAST.items():
        for number, picture in enumerate(shown):
            key = f"productions/two/{name}-{number}.png"
            s3.put_object(Bucket=aws.bucket, Key=key, Body=encode_png(picture))
    body = yaml.safe_dump(sheet).encode()
    s3.put_object(Bucket=aws.bucket, Key="productions/two/two.yaml", Body=body)
    return f"s3://{aws.bucket}/productions/two/two.yaml"


@pytest.fixture(scope="module")
def dag() -> DAG:
    bag = BundleDagBag(
        bundle_path=PROJECT / "dags", bundle_name="dags", dag_folder=str(PROJECT / "dags")
    )
    return bag.dags["train_character_model"]


@pytest.mark.slow
def test_a_run_makes_its_detectors_uses_them_and_leaves_nothing(
    dag, aws, tmp_path, airflow_database
):
    conf = {
        **QUICK,
        "videos": [aws.upload(drawn_film(tmp_path / "film.mp4"))],
        "workspace": f"s3://{aws.bucket}",
        "production": uploaded_production(aws),
        "detectors": ["faces", "custom_labels"],
        "keep_model": False,
        "review_desk": "without_people",
        "trainer": "dataset_only",
    }
    run = dag.test(run_conf=conf)
    states = {ti.task_id: ti.state for ti in run.get_task_instances()}
    assert run.state == DagRunState.SUCCESS, states
    assert (states["prepare_detectors"], states["stop_detectors"]) == ("success", "success")
    assert states["confirm_released"] == "success", "without a storyboard, detectors bill too"

    tools = aws.tools(run_key(dag.dag_id, run.run_id))
    (ref,) = collect_manifests(tools, started_at="", finished_at="").detections
    frames = tools.manifests.read(ref, FrameDetections, "detections").records
    seen = {(one.detector, one.character) for frame in frames for one in frame.detections}
    assert {("faces", "ana"), ("faces", "ben")} <= seen
    assert {("custom_labels", "ana"), ("custom_labels", "ben")} <= seen

    receipt = aws.read_json(f"{tools.run_root.key}/receipt.json")
    assert receipt["still_billing"] == []
    assert {r["kind"] for r in receipt["resources"] if r["deleted_at"]} >= {
        "custom labels inference",
        "custom labels model",
        "face collection",
    }
    running = aws.endpoint.admin("GET", "bill")["running"]
    assert [line for line in running if "two-people" in line["resource"]] == []
