"""The pool of the detecting tasks is there when a component of Airflow has started."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from airflow.jobs.job import Job
from airflow.models.pool import Pool
from airflow.sdk.execution_time.task_runner import TaskRunnerMarker
from airflow.utils.session import create_session

from storyboard_ops.airflow_ops.detection.pool import (
    POOL,
    SLOTS,
    SLOTS_VARIABLE,
    create_missing_pool,
    detection_slots,
)


def slots() -> int | None:
    with create_session() as session:
        found = Pool.get_pool(POOL, session=session)
        return found.slots if found else None


@pytest.fixture(autouse=True)
def no_pool(airflow_database: None) -> Iterator[None]:
    with create_session() as session:
        if found := Pool.get_pool(POOL, session=session):
            session.delete(found)
    yield


def test_airflow_tells_the_plugin_of_a_start() -> None:
    """A new job is what a scheduler, a triggerer and a DAG processor begin with."""
    Job()
    assert slots() == SLOTS


def test_a_task_creates_nothing() -> None:
    create_missing_pool(TaskRunnerMarker())
    assert slots() is None


def test_the_slots_are_those_of_the_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SLOTS_VARIABLE, "12")
    create_missing_pool(Job())
    assert slots() == 12


def test_slots_that_were_changed_in_airflow_stay() -> None:
    create_missing_pool(Job())
    with create_session() as session:
        Pool.create_or_update_pool(POOL, 7, "ours", include_deferred=False, session=session)
    create_missing_pool(Job())
    assert slots() == 7


@pytest.mark.parametrize(("given", "understood"), [("", 4), ("0", 1), ("16", 16), ("many", 4)])
def test_a_worker_divides_the_rate_by_the_slots(
    given: str, understood: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SLOTS_VARIABLE, given)
    assert detection_slots() == understood
