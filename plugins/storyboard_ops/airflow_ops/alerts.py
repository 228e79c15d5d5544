"""Notify people of a late run, of what billed past its lease, and of a watch that is itself late.

All by the connection of ``reminder``, the one way to notify.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from airflow.configuration import conf
from asgiref.sync import sync_to_async

from storyboard_ops.airflow_ops.reminder import remind
from storyboard_ops.domain.money.sweep_report import NEEDS_PERSON, SweepReport, SweptResource
from storyboard_ops.domain.monitoring.run_under_way import RunUnderWay

#: Resources that a message names.
MOST_NAMED = 10


def alert_late_run(run: RunUnderWay) -> None:
    """Say that a run takes longer than estimated."""
    work = f"{run.hours:g} hours of work"
    waits = f" and {run.waited_hours:.1f} hours of waits for people" if run.waited_hours else ""
    remind(
        f"A run takes longer than estimated: {run.production}",
        f"The run {run.run_id} began at {run.began_at:%-d %B %Y, %H:%M} UTC with an estimate of "
        f"{work}{waits}, and has not ended. See which of its tasks runs or waits for a worker.",
        run_address(run.dag_id, run.run_id),
    )


def alert_leases(report: SweepReport, dag_id: str, run_id: str) -> None:
    """Say what billed past its lease, if anything: what was ended now, and what needs a person."""
    parts = {
        "Released now": report.with_outcome("released"),
        "A person is needed, because it may bill on": report.with_outcome(*NEEDS_PERSON),
    }
    sentences = [f"{what}: {_names(found)}." for what, found in parts.items() if found]
    if sentences:
        address = run_address(dag_id, run_id)
        remind("Something billed past its lease", " ".join(sentences), address)


async def alert_late_watch(context: dict[str, Any]) -> None:
    """Say that the hourly watch is late itself; the callback of a deadline of Airflow."""
    run = context["dag_run"]
    await sync_to_async(remind)(
        "The watch over leases and runs is late",
        f"The run {run['dag_run_id']} of {run['dag_id']} has not ended in time: nothing ends what "
        "bills past its lease. See whether workers and scheduler run.",
        run_address(run["dag_id"], run["dag_run_id"]),
    )


def run_address(dag_id: str, run_id: str) -> str:
    """Return the address of a run in the Airflow UI; its path where no server is configured."""
    base = conf.get("api", "base_url", fallback="").rstrip("/")
    return f"{base}/dags/{quote(dag_id, safe='')}/runs/{quote(run_id, safe='')}"


def _names(found: Sequence[SweptResource]) -> str:
    named = [
        f"{one.kind} {one.name} of run {one.run or 'unknown'}{one.reason and f' ({one.reason})'}"
        for one in found[:MOST_NAMED]
    ]
    more = len(found) - len(named)
    return "; ".join(named) + (f"; and {more} more" if more else "")
