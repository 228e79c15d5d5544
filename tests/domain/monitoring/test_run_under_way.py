"""When a run is late: by its estimate, and never for the time that people take."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from storyboard_ops.domain.monitoring.run_under_way import RunUnderWay

BEGAN = datetime(2026, 11, 23, 8, tzinfo=UTC)
RUN = RunUnderWay(
    run_key="run-1", dag_id="d", run_id="r", production="Tiny", began_at=BEGAN, hours=2
)


def at(hours: float) -> datetime:
    return BEGAN + timedelta(hours=hours)


@pytest.mark.parametrize(("hours", "late"), [(1.99, False), (2, False), (2.01, True)])
def test_a_run_is_late_after_its_estimate(hours: float, late: bool) -> None:
    assert RUN.is_late(at(hours)) is late


def test_a_wait_for_people_is_not_counted_as_work() -> None:
    waiting = RUN.begin_wait("wait_for_approval", at(1))
    assert not waiting.is_late(at(30))
    working = waiting.end_wait(at(31))
    assert working.expected_end == at(32)
    assert not working.is_late(at(31.9))
    assert working.is_late(at(32.1))


def test_a_wait_that_begins_again_has_waited_since_the_first_time() -> None:
    waiting = RUN.begin_wait("wait_for_approval", at(1)).begin_wait("wait_for_approval", at(5))
    assert waiting.waiting_since == at(1)
    assert RUN.end_wait(at(9)) == RUN  # nobody was waited for


def test_waits_add_up() -> None:
    twice = RUN
    for task, begin in (("wait_for_approval", 1), ("approve_cost", 5)):
        twice = twice.begin_wait(task, at(begin)).end_wait(at(begin + 2))
    assert twice.waited_hours == pytest.approx(4)
