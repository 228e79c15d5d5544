"""How a failed run is explained."""

from __future__ import annotations

from pathlib import Path

import responses

from launcher.embedded.client import TaskState
from launcher.runs import failures
from launcher.runs.dag_run import DagRun
from launcher.state.layout import StateFolder
from tests.launcher.recorded_answers import RUN, answer_tasks, row


@responses.activate
def test_a_failed_run_is_explained_by_task_item_message_and_log(dag_run_on_client: DagRun) -> None:
    answer_tasks(row("film.sample", "failed", 3), row("crop", "upstream_failed"))
    content = [
        {"event": "starting"},
        {
            "event": "Task failed with exception",
            "error_detail": [
                {"exc_type": "VideoUnreadable", "exc_value": "film.mp4 holds no picture"},
                {"exc_type": "InvalidDataError", "exc_value": "moov atom not found"},
            ],
        },
        {"event": "::endgroup::"},
    ]
    responses.get(f"{RUN}/taskInstances/film.sample/logs/2", json={"content": content})
    assert failures.explain(dag_run_on_client) == (
        "film.sample [film.mp4 0:00-0:10] failed: film.mp4 holds no picture\n"
        "    Its log: /state/airflow/logs/dag_id=film/run_id=r1/task_id=film.sample/"
        "map_index=3/attempt=2.log"
    )


@responses.activate
def test_a_log_that_is_in_the_bucket_is_shown_by_the_page_of_the_run(
    dag_run_on_client: DagRun, tmp_path: Path
) -> None:
    """Remote logging leaves an empty file behind."""
    run = dag_run_on_client
    run.stack.state = StateFolder(tmp_path)
    answer_tasks(row("crop", "failed"))
    responses.get(f"{RUN}/taskInstances/crop/logs/2", json={"content": []})
    (task,) = run.stack.client.list_task_states(run.dag_id, run.run_id)
    log = failures.log_file(run, task)
    log.parent.mkdir(parents=True)
    log.touch()
    assert failures.explain(run).endswith(f"Its log: {run.page}")


def test_a_log_without_an_exception_has_no_error_message() -> None:
    assert failures.find_error_message([{"event": "starting"}]) == ""


def test_a_mapped_task_is_named_with_its_item() -> None:
    task = TaskState("sample", 0, "failed", 1, None, None, "film.mp4")
    assert failures.name_of(task) == "sample [film.mp4]"
