"""CloudWatch Logs: what is put is read, in pages, in both directions."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.local_aws.refusals import refused
from tests.studio.endpoint_fixture import RunningEndpoint, running_endpoint


@pytest.fixture
def logs(local_endpoint: RunningEndpoint) -> Any:
    return local_endpoint.client("logs")


@pytest.fixture
def stream(logs: Any) -> dict[str, str]:
    """A new group and stream."""
    named = {"logGroupName": f"/studio/{uuid.uuid4().hex}", "logStreamName": "run/attempt=1.log"}
    logs.create_log_group(logGroupName=named["logGroupName"])
    logs.create_log_stream(**named)
    return named


def put(logs: Any, stream: dict[str, str], *messages: str, first: int = 1_000) -> None:
    """Put messages, a second apart."""
    events = [
        {"timestamp": first + 1_000 * number, "message": message}
        for number, message in enumerate(messages)
    ]
    logs.put_log_events(**stream, logEvents=events)


def messages(answer: dict[str, Any]) -> list[str]:
    return [event["message"] for event in answer["events"]]


def test_events_are_read_from_the_head_until_the_token_repeats(
    logs: Any, stream: dict[str, str]
) -> None:
    put(logs, stream, "one", "two", "three")
    first = logs.get_log_events(**stream, startFromHead=True, limit=2)
    second = logs.get_log_events(**stream, nextToken=first["nextForwardToken"], limit=2)
    third = logs.get_log_events(**stream, nextToken=second["nextForwardToken"], limit=2)
    assert [messages(page) for page in (first, second, third)] == [["one", "two"], ["three"], []]
    assert third["nextForwardToken"] == second["nextForwardToken"]


def test_without_a_direction_the_latest_events_are_read(logs: Any, stream: dict[str, str]) -> None:
    put(logs, stream, "one", "two", "three")
    latest = logs.get_log_events(**stream, limit=2)
    earlier = logs.get_log_events(**stream, nextToken=latest["nextBackwardToken"], limit=2)
    assert (messages(latest), messages(earlier)) == (["two", "three"], ["one"])


def test_events_are_selected_by_time_and_sorted_by_it(logs: Any, stream: dict[str, str]) -> None:
    put(logs, stream, "late", first=9_000)
    put(logs, stream, "one", "two", "three")
    answer = logs.get_log_events(**stream, startFromHead=True, startTime=2_000, endTime=9_000)
    assert messages(answer) == ["two", "three"]
    assert [event["timestamp"] for event in answer["events"]] == [2_000, 3_000]


def test_groups_and_streams_are_listed_by_name(logs: Any, stream: dict[str, str]) -> None:
    group = stream["logGroupName"]
    for name in ("b", "a"):
        logs.create_log_stream(logGroupName=group, logStreamName=name)
    pages = logs.get_paginator("describe_log_streams").paginate(logGroupName=group, limit=2)
    listed = [item["logStreamName"] for page in pages for item in page["logStreams"]]
    assert listed == ["a", "b", "run/attempt=1.log"]
    logs.put_retention_policy(logGroupName=group, retentionInDays=30)
    (found,) = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert found["retentionInDays"] == 30


def test_what_is_missing_or_there_already_is_refused(logs: Any, stream: dict[str, str]) -> None:
    with refused("ResourceAlreadyExistsException", 400):
        logs.create_log_group(logGroupName=stream["logGroupName"])
    with refused("ResourceAlreadyExistsException", 400):
        logs.create_log_stream(**stream)
    with refused("ResourceNotFoundException", 400):
        logs.get_log_events(logGroupName=stream["logGroupName"], logStreamName="none")
    with refused("InvalidParameterException", 400):
        logs.get_log_events(**stream, nextToken="x/1")
    logs.delete_log_group(logGroupName=stream["logGroupName"])
    with refused("ResourceNotFoundException", 400):
        logs.get_log_events(**stream)


def test_events_survive_a_restart(tmp_path: Path) -> None:
    named = {"logGroupName": "studio", "logStreamName": "one"}
    with running_endpoint(tmp_path / "data") as first:
        logs = first.client("logs")
        logs.create_log_group(logGroupName="studio")
        logs.create_log_stream(**named)
        put(logs, named, "kept")
    with running_endpoint(tmp_path / "data") as second:
        assert messages(second.client("logs").get_log_events(**named)) == ["kept"]
