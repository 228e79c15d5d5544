"""The nightly DAG: its shape, a night without news, and nights with some; then a drawing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from airflow.dag_processing.dagbag import BundleDagBag
from airflow.sdk import DAG
from airflow.utils.state import DagRunState

from storyboard_ops.core.pictures.codec import decode_rgb
from storyboard_ops.domain.ingest.upload_records import UPLOADS_QUEUE
from storyboard_ops.domain.object_keys import run_key
from tests.airflow_ops.conftest import PROJECT
from tests.films.tiny_film import tiny_production
from tests.material.approved_runs import approved_run
from tests.studio.iam_rights import Account, least_privilege
from tests.studio.studio_fixture import QUICK
from tests.studio.trainers.open_training import job_names, open_studio, store_weights

NIGHT = [
    "look_for_news",
    "preflight",
    "merge_approved",
    "customize_model",
    "provision_throughput",
    "draw_storyboard",
    "measure_consistency",
    "promote_model",
    "write_report",
    "release_throughput",
    "confirm_released",
]
DRAWING = [
    "preflight",
    "break_down_script",
    "wait_for_breakdown",
    "approve_cost",
    "find_model",
    "provision_throughput",
    "draw_storyboard",
    "choose_pictures",
    "write_report",
    "release_throughput",
    "confirm_released",
]


@pytest.fixture(scope="module")
def dags() -> dict[str, DAG]:
    """The DAGs as Airflow loads them."""
    bag = BundleDagBag(
        bundle_path=PROJECT / "dags", bundle_name="dags", dag_folder=str(PROJECT / "dags")
    )
    assert bag.import_errors == {}
    return bag.dags


@pytest.mark.parametrize(
    ("dag_id", "sentence"), [("nightly_retraining", NIGHT), ("draw_storyboard", DRAWING)]
)
def test_the_tasks_are_the_sentence(dags, dag_id, sentence):
    assert [task.task_id for task in dags[dag_id].topological_sort()] == sentence


@pytest.mark.parametrize("dag_id", ["nightly_retraining", "draw_storyboard"])
def test_the_release_runs_whatever_happened(dags, dag_id):
    release = dags[dag_id].get_task("release_throughput")
    assert release.is_teardown
    assert [task.task_id for task in release.upstream_list if task.is_setup] == ["preflight"]


def test_it_runs_at_its_hour_never_two_at_once_and_never_for_nights_gone_by(dags):
    night = dags["nightly_retraining"]
    assert night.timetable.expression == "0 2 * * *"
    assert (night.max_active_runs, night.catchup) == (1, False)


def test_uploads_are_watched_in_their_queue(dags):
    (asset,) = dags["ingest_video"].timetable.asset_condition.objects
    (watcher,) = asset.watchers
    assert watcher.trigger.serialize()[1]["queue"] == UPLOADS_QUEUE
    assert dags["ingest_video"].max_active_runs == 1


def states(run) -> dict[str, str]:
    return {ti.task_id: ti.state for ti in run.get_task_instances()}


@pytest.fixture
def rights(aws) -> Iterator[None]:
    """The Airflow role's policy has to allow whatever is called."""
    with least_privilege(Account.of(aws)):
        yield


