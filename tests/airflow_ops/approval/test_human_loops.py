"""The wait for A2I against what goes wrong: the same decisions, none lost, none doubled."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook
from botocore.exceptions import ClientError

from storyboard_ops.airflow_ops.approval import trigger as approval_trigger
from storyboard_ops.airflow_ops.approval.sensor import HumanApprovalSensor
from storyboard_ops.airflow_ops.approval.trigger import HumanLoopsTrigger
from storyboard_ops.airflow_ops.refusals import TaskRefused
from storyboard_ops.domain.error_tree import NotPermitted
from storyboard_ops.domain.review.review_records import HumanLoop
from tests.airflow_ops.approval.asked_fixture import POLL_SECONDS, Asked, all_completed, fired
from tests.airflow_ops.conftest import PROJECT
from tests.steps.review.test_review_steps import opened
from tests.studio.human_answers import answer, approved
from tests.studio.studio_fixture import Studio

LISTING = {"service": "sagemaker-a2i-runtime", "operation": "ListHumanLoops"}
DESCRIBING = {"service": "sagemaker-a2i-runtime", "operation": "DescribeHumanLoop"}


@contextmanager
def faults(studio: Studio, *rules: dict[str, Any]) -> Iterator[None]:
    studio.endpoint.admin("PUT", "faults", {"faults": list(rules)})
    try:
        yield
    finally:
        studio.endpoint.admin("DELETE", "faults")


# -- Outages


@pytest.mark.long
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "error", "code": "ThrottlingException", "times": 4},
        {"kind": "error", "code": "InternalServerException", "times": 4},
        {"kind": "status", "status": 503, "times": 4},
        {"kind": "drop", "times": 4},
    ],
    ids=["throttled", "internal", "unavailable", "connection lost"],
)
async def test_an_outage_of_the_list_only_delays_the_answer(asked, fault):
    asked.answer_all()
    with faults(asked.studio, LISTING | fault):
        assert await fired(asked.trigger) == all_completed(asked)


@pytest.mark.parametrize("fault", [None, DESCRIBING | {"kind": "error", "code": "Throttling"}])
async def test_loops_that_the_list_does_not_show_are_asked_for_by_name(asked, fault):
    asked.answer_all()
    trigger = asked.trigger
    trigger.created_after = (asked.tools.clock() + timedelta(days=1)).isoformat()
    with faults(asked.studio, *([fault | {"times": 2}] if fault else [])):
        assert await fired(trigger) == all_completed(asked)


async def test_what_does_not_pass_ends_the_wait_at_once(asked):
    refusal = LISTING | {"kind": "error", "code": "AccessDeniedException"}
    with faults(asked.studio, refusal), pytest.raises(NotPermitted, match="AccessDeniedException"):
        await fired(asked.trigger)


# -- One call per interval


class CountedList:
    """A list of loops in pages of one hundred, which counts how often it is asked."""

    def __init__(self, names: list[str]) -> None:
        self._names = names
        self.calls = 0

    async def __aenter__(self) -> CountedList:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def list_human_loops(self, **question: Any) -> dict[str, Any]:
        self.calls += 1
        start = int(question.get("NextToken", 0))
        end = start + question["MaxResults"]
        page = [
            {"HumanLoopName": name, "HumanLoopStatus": "Completed"}
            for name in self._names[start:end]
        ]
        more = {"NextToken": str(end)} if end < len(self._names) else {}
        return {"HumanLoopSummaries": page, **more}


async def test_four_hundred_loops_cost_one_call_per_interval(monkeypatch):
    names = [f"loop-{n}" for n in range(420)]
    listed, sleeps = CountedList(names), []

    async def connection(hook: AwsBaseHook) -> CountedList:
        return listed

    async def asleep(seconds: float) -> None:
        sleeps.append(seconds)

    monkeypatch.setattr(AwsBaseHook, "get_async_conn", connection)
    monkeypatch.setattr(approval_trigger.asyncio, "sleep", asleep)
    trigger = HumanLoopsTrigger("arn:flow", names, "2026-11-23T03:00:00+00:00", 60.0)
    states = {}
    async for event in trigger.run():
        states = event.payload["states"]
    assert set(states.values()) == {"Completed"}
    assert listed.calls == len(sleeps) == 5  # five pages, five intervals
    assert set(sleeps) == {60.0}


async def test_a_throttled_call_is_not_repeated_within_the_interval(asked):
    asked.answer_all()
    with faults(
        asked.studio, LISTING | {"kind": "error", "code": "ThrottlingException", "times": 3}
    ):
        async with await AwsBaseHook(
            client_type="sagemaker-a2i-runtime", config=approval_trigger.ONE_CALL
        ).get_async_conn() as client:
            for _ in range(3):
                with pytest.raises(ClientError) as refused:
                    await client.list_human_loops(
                        FlowDefinitionArn=asked.loops[0].flow_definition_arn
                    )
                assert refused.value.response["ResponseMetadata"]["RetryAttempts"] == 0


# -- Progress, restarts


async def test_progress_is_told_when_it_changes(asked, capsys):
    told: list[str] = []

    def heard(words: str) -> bool:
        told.extend(capsys.readouterr().out.splitlines())
        return any(words in line for line in told)

    waiting = asyncio.create_task(fired(asked.trigger))
    for number, loop in enumerate(asked.loops):
        await until(lambda n=number: heard(f"{n} of 3 human loops have ended."))
        await asyncio.to_thread(answer, asked.studio, loop, approved(loop))
    await waiting
    assert heard("3 of 3 human loops have ended.")
    assert sum("1 of 3 human loops" in line for line in told) == 1


async def until(question) -> None:
    for _ in range(800):  # making a client takes its time on a busy machine
        if question():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come about")


#: A triggerer with one trigger: it makes it from what the database holds, and tells its event.
TRIGGERER = """
import asyncio, importlib, json, sys
path, data = json.loads(sys.argv[1])
module, _, name = path.rpartition(".")
trigger = getattr(importlib.import_module(module), name)(**data)
async def work():
    print("waiting", flush=True)
    async for event in trigger.run():
        print("fired", json.dumps(event.payload["states"]), flush=True)
