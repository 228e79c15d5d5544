"""A line about a task's container is where Airflow's page looks for the log of the task."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from storyboard_ops.airflow_ops.ecs.task_log import write_line
from tests.studio.studio_fixture import Studio

LOG = "dag_id=a/run_id=b/task_id=c/attempt=1.log"


@pytest.fixture
def logging_to(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """Sets where remote logging keeps logs; Airflow reads it once for each process."""
    from airflow.sdk import log

    def forget() -> None:
        log._ActiveLoggingConfig.logging_config_loaded = False
        log.logging_processors.cache_clear()

    def set_folder(folder: str) -> None:
        monkeypatch.setenv("AIRFLOW__LOGGING__REMOTE_LOGGING", str(bool(folder)))
        monkeypatch.setenv("AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER", folder)
        monkeypatch.setenv("AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID", "aws_default")
        monkeypatch.setenv("AIRFLOW__LOGGING__BASE_LOG_FOLDER", str(tmp_path))
        monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", "aws://")
        forget()

    yield set_folder
    monkeypatch.undo()
    forget()


def lines(text: str) -> list[tuple[str, str]]:
    """Level and message of each line of a log."""
    events = [json.loads(line) for line in text.splitlines()]
    return [(event["level"], event["event"]) for event in events]


def test_without_remote_logging_the_line_is_in_the_folder_of_logs(logging_to, tmp_path):
    logging_to("")
    write_line(LOG, "no place")
    assert lines((tmp_path / LOG).read_text()) == [("error", "no place")]


def test_lines_are_appended_to_the_log_in_the_workspace(logging_to, aws: Studio):
    logging_to(f"s3://{aws.bucket}/logs")
    write_line(LOG, "no place")
    write_line(LOG, "no image")
    body = aws.client("s3").get_object(Bucket=aws.bucket, Key=f"logs/{LOG}")["Body"].read()
    assert lines(body.decode()) == [("error", "no place"), ("error", "no image")]


def test_lines_reach_cloudwatch(logging_to, aws: Studio):
    group = f"/{aws.bucket}/tasks"
    logs = aws.client("logs")
    logs.create_log_group(logGroupName=group)
    logging_to(f"cloudwatch://arn:aws:logs:us-east-1:000000000000:log-group:{group}")
    write_line(LOG, "no place")
    write_line(LOG, "no image")
    answer = logs.get_log_events(logGroupName=group, logStreamName=LOG, startFromHead=True)
    messages = [json.loads(event["message"])["event"] for event in answer["events"]]
    assert messages == ["no place", "no image"]