@pytest.mark.slow
@pytest.mark.long
def test_nights_and_a_drawing(dags, aws, rights, airflow_database):
    """One story, because every run of Airflow takes its time."""
    night, production = dags["nightly_retraining"], tiny_production(aws)
    conf = {
        **QUICK,
        "workspace": f"s3://{aws.bucket}",
        "production": production,
        "min_new_pictures": 6,
        "keep_other_model": False,
    }

    approved_run(aws.tools("run-a", production=production), range(5))
    before = aws.endpoint.purchases()
    too_little = night.test(run_conf=conf)
    assert too_little.state == DagRunState.SUCCESS
    assert set(states(too_little).values()) == {"skipped"}
    (look,) = (ti for ti in too_little.get_task_instances() if ti.task_id == "look_for_news")
    assert look.xcom_pull(task_ids="look_for_news", key="skipped_because").startswith(
        "5 new pictures were approved since the last model; retraining starts at 6"
    )
    assert aws.endpoint.purchases() == before

    approved_run(aws.tools("run-b", production=production), range(5, 12))
    first = night.test(run_conf=conf)
    assert set(states(first).values()) == {"success"}
    line = aws.read_json("models/tiny/current.json")
    assert line["current"]["run_key"] == run_key(night.dag_id, first.run_id)
    first_model = line["current"]["model"]["model_arn"]

    before = aws.endpoint.purchases()
    assert set(states(night.test(run_conf=conf)).values()) == {"skipped"}
    assert aws.endpoint.purchases() == before

    approved_run(aws.tools("run-c", production=production), range(12, 20))
    second = night.test(run_conf=conf)
    assert set(states(second).values()) == {"success"}
    line = aws.read_json("models/tiny/current.json")
    judged = line["history"][1]
    assert judged["run_key"] == run_key(night.dag_id, second.run_id)
    assert judged["verdict"] == "refused"
    assert "fewer than two panels show characters with held-out pictures" in judged["reason"]
    left = aws.client("bedrock").list_custom_models()["modelSummaries"]
    kept = line["current"]["model"]["model_arn"]
    assert [m["modelArn"] for m in left if m["modelArn"] in models_of(line)] == [kept]
    assert {first_model, kept} <= models_of(line)

    draw = dags["draw_storyboard"]
    drawn = draw.test(
        run_conf={
            **{name: value for name, value in QUICK.items() if name != "step_count"},
            "workspace": f"s3://{aws.bucket}",
            "production": production,
            "panels": ["Mira climbs the hill.", "The hill is empty. (2 s)"],
        }
    )
    assert set(states(drawn).values()) == {"success"}
    root = f"runs/{run_key(draw.dag_id, drawn.run_id)}"
    for name in ("storyboard/storyboard.pdf", "storyboard/storyboard.otio", "report.html"):
        aws.client("s3").head_object(Bucket=aws.bucket, Key=f"{root}/{name}")
    [place] = aws.client("s3").list_objects_v2(
        Bucket=aws.bucket, Prefix=f"{root}/storyboard/panels/010-020-010_trained_seed"
    )["Contents"]
    picture = aws.client("s3").get_object(Bucket=aws.bucket, Key=place["Key"])
    assert decode_rgb(picture["Body"].read()).shape == (QUICK["panel_height"], 512, 3)
    receipt = aws.read_json(f"{root}/receipt.json")
    assert [r["kind"] for r in receipt["resources"]] == ["provisioned throughput"]
    assert receipt["still_billing"] == []
    running = aws.endpoint.admin("GET", "resources")["running"]
    assert not [one for one in running if "provisioned" in str(one)]


@pytest.mark.long
@pytest.mark.usefixtures("small_program")
def test_nights_with_open_weights(dags, airflow_database, monkeypatch):
    """The same DAG trains and draws by SageMaker's jobs, and compares the two models."""
    night = dags["nightly_retraining"]
    with open_studio() as studio:
        for name, value in studio.endpoint.environment.items():
            monkeypatch.setenv(name, value)
        production = tiny_production(studio)
        store_weights(studio)
        conf = {
            **{name: value for name, value in QUICK.items() if name != "step_count"},
            "workspace": f"s3://{studio.bucket}",
            "production": production,
            "min_new_pictures": 6,
            "trainer": "sagemaker",
            "open_model": "small-flow",
            "open_steps": 10,
            "instance_types": ["ml.m5.xlarge"],
            "candidates": 1,
        }
        approved_run(studio.tools("run-a", production=production), range(8))
        first = night.test(run_conf=conf)
        assert states(first) == dict.fromkeys(NIGHT, "success") | {
            "provision_throughput": "skipped"
        }
        approved_run(studio.tools("run-b", production=production), range(8, 16))
        second = night.test(run_conf=conf)
        assert second.state == DagRunState.SUCCESS
        line = studio.read_json("models/tiny/current.json")
        runs = [run_key(night.dag_id, run.run_id) for run in (first, second)]
        assert [judged["run_key"] for judged in line["history"]] == runs
        assert {judged["model"]["trainer"] for judged in line["history"]} == {"sagemaker"}
        assert [judged["verdict"] for judged in line["history"]] == ["promoted", "refused"]
        for kind in ("training", "processing"):
            assert len(job_names(studio, kind)) == 2
        assert studio.endpoint.admin("GET", "resources")["running"] == []


def models_of(line: dict) -> set[str]:
    return {judged["model"]["model_arn"] for judged in line["history"]}