asyncio.run(work())
"""


@contextmanager
def triggerer(serialized: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", TRIGGERER, serialized],
        env={**os.environ, "PYTHONPATH": str(PROJECT / "plugins")},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def heard_of(process: subprocess.Popen[str], word: str) -> str:
    """What the process says behind a word, once it says it."""
    assert process.stdout is not None
    return next(line for line in process.stdout if line.startswith(word)).removeprefix(word)


@pytest.mark.long
@pytest.mark.slow
def test_a_triggerer_killed_while_waiting_comes_to_the_same_decisions(asked):
    serialized = json.dumps(asked.trigger.serialize())
    answer(asked.studio, asked.loops[0], approved(asked.loops[0]))
    with triggerer(serialized) as first:
        heard_of(first, "waiting")
        time.sleep(20 * POLL_SECONDS)  # it has seen that one of three is answered
        first.kill()
    for loop in asked.loops[1:]:
        answer(asked.studio, loop, approved(loop))
    with triggerer(serialized) as second:
        assert json.loads(heard_of(second, "fired")) == all_completed(asked)
    images = asked.images()
    assert [image.review.decision for image in images] == ["approve"] * 7
    assert len({image.image_id for image in images}) == 7
    assert asked.images() == images  # applied again: the same decisions, not twice


async def test_two_triggerers_at_once_come_to_the_same_event(asked):
    asked.answer_all()
    assert await fired(asked.trigger) == await fired(asked.trigger) == all_completed(asked)


async def test_adopted_loops_are_listed_although_the_run_was_started_anew(asked):
    """A crash between asking and the manifest: the second try adopts the loops of the first."""
    asked.answer_all()
    place = asked.tools.run_root / "review/loops.jsonl"
    asked.studio.client("s3").delete_object(Bucket=place.bucket, Key=place.key)
    asked.ref, loops = opened(asked.tools, asked.candidates)
    assert loops == asked.loops
    assert await fired(asked.trigger) == all_completed(asked)


# -- Loops that end badly


def sensor_event(asked: Asked, states: dict[str, str]) -> Any:
    sensor = HumanApprovalSensor(task_id="wait", loops=asked.ref.model_dump(mode="json"))
    with patch("storyboard_ops.airflow_ops.approval.sensor.tool_box", lambda: asked.tools):
        return sensor.execute_complete({}, {"states": states})


@pytest.mark.logs_errors
async def test_lost_and_stopped_loops_are_named_and_only_they_are_asked_again(asked):
    runtime = asked.studio.client("sagemaker-a2i-runtime")
    answered, stopped, lost = asked.loops
    answer(asked.studio, answered, approved(answered))
    for loop in (stopped, lost):
        runtime.stop_human_loop(HumanLoopName=loop.name)
    await until(lambda: status(runtime, lost) == "Stopped")
    runtime.delete_human_loop(HumanLoopName=lost.name)
    states = await fired(asked.trigger)
    assert states == {
        answered.name: "Completed",
        stopped.name: "Stopped",
        lost.name: "Missing",
    }
    with pytest.raises(TaskRefused, match="2 of 3 human loops ended without an answer") as named:
        sensor_event(asked, states)
    assert f"{lost.name} (Missing)" in str(named.value)
    assert f"{stopped.name} (Stopped)" in str(named.value)
    asked.ref, asked.loops = opened(asked.tools, asked.candidates)
    assert [loop.name for loop in asked.loops] == [
        answered.name,
        f"{stopped.name}-r1",
        lost.name,  # its name is free again
    ]
    for loop in asked.loops[1:]:
        answer(asked.studio, loop, approved(loop), worker="ben")
    assert await fired(asked.trigger) == all_completed(asked)
    reviewers = [image.review.reviewer for image in asked.images()]
    assert sorted(reviewers) == ["ana"] * 3 + ["ben"] * 4


def status(runtime: Any, loop: HumanLoop) -> str:
    return str(runtime.describe_human_loop(HumanLoopName=loop.name)["HumanLoopStatus"])
