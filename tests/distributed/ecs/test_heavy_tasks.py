"""The demo with its heavy tasks on ECS, and what people read when a container does not work."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from launcher.aws.local_account import STUDIO_WORKSPACE
from launcher.product import WORKSPACES_VARIABLE
from tests.distributed.differences import DIFFERING, differing_fields
from tests.distributed.ecs.heavy_airflow import (
    DAG_ID,
    TROUBLED,
    HeavyAirflow,
    heavy_airflow,
    heavy_project,
)
from tests.distributed.model_runs import PYTHON_PATH, until

pytestmark = [pytest.mark.long, pytest.mark.slow]

RESULTS = ("dataset", "storyboard")
#: Every account gives a trained model an ARN of its own: these have it, the digest of another that
#: does, or the moment at which they were made.
NAMING_THE_MODEL = {
    "board.html",
    "board.json",
    "chosen.jsonl",
    "contact_sheet.pdf",
    "editorial.json",
    "panel_board.json",
    "panels.jsonl",
    "storyboard.otio",
    "storyboard.otioz",
    "storyboard.pdf",
}
#: By their names without those of groups.
HEAVY_TASKS = {
    "assemble_dataset",
    "crop_characters",
    "draw_storyboard",
    "drop_near_duplicates",
    "measure_consistency",
    "detect_characters",
    "sample_frames",
    "write_captions",
    "write_report",
}


@pytest.fixture(scope="module")
def variables() -> Iterator[pytest.MonkeyPatch]:
    """The variables of the launcher: tests find the product, and runs their workspace."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", PYTHON_PATH)
        patch.setenv(WORKSPACES_VARIABLE, STUDIO_WORKSPACE)
        yield patch


@pytest.fixture(scope="module")
def on_ecs(
    variables: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[HeavyAirflow]:
    """An Airflow whose heavy tasks run on ECS; it serves every test of this module."""
    variables.setenv("HEAVY", "ecs")
    with heavy_airflow(heavy_project(tmp_path_factory.mktemp("ecs")), "ecs") as airflow:
        yield airflow


def test_a_killed_container_is_named_and_its_task_tried_again(on_ecs):
    on_ecs.trigger(TROUBLED, "killed", {"seconds": 600})
    until(lambda: on_ecs.task("killed").state == "running", "the task runs")
    until(lambda: "at work" in on_ecs.log(TROUBLED, "killed", on_ecs.task("killed")), "it works")
    on_ecs.kill_container()
    assert on_ecs.end_of(TROUBLED, "killed") == "success"
    task = on_ecs.task("killed")
    assert task.try_number == 2
    assert "was killed (exit code 137)" in on_ecs.log(TROUBLED, "killed", task, 1)
    assert "exit code" not in on_ecs.log(TROUBLED, "killed", task, 2)
    [event] = on_ecs.events("killed")
    assert "was killed (exit code 137)" in event and "at work" in event


def test_an_image_that_cannot_be_pulled_fails_the_run_with_its_reason(on_ecs):
    message = "storyboard-pipeline:none: not found"
    on_ecs.inject("CannotPullContainerError", message, times=6)
    on_ecs.trigger(TROUBLED, "unpulled", {})
    assert on_ecs.end_of(TROUBLED, "unpulled") == "failed"
    task = on_ecs.task("unpulled")
    assert task.try_number == 2
    # Airflow has no log page for a try that never started and was followed by another.
    shown = on_ecs.log(TROUBLED, "unpulled", task, 2)
    assert shown.count(f"CannotPullContainerError: {message}") == 3
    assert "Push the image that the task definition names" in shown
    assert len(on_ecs.events("unpulled")) == 6, "events show the first try, too"


def test_a_lack_of_capacity_is_shown_and_outlasted_within_the_same_try(on_ecs):
    on_ecs.inject("CapacityError", "Capacity is unavailable at this time.", times=2)
    on_ecs.trigger(TROUBLED, "crowded", {})
    until(lambda: len(on_ecs.events("crowded")) > 0, "the reason is shown")
    assert on_ecs.task("crowded").state == "queued"
    assert on_ecs.end_of(TROUBLED, "crowded") == "success"
    task = on_ecs.task("crowded")
    assert task.try_number == 1
    # Airflow uploads a task's own lines when the task has ended.
    until(lambda: "at work" in on_ecs.log(TROUBLED, "crowded", task), "the task's lines follow")
    shown = on_ecs.log(TROUBLED, "crowded", task)
    assert shown.count("ECS has not placed the task: Capacity is unavailable at this time.") == 2


def test_the_demo_on_ecs_has_the_results_of_one_machine(on_ecs, variables, tmp_path, capsys):
    before = on_ecs.ended_containers()
    assert on_ecs.run_demo("demo") == "success"
    executors = on_ecs.executors("demo")
    heavy = {task.rpartition(".")[2] for task, executor in executors.items() if executor}
    assert heavy == HEAVY_TASKS
    assert on_ecs.ended_containers() - before >= len(HEAVY_TASKS)
    tasks = on_ecs.stack.client.list_task_states(DAG_ID, "demo")
    sampling = next(task for task in tasks if task.task_id.endswith("sample_frames"))
    assert f"{STUDIO_WORKSPACE}/logs/" in on_ecs.log(DAG_ID, "demo", sampling)
    there = {folder: on_ecs.results("demo", folder) for folder in RESULTS}
    # Whole containers, so what is on the run's meter is on the bill, to the second.
    booked, billed = on_ecs.container_hours("demo")
    assert len(booked) >= len(HEAVY_TASKS) and booked == pytest.approx(billed)

    variables.delenv("HEAVY")
    with heavy_airflow(heavy_project(tmp_path), "here") as one_machine:
        assert one_machine.run_demo("demo") == "success"
        assert not any(one_machine.executors("demo").values())
        here = {folder: one_machine.results("demo", folder) for folder in RESULTS}
    differing = {folder: differing_fields(there[folder], here[folder]) for folder in RESULTS}
    with capsys.disabled():
        counts = {folder: len(objects) for folder, objects in there.items()}
        print(f"\n{counts} objects; differing: {differing}")  # noqa: T201
    assert {"train.jsonl", "lineage.csv"} <= there["dataset"].keys()
    assert len([name for name in there["storyboard"] if name.startswith("panels/")]) >= 8
    assert differing["dataset"] == DIFFERING
    assert differing["storyboard"].keys() == NAMING_THE_MODEL
    assert differing["storyboard"]["panels.jsonl"] == ["input_digest", "model_arn"]
