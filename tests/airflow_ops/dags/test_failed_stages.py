"""Every task of the DAG is made to fail for good, in turn; afterwards nothing bills.

Airflow runs the real DAG; what costs no money is played by stand-ins, what does is real.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.dag_processing.dagbag import BundleDagBag
from airflow.sdk import DAG
from airflow.utils.state import DagRunState

from storyboard_ops.airflow_ops import task_bridge
from storyboard_ops.domain.error_tree import GateClosed
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.review.review_records import OpenedReview
from storyboard_ops.domain.sampling.shards import Shard
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.airflow_ops.conftest import PROJECT
from tests.airflow_ops.dags.test_train_character_model import SENTENCE
from tests.material import factories
from tests.steps.money.test_paid_resources import training_set
from tests.studio.moved_time import MovedTime, moved_time
from tests.studio.studio_fixture import QUICK

pytestmark = [pytest.mark.slow, pytest.mark.logs_errors]

NOTHING = ManifestRef(uri="s3://nowhere/nothing.jsonl", count=0, sha256="0" * 64)
SHARD = Shard(video=factories.frame(0).video, first_k=0, last_k=1, label="film.mp4")
#: Tasks that wait, and how often they ask for their run in all.
WAITING = [("customize_model", 4), ("provision_throughput", 3)]
#: A task that waits asks for its run again: once the job is requested, and once it has ended.
LATE = [(task, entry) for task, most in WAITING for entry in (most - 1, most)]
#: Where these fail, the sweep is the only one left to release anything.
NO_COST = SimpleNamespace(consent_usd=None, estimate_usd=0.0, budget_usd=1.0)
NO_RELEASE = {"preflight", "release_throughput"}


@pytest.fixture(scope="module")
def dag() -> DAG:
    """The DAG as Airflow loads it."""
    folder = PROJECT / "dags"
    file = str(folder / "train_character_model.py")
    bag = BundleDagBag(bundle_path=folder, bundle_name="dags", dag_folder=file)
    found = bag.dags["train_character_model"]
    for task in found.tasks:
        task.retries = 0
    return found


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MovedTime]:
    """One account for all stages."""
    with moved_time(tmp_path_factory.mktemp("stages") / "data") as time:
        yield time


@pytest.fixture(autouse=True)
def stand_ins(moved: MovedTime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps that buy nothing return at once; the connection leads to the account."""
    for name, value in moved.studio.endpoint.environment.items():
        monkeypatch.setenv(name, value)

    def preflight(tools: ToolBox) -> Any:
        tools.write_record("settings.json", tools.settings)
        tools.write_record("production.json", factories.production())
        return SimpleNamespace(estimate_usd=0, estimate_hours=0.0, checks=())

    def no_loops(tools: ToolBox, _: ManifestRef) -> ManifestRef:
        uri = tools.run_root / "review/none.jsonl"
        opened = OpenedReview(
            desk="without_people", pictures=6, opened_at="2026-11-23T08:00:00+00:00"
        )
        summary = opened.model_dump(mode="json")
        return tools.manifests.commit(uri, "human_loops", "d", [], summary)

    stand_ins = {
        "preflight.check_preflight.check_preflight": preflight,
        "sampling.plan_shards.plan_shards": lambda tools: [SHARD],
        "dataset.crop_characters.list_films": lambda tools, refs: [refs],
        "dataset.crop_characters.video_of": lambda *_: None,
        "dataset.crop_characters.crop_film": lambda *_: NOTHING,
        "dataset.crop_characters.gather_crops": lambda *_: NOTHING,
        "review.open_review.open_review": no_loops,
        "dataset.publish_dataset.publish_dataset": lambda tools, _: training_set(tools, records=6),
        "dataset.approved_datasets.announce_dataset": lambda tools, _: None,
        "money.cost_gate.cost_facts": lambda tools: NO_COST,
        "report.collect_manifests.collect_manifests": lambda tools, **_: None,
        "report.write_report.write_report": lambda tools, _: {},
    }
    nothing = (
        *("sampling.sample_frames", "detection.detect_characters"),
        *("dataset.drop_near_duplicates", "dataset.write_captions", "dataset.assemble_dataset"),
        *("review.apply_review", "storyboard.bedrock.draw_storyboard"),
        "storyboard.measure_consistency",
    )
    stand_ins |= {f"{path}.{path.rpartition('.')[2]}": lambda *_: NOTHING for path in nothing}
    for name, stand_in in stand_ins.items():
        monkeypatch.setattr(f"storyboard_ops.steps.{name}", stand_in)
    describe = "storyboard_ops.airflow_ops.tasks.pipeline.describe_event"
    monkeypatch.setattr(describe, lambda entry: None)


def failing(monkeypatch: pytest.MonkeyPatch, task_id: str, entry: int) -> None:
    """Let a task fail, for good, when it asks for its run the ``entry``-th time."""
    entered: Counter[str] = Counter()
    context_of = task_bridge.get_current_context

    def get_current_context() -> Any:
        context = context_of()
        name = context["ti"].task_id
        entered[name] += 1
        if (name, entered[name]) == (task_id, entry):
            raise GateClosed(f"{task_id} was made to fail.")
        return context

    monkeypatch.setattr(task_bridge, "get_current_context", get_current_context)


def run(dag: DAG, moved: MovedTime) -> tuple[str, dict[str, str]]:
    """One run; its state, and that of every task."""
    bucket = moved.studio.bucket
    params = {
        **QUICK,
        "videos": [f"s3://{bucket}/videos/film.mp4"],
        "workspace": f"s3://{bucket}",
        "production": "paper-lantern",
        "keep_model": False,
        "trainer": "bedrock",
        "review_desk": "without_people",
    }
    done = dag.test(run_conf=params)
    return done.state, {ti.task_id: ti.state for ti in done.get_task_instances()}


def in_training(moved: MovedTime) -> int:
    listed = moved.studio.client("bedrock").list_model_customization_jobs(statusEquals="InProgress")
    return len(listed["modelCustomizationJobSummaries"])


def test_nobody_fails(dag, moved, airflow_database):
    state, tasks = run(dag, moved)
    assert state == DagRunState.SUCCESS, tasks
    assert moved.billing() == []


@pytest.mark.long
@pytest.mark.parametrize(("task_id", "entry"), [*((name, 1) for name in SENTENCE), *LATE])
def test_whatever_fails_nothing_bills_after_release_capacity_has_passed(
    dag, moved, airflow_database, monkeypatch, task_id, entry
):
    failing(monkeypatch, task_id, entry)
    state, tasks = run(dag, moved)
    assert tasks[task_id] == "failed"
    # What stop_detectors has left, release_throughput ends: nothing is lost.
    assert state == (DagRunState.SUCCESS if task_id == "stop_detectors" else DagRunState.FAILED)
    if task_id not in NO_RELEASE:
        assert moved.billing() == [], "the teardown has released everything"
    moved.hours += 1000
    moved.sweep().raise_for_failures()
    assert moved.billing() == []
    assert in_training(moved) == 0
