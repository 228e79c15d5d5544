"""The DAG: its shape, and a whole run of it by Airflow against the local endpoint."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from airflow.dag_processing.dagbag import BundleDagBag
from airflow.models.asset import AssetEvent
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import DagSerialization
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState
from sqlalchemy import select

from launcher.runs.reviewer import ScriptedReviewer
from storyboard_ops.airflow_ops.detection.pool import POOL
from storyboard_ops.domain.object_keys import run_key
from tests.airflow_ops.conftest import PROJECT
from tests.films.short_film import short_film
from tests.reading import figures_reading
from tests.studio.endpoint_fixture import RunningEndpoint
from tests.studio.iam_rights import Account, least_privilege
from tests.studio.studio_fixture import QUICK, Studio

SENTENCE = [
    "preflight",
    "plan_shards",
    "prepare_detectors",
    "shard.sample_frames",
    "shard.detect_characters",
    "stop_detectors",
    "list_films",
    "crop_characters",
    "drop_near_duplicates",
    "write_captions",
    "assemble_dataset",
    "open_review",
    "wait_for_approval",
    "apply_review",
    "break_down_script",
    "wait_for_breakdown",
    "approve_cost",
    "customize_model",
    "provision_throughput",
    "draw_storyboard",
    "measure_consistency",
    "write_report",
    "release_throughput",
    "confirm_released",
]


@pytest.fixture(scope="module")
def dag() -> DAG:
    """The DAG as Airflow loads it."""
    bag = BundleDagBag(
        bundle_path=PROJECT / "dags", bundle_name="dags", dag_folder=str(PROJECT / "dags")
    )
    assert bag.import_errors == {}
    return bag.dags["train_character_model"]


def test_the_tasks_are_the_sentence_of_the_readme(dag):
    order = [task.task_id for task in dag.topological_sort()]
    assert order == SENTENCE


def test_only_the_shard_is_mapped_never_single_frames(dag):
    group = dag.task_group.get_task_group_dict()["shard"]
    assert type(group).__name__ == "MappedTaskGroup"
    assert sorted(group.children) == ["shard.detect_characters", "shard.sample_frames"]


def test_only_shards_films_and_uploads_are_mapped():
    """All are bounded by Airflow's limit; another mapped task must be bounded as well."""
    bag = BundleDagBag(
        bundle_path=PROJECT / "dags", bundle_name="dags", dag_folder=str(PROJECT / "dags")
    )
    mapped = {
        (dag_id, task.task_id)
        for dag_id, dag in bag.dags.items()
        for task in dag.tasks
        if task.is_mapped or task.get_closest_mapped_task_group()
    }
    assert mapped == {
        ("train_character_model", "shard.sample_frames"),
        ("train_character_model", "shard.detect_characters"),
        ("train_character_model", "crop_characters"),
        ("ingest_video", "upload.start_run"),
        ("ingest_video", "upload.forget_upload"),
    }


def test_the_release_runs_whatever_happened(dag):
    release = dag.get_task("release_throughput")
    assert release.is_teardown
    # With preflight as the set-up, the release runs when provisioning itself has failed, and where
    # no capacity is provided.
    assert [task.task_id for task in release.upstream_list if task.is_setup] == ["preflight"]


@pytest.mark.parametrize("task_id", ["release_throughput", "confirm_released"])
def test_an_outage_of_some_minutes_does_not_leave_capacity_billing(dag, task_id):
    """As the scheduler reads the task: pauses double from half a minute to ten at most."""
    task = DagSerialization.from_dict(DagSerialization.to_dict(dag)).get_task(task_id)
    shortest = [
        min(task.retry_delay * task.retry_exponential_backoff**n, task.max_retry_delay)
        for n in range(task.retries)
    ]
    assert [pause.total_seconds() for pause in shortest] == [30, 60, 120, 240, 480]
    assert task.max_retry_delay == timedelta(minutes=10)


def test_detectors_are_made_while_frames_are_sampled_and_stopped_before_people_review(dag):
    stop = dag.get_task("stop_detectors")
    assert stop.is_teardown
    assert {task.task_id for task in stop.upstream_list if task.is_setup} == {
        "preflight",
        "prepare_detectors",
    }
    assert "prepare_detectors" in dag.get_task("shard.detect_characters").upstream_task_ids
    assert "prepare_detectors" not in dag.get_task("shard.sample_frames").upstream_task_ids
    assert dag.get_task("prepare_detectors").max_active_tis_per_dag == 1
    assert dag.get_task("shard.detect_characters").pool == POOL
    assert "stop_detectors" not in dag.get_task("list_films").upstream_task_ids


def test_a_run_is_judged_by_its_report_and_by_its_release(dag):
    """Airflow takes the state of the last tasks, and leaves teardowns out of account."""
    last = [task for task in dag.tasks if not (task.downstream_list or task.is_teardown)]
    assert [task.task_id for task in last] == ["confirm_released"]
    assert last[0].upstream_task_ids == {"write_report", "release_throughput"}


