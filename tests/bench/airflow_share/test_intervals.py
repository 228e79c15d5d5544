"""Shares of a run's wall time, by known answers."""

from __future__ import annotations

import pytest

from bench.airflow_share.intervals import Shares, covered
from bench.airflow_share.page import section


@pytest.mark.parametrize(
    ("intervals", "seconds"),
    [
        ([], 0),
        ([(0, 2), (3, 4)], 3),
        ([(0, 2), (1, 4)], 4),  # they overlap
        ([(0, 9), (1, 2), (3, 4)], 9),  # one contains the others
        ([(5, 6), (0, 1)], 2),
    ],
)
def test_a_second_counts_once(intervals, seconds):
    assert covered(intervals) == seconds


def test_the_wall_time_is_divided():
    tasks = [(0, 10), (12, 20), (12, 16)]
    steps = [(1, 9), (13, 15), (14, 19)]
    shares = Shares.of(tasks, steps)
    assert (shares.wall, shares.in_steps) == (20, 14)
    assert (shares.around_steps, shares.between_tasks) == (4, 2)
    assert shares.outside == pytest.approx(0.3)


def test_the_page_names_every_run():
    run = {
        "films": 200,
        "seconds_each": 4,
        "measured": "2026-11-29, 2 cores, load 1.0",
        "tasks": 418,
        "wall_s": 400.0,
        "around_steps_s": 90.0,
        "between_tasks_s": 10.0,
        "outside": 0.25,
        "database_bytes": 5_200_000,
        "xcom_rows": 640,
        "xcom_bytes": 98_700,
    }
    last = section({"runs": [run]}).splitlines()[-1]
    assert last == (
        "| 200 of 4 s | 2026-11-29, 2 cores, load 1.0 | 418 | 400.0 | 90.0 | 10.0 | 25.0% |"
        " 5.2 | 99 |"
    )
