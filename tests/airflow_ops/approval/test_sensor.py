"""What the wait does at each desk: defer, park, or go on; and that its deadline stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import RetryAction
from airflow.sdk.bases.operator import TRIGGER_FAIL_REPR, TriggerFailureReason
from airflow.sdk.exceptions import TaskAwaitingInput, TaskDeferred

from storyboard_ops.airflow_ops.approval import page_wait
from storyboard_ops.airflow_ops.approval import sensor as approval_sensor
from storyboard_ops.airflow_ops.approval.page_wait import CHECK_INTERVAL
from storyboard_ops.airflow_ops.approval.paths import FINISHED
from storyboard_ops.airflow_ops.approval.sensor import HumanApprovalSensor
from storyboard_ops.airflow_ops.approval.trigger import HumanLoopsTrigger
from storyboard_ops.airflow_ops.refusals import TaskRefused
from storyboard_ops.airflow_ops.task_bridge import RETRY_POLICY
from storyboard_ops.domain.error_tree import NotPermitted, Throttled, Unreachable
from storyboard_ops.domain.monitoring.run_under_way import RunUnderWay
from storyboard_ops.domain.preflight.preflight_report import PreflightReport
from storyboard_ops.domain.review.desk_choice import DeskChoice
from storyboard_ops.gateways.storage.production_files import load_production
from storyboard_ops.steps.preflight.check_preflight import write_run
from storyboard_ops.steps.review.desk import open_desk_of_run
from storyboard_ops.steps.review.open_review import open_review
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.run.under_way import begin_run
from tests.films.tiny_film import tiny_production
from tests.steps.review.test_desk import batch, finish
from tests.steps.review.test_review_steps import stored_images
from tests.studio.studio_fixture import Studio

PICTURES = 3
WHY = "chosen because there is no A2I"
CONTEXT: Any = {
    "dag_run": SimpleNamespace(dag_id="train", run_id="run+1"),
    "ti": SimpleNamespace(id="the-task"),
}


class Waiting:
    """The wait of an opened review, its clock in our hands."""

    def __init__(self, studio: Studio, monkeypatch: pytest.MonkeyPatch, **params: Any) -> None:
        tools = studio.tools(production=tiny_production(studio), review_timeout_h=1, **params)
        write_run(
            tools,
            load_production(tools.objects, tools.settings.production),
            PreflightReport(checks=(), desk=DeskChoice(desk=tools.settings.desk, why=WHY)),
        )
        candidates = tools.manifests.commit(
            tools.run_root / "candidates.jsonl", "images", "d", stored_images(tools, PICTURES)
        )
        self.now = tools.clock()
        self.tools = replace(tools, clock=lambda: self.now)
        self.questions: list[dict[str, Any]] = []
        loops = open_review(self.tools, candidates).model_dump(mode="json")
        self.sensor = HumanApprovalSensor(task_id="wait", loops=loops)
        monkeypatch.setattr(approval_sensor, "tool_box", lambda: self.tools)
        monkeypatch.setattr(page_wait, "tool_box", lambda: self.tools)
        monkeypatch.setattr(page_wait, "upsert_hitl_detail", self.put_up)

    def put_up(self, **question: Any) -> None:
        self.questions.append(question)

    def parked(self, before: TaskAwaitingInput | None = None) -> TaskAwaitingInput:
        """How the task parks, at first or when it looks in after it was parked before."""
        with pytest.raises(TaskAwaitingInput) as park:
            if before is None:
                self.sensor.execute(CONTEXT)
            else:
                self.looks_in(before)
        return park.value

    def looks_in(self, parked: TaskAwaitingInput) -> dict[str, int]:
        """Resume the task as Airflow does."""
        next_method, next_kwargs = parked.method_name, {**(parked.kwargs or {}), "event": {}}
        return self.sensor.resume_execution(next_method, next_kwargs, CONTEXT)


@pytest.fixture
def page(studio: Studio, monkeypatch) -> Waiting:
    return Waiting(studio, monkeypatch, review_desk="page")


def test_the_page_is_waited_for_without_worker_or_triggerer(page):
    park = page.parked()
    assert park.method_name == "resume_wait"
    assert park.timeout == CHECK_INTERVAL
    (question,) = page.questions
    assert (question["ti_id"], question["options"]) == ("the-task", [FINISHED])
    assert "(/storyboard/runs/train/run%2B1/review)" in question["body"]


@pytest.mark.parametrize(
    ("title", "subject"),
    [
        ("The Paper Lantern", "Approve the pictures of The Paper Lantern"),
        ("film \u202egpj.exe", "Approve the pictures of film ⟨U+202E⟩gpj.exe"),
        ("שלום", "Approve the pictures of \u2068שלום\u2069"),
    ],
)
def test_a_title_leaves_the_question_in_its_order(page, title, subject):
    page.sensor._post_question(CONTEXT, title, datetime(2026, 11, 23, 22, 30, tzinfo=UTC), "")
    assert page.questions[-1]["subject"] == subject


def test_the_question_says_until_when_and_goes_on_saying_it(page):
    page.now = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)
    first = page.parked()
    page.now += timedelta(minutes=50)
    page.parked(first)
    for question in page.questions:
        assert question["body"].endswith(
            f"The desk is the page, {WHY}. It waits until 23 November 2026, 23:30 UTC."
        )


@pytest.mark.logs_errors
def test_looking_in_does_not_move_the_deadline(page):
    first = page.parked()
    page.now += timedelta(minutes=55)
    again = page.parked(first)
    assert again.kwargs == first.kwargs
    assert again.timeout == timedelta(minutes=5)  # not past the deadline
    page.now += timedelta(minutes=5)
    with pytest.raises(TaskRefused, match=r"within 1 hours .* 3 open.* clear wait_for_approval"):
        page.looks_in(again)


@pytest.mark.parametrize(
    "error",
    [Unreachable("No answer.", code="EndpointConnectionError"), Throttled("", code="SlowDown")],
)
def test_an_outage_only_delays_the_next_look(page, monkeypatch, error):
    first = page.parked()
    with monkeypatch.context() as outage:
        outage.setattr(page_wait, "tool_box", raising(error))
        second = page.parked(first)
    assert (second.kwargs, second.timeout) == (first.kwargs, CHECK_INTERVAL)
    assert page.questions == [page.questions[0]] * 2  # unanswered again, or it would not park
    assert page.parked(second).kwargs == first.kwargs


def test_what_does_not_pass_by_itself_is_told(page, monkeypatch):
    first = page.parked()
    denied = NotPermitted("No right.", code="AccessDenied")
    monkeypatch.setattr(page_wait, "tool_box", raising(denied))
    with pytest.raises(NotPermitted, match="No right"):
        page.looks_in(first)


def raising(error: Exception) -> Callable[[], ToolBox]:
    def tool_box() -> ToolBox:
        raise error

    return tool_box


def test_a_finished_review_lets_the_run_go_on_even_if_nobody_told(page):
    first = page.parked()
    desk = open_desk_of_run(page.tools)
    desk.save("ana", batch(desk, 0, 1))
    desk.finish("ana", finish(desk))
    page.now += timedelta(hours=2)  # late, but finished
    gone_on = page.looks_in(first)
    assert gone_on == {"approved": 2, "rejected": 0, "open": 1}


def test_a_review_finished_just_before_the_task_parks_is_not_missed(page, monkeypatch):
    """Finished after the question was put up, before the log was read."""

    def finish_meanwhile(**question: Any) -> None:
        desk = open_desk_of_run(page.tools)
        desk.finish("ana", finish(desk))

    monkeypatch.setattr(page_wait, "upsert_hitl_detail", finish_meanwhile)
    assert page.sensor.execute(CONTEXT)["open"] == PICTURES


def test_the_hourly_watch_knows_since_when_people_are_waited_for(page):
    record = page.tools.workspace.under_way(page.tools.run_key)

    def under_way() -> RunUnderWay:
        return page.tools.objects.record(record, RunUnderWay)

    begin_run(page.tools, "train", "run+1", "Tiny", hours=2)
    parked = page.parked()
    assert (under_way().waiting_in, under_way().waiting_since) == ("wait", page.now)
    desk = open_desk_of_run(page.tools)
    desk.finish("ana", finish(desk))
    page.now += timedelta(minutes=30)
    page.looks_in(parked)
    assert (under_way().waiting_in, under_way().waited_hours) == ("", 0.5)


def test_progress_is_logged_by_character(page, capsys):
    desk = open_desk_of_run(page.tools)
    desk.save("ana", batch(desk, 0))
    page.parked()
    assert "mira: 1 approved, 0 rejected, 2 open" in capsys.readouterr().out


def test_a2i_is_waited_for_by_one_trigger_for_all_loops(studio, monkeypatch):
    waiting = Waiting(studio, monkeypatch, review_desk="a2i", review_batch_size=1)
    with pytest.raises(TaskDeferred) as deferral:
        waiting.sensor.execute(CONTEXT)
    trigger = deferral.value.trigger
    assert isinstance(trigger, HumanLoopsTrigger)
    assert len(trigger.loop_names) == PICTURES
    assert datetime.fromisoformat(trigger.created_after) < waiting.now
    assert deferral.value.timeout == timedelta(hours=1)


@pytest.mark.logs_errors
def test_a_wait_for_loops_that_times_out_is_over_and_not_begun_again(studio, monkeypatch):
    waiting = Waiting(studio, monkeypatch, review_desk="a2i", review_batch_size=1)
    timed_out = {"error": TriggerFailureReason.TRIGGER_TIMEOUT}
    with pytest.raises(TaskRefused, match="clear wait_for_approval") as failure:
        waiting.sensor.resume_execution(TRIGGER_FAIL_REPR, timed_out, CONTEXT)
    decision = RETRY_POLICY.evaluate(failure.value, try_number=1, max_tries=2)
    assert decision.action == RetryAction.FAIL


def test_without_people_the_run_waits_for_nobody(studio, monkeypatch):
    waiting = Waiting(studio, monkeypatch, review_desk="without_people")
    assert waiting.sensor.execute(CONTEXT) == {"pictures": PICTURES}