def test_parsing_the_dag_imports_nothing_heavy():
    """Measured in a process of its own: this one has imported everything already."""
    code = (
        "import sys, runpy; runpy.run_path('dags/train_character_model.py');"
        "print([m for m in ('cv2', 'numpy', 'av', 'pandas', 'matplotlib') if m in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": "plugins"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"


@contextmanager
def reviewing(endpoint: RunningEndpoint) -> Iterator[None]:
    """The demo's scripted reviewer answers whatever is asked, until the block ends."""
    reviewer = ScriptedReviewer(endpoint.ready["portal_url"], logging.info)
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(0.3):
            reviewer.answer_open_loops()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.mark.slow
def test_a_whole_run_from_film_to_storyboard(dag, aws, tmp_path, airflow_database):
    aws.ensure_a2i()  # else preflight chooses the page, and the run would wait for ever
    film = aws.upload(short_film(tmp_path / "film.mp4"))
    conf = {
        **QUICK,
        "videos": [film],
        "workspace": f"s3://{aws.bucket}",
        "production": "paper-lantern",
        "keep_model": False,
        "review_batch_size": 10,
    }
    with reviewing(aws.endpoint), least_privilege(Account.of(aws)):
        run = dag.test(run_conf=conf)
    assert run.state == DagRunState.SUCCESS

    root = f"runs/{run_key(dag.dag_id, run.run_id)}"
    receipt = aws.read_json(f"{root}/receipt.json")
    assert receipt["still_billing"] == []
    under_way = aws.workspace.under_way().key
    assert aws.client("s3").list_objects_v2(Bucket=aws.bucket, Prefix=under_way)["KeyCount"] == 0
    assert {r["kind"] for r in receipt["resources"] if r["deleted_at"]} == {
        "provisioned throughput",
        "custom model",
    }
    lines = read_text(aws, f"{root}/dataset/train.jsonl").splitlines()
    records = [json.loads(line) for line in lines]
    assert len(records) >= 5
    told = asset_event(run)
    assert told["uri"] == f"s3://{aws.bucket}/{root}/dataset/train.jsonl"
    assert told["approved"] >= len(records)
    entry = aws.read_json(f"approved/paper-lantern/{run_key(dag.dag_id, run.run_id)}.json")
    assert entry["approved"] == told["approved"]
    assert all("Mira" in r["caption"] for r in records if "/mira_" in r["image-ref"])
    characters = {r["image-ref"].rpartition("/")[2].partition("_")[0] for r in records}
    assert characters == {"mira", "pell", "orso"}
    consistency = aws.read_json(f"{root}/storyboard/consistency.json")
    assert consistency["summary"]
    assert consistency["figures"]["cast_match"] is not None
    assert [one["character"] for one in consistency["figures"]["characters"]]
    page = read_text(aws, f"{root}/report.html")
    assert "The Paper Lantern" in page
    shown = {
        **figures_reading.report_parts(page),
        "card.json": figures_reading.card_figures(aws.read_json(f"{root}/dataset/card.json")),
        "README.md": figures_reading.readme_figures(read_text(aws, f"{root}/dataset/README.md")),
        "lineage.csv": figures_reading.lineage_figures(
            read_text(aws, f"{root}/dataset/lineage.csv").encode()
        ),
        "train.jsonl": {"training": len(records)},
        "asset event": {"approved": told["approved"]},
    }
    assert figures_reading.disagreements(shown) == {}
    assert aws.endpoint.admin("GET", "resources") is not None


def asset_event(run) -> dict:
    """What the run's event of the approved dataset says."""
    with create_session() as session:
        found = session.scalars(select(AssetEvent).where(AssetEvent.source_run_id == run.run_id))
        (event,) = found
        return dict(event.extra)


def read_text(aws: Studio, key: str) -> str:
    return aws.client("s3").get_object(Bucket=aws.bucket, Key=key)["Body"].read().decode()


@pytest.mark.logs_errors
def test_a_missing_film_fails_in_preflight_and_nothing_is_paid(dag, aws, airflow_database):
    missing = f"s3://{aws.bucket}/videos/gone.mp4"
    before = aws.endpoint.purchases()
    given = {
        "videos": [missing],
        "production": "paper-lantern",
        "workspace": f"s3://{aws.bucket}",
    }
    run = dag.test(run_conf=given)
    assert run.state == DagRunState.FAILED
    states = {ti.task_id: ti.state for ti in run.get_task_instances()}
    assert states["preflight"] == "failed"
    assert states["plan_shards"] == "upstream_failed"
    assert states["release_throughput"] == "upstream_failed"
    assert aws.endpoint.purchases() == before
