"""Who reviews a local run: the script at the desk of the run, or people, and where."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from launcher.runs.dag_run import DagRun
from launcher.runs.inputs import Request
from launcher.runs.local_run import choose_review, local_defaults
from launcher.runs.outcome import start_run
from launcher.state.layout import Project
from launcher.state.secret_store import Secrets

PORTAL = "http://127.0.0.1:9/_localaws/portal?token=key"
PAGE = "http://127.0.0.1:8/storyboard/review/run%2B1"
TASKS: list[Any] = []
CLIENT = SimpleNamespace(list_task_states=lambda dag_id, run_id: TASKS)
STACK = SimpleNamespace(url="http://127.0.0.1:8", secrets=Secrets(), client=CLIENT)
RUN = DagRun(cast(Any, STACK), "train", "run+1")


@pytest.fixture(autouse=True)
def no_tasks():
    """Tasks of the run, which a test adds."""
    TASKS.clear()


def notes_about(desk: str) -> list[str]:
    """What is printed when a run with this review desk starts."""
    notes: list[str] = []
    choose_review(Request((), "sheet", {"review_desk": desk}), RUN, PORTAL, notes.append)
    return notes


def test_people_review_on_the_approval_page_unless_they_say_otherwise(monkeypatch):
    monkeypatch.setenv("REVIEW", "human")
    assert local_defaults(Project())["review_desk"] == "page"


def test_the_script_reviews_at_the_desk_that_preflight_chooses(monkeypatch):
    monkeypatch.setenv("REVIEW", "scripted")
    assert "review_desk" not in local_defaults(Project())


@pytest.mark.parametrize("desk", ["a2i", "page", "choose"])
def test_the_script_asks_nobody_to_review(desk, monkeypatch):
    monkeypatch.setenv("REVIEW", "scripted")
    assert notes_about(desk) == []


@pytest.mark.parametrize(
    ("desk", "where"),
    [
        ("a2i", PORTAL),
        ("page", PAGE),
        ("choose", f"{PAGE}\nor, if preflight chose A2I: {PORTAL}"),
    ],
)
def test_people_see_once_where_the_run_waits_for_them(desk, where, monkeypatch):
    monkeypatch.setenv("REVIEW", "human")
    notes: list[str] = []
    request = Request((), "sheet", {"review_desk": desk})
    look = choose_review(request, RUN, PORTAL, notes.append)
    look()
    assert notes == []
    TASKS.append(SimpleNamespace(task_id="wait_for_approval", state="awaiting_input"))
    look()
    look()
    assert notes == [f"Waiting for people:\n{where}"]


@pytest.mark.parametrize(
    ("is_ours", "failed", "words"),
    [
        (True, ["run-0"], "Ctrl-C stops the run and its Airflow."),
        (False, [], "`make results RUN=run-1`"),
    ],
)
def test_a_run_in_the_airflow_of_make_up_leaves_the_others_alone(is_ours, failed, words):
    marked: list[str] = []
    client = SimpleNamespace(
        list_active_runs=lambda dag_id: ["run-0"],
        fail_run=lambda dag_id, run_id: marked.append(run_id),
        unpause=lambda dag_id: None,
        trigger=lambda dag_id, run_id, conf: None,
    )
    stack = SimpleNamespace(
        client=client,
        is_ours=is_ours,
        reviewers={"ana": "secret"},
        url="http://127.0.0.1:8",
        secrets=Secrets(),
        wait_for_dag=lambda dag_id: None,
    )
    lines: list[str] = []
    start_run(cast(Any, SimpleNamespace(print_line=lines.append)), cast(Any, stack), "run-1", {})
    assert marked == failed
    assert "reviewer  ana / secret" in lines
    assert words in lines[-1]
