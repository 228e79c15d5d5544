"""The graphs: groups that a producer understands, and tasks that say what and whose they are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from airflow.dag_processing.dagbag import BundleDagBag
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import DagSerialization

from storyboard_ops.airflow_ops.tasks.kinds import (
    ATTENDED_JOB,
    MATERIAL,
    PIPELINE,
    PRODUCERS,
    REVIEWERS,
    WITH_ONE_JOB,
    WITH_THREE_WAITS,
    PipelineOperator,
)
from storyboard_ops.domain.settings.model import DrawingSettings, RetrainingSettings
from storyboard_ops.domain.settings.run import RunSettings
from tests.airflow_ops.conftest import PROJECT

GROUPS = {
    "train_character_model": {
        "Find characters": ["plan_shards", "prepare_detectors", "stop_detectors"],
        "Each range of each film": ["shard.sample_frames", "shard.detect_characters"],
        "Dataset": [
            *(
                "list_films",
                "crop_characters",
                "drop_near_duplicates",
                "write_captions",
                "assemble_dataset",
            ),
        ],
        "People approve": ["open_review", "wait_for_approval", "apply_review"],
        "Script": ["break_down_script", "wait_for_breakdown"],
        "Train": ["approve_cost", "customize_model"],
        "Storyboard": ["provision_throughput", "draw_storyboard", "measure_consistency"],
        "Wrap up": ["write_report", "release_throughput", "confirm_released"],
    },
    "draw_storyboard": {
        "Script": ["break_down_script", "wait_for_breakdown"],
        "Storyboard": [
            *("approve_cost", "find_model", "provision_throughput", "draw_storyboard"),
            "choose_pictures",
        ],
        "Wrap up": ["write_report", "release_throughput", "confirm_released"],
    },
    "nightly_retraining": {
        "Dataset": ["look_for_news", "preflight", "merge_approved"],
        "Train": ["customize_model"],
        "Storyboard": [
            *("provision_throughput", "draw_storyboard", "measure_consistency", "promote_model"),
        ],
        "Wrap up": ["write_report", "release_throughput", "confirm_released"],
    },
    "ingest_video": {"Each upload": ["upload.start_run", "upload.forget_upload"]},
    "remove_everywhere": {},
    "release_capacity": {},
}
#: Tasks that wait for people, whose the answer is.
OWNERS = {
    "wait_for_approval": REVIEWERS,
    "wait_for_breakdown": REVIEWERS,
    "approve_cost": PRODUCERS,
}


@pytest.fixture(scope="module")
def dags() -> dict[str, DAG]:
    """The DAGs as Airflow loads them and stores them."""
    bag = BundleDagBag(
        bundle_path=PROJECT / "dags", bundle_name="dags", dag_folder=str(PROJECT / "dags")
    )
    assert bag.import_errors == {}
    return {
        name: DagSerialization.from_dict(DagSerialization.to_dict(dag))
        for name, dag in bag.dags.items()
    }


@pytest.mark.parametrize("dag_id", GROUPS)
def test_a_graph_has_groups_that_a_producer_understands(dags: dict[str, DAG], dag_id: str) -> None:
    groups = dags[dag_id].task_group.get_task_group_dict().values()
    shown = {
        group.group_display_name: {name for name in group.children if dags[dag_id].has_task(name)}
        for group in groups
        if not group.is_root
    }
    assert shown == {title: set(tasks) for title, tasks in GROUPS[dag_id].items()}
    assert all(group.tooltip for group in groups if not group.is_root)


def test_every_dag_is_described(dags: dict[str, DAG]) -> None:
    assert dags.keys() == GROUPS.keys()
    for dag in dags.values():
        assert dag.description and dag.description.endswith("."), dag.dag_id
        assert len(dag.description) <= 80
        assert dag.doc_md and dag.doc_md.strip().startswith("### ")
        assert "storyboard" in dag.tags
        assert len(dag.tags) >= 2


def test_every_task_says_what_it_does_whose_it_is_and_how_long_it_may_take(
    dags: dict[str, DAG],
) -> None:
    for dag in dags.values():
        for task in dag.tasks:
            name = f"{dag.dag_id}.{task.task_id}"
            first = (task.doc_md or "").partition("\n\n")[0]
            assert first.endswith("."), name
            assert len(first) <= 120, name
            assert ":param" not in (task.doc_md or ""), name
            assert task.owner == OWNERS.get(task.task_id, PIPELINE), name
            assert task.execution_timeout, name
            assert task.execution_timeout <= (dag.dagrun_timeout or timedelta()), name


def test_no_limit_ends_what_a_parameter_allows() -> None:
    """A worker may attend a training, and people may take as long as the form lets them."""

    def most(kind: type[RunSettings | DrawingSettings | RetrainingSettings], name: str) -> float:
        (bound,) = [m.le for m in kind.model_fields[name].metadata if hasattr(m, "le")]
        return float(bound)

    training = timedelta(hours=most(RunSettings, "training_timeout_h"))
    people = timedelta(hours=most(RunSettings, "review_timeout_h"))
    lease = timedelta(hours=most(RunSettings, "lease_h"))
    assert training < ATTENDED_JOB
    assert lease < ATTENDED_JOB
    assert 3 * people + training + lease + 10 * MATERIAL < WITH_THREE_WAITS
    assert training + lease + 2 * MATERIAL < WITH_ONE_JOB


def test_a_subclass_of_an_operator_is_documented_by_its_docstring() -> None:
    class Waits(PipelineOperator):
        """Wait for the tide.

        :param tide: its number.
        """

        KIND = {"owner": REVIEWERS}

    assert Waits(task_id="a").doc_md == "Wait for the tide."
    assert Waits(task_id="b").owner == REVIEWERS
    assert Waits(task_id="c", doc_md="Wait.", owner="ana").doc_md == "Wait."
