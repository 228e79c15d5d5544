"""Metrics leave through Airflow's own client, and never fail a task."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from airflow.sdk._shared.observability.metrics.base_stats_logger import NoStatsLogger
from airflow.sdk.observability import stats
from airflow.sdk.observability.metrics import stats_utils

from storyboard_ops.airflow_ops.metrics import emitter, report_to_airflow
from storyboard_ops.domain.monitoring.metrics import (
    LEASE_ENDS,
    METRICS,
    PICTURES_DROPPED,
    SPENT,
    STEP_DURATION,
    TOKENS,
    report_nothing,
)

pytest.importorskip("statsd")


class Collector:
    """A UDP port, as that of statsd_exporter."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(5)
        self.port = self.socket.getsockname()[1]

    def received(self) -> str:
        return self.socket.recv(4096).decode()


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """A collector that Airflow is configured to report to."""
    collector = Collector()
    for name, value in {
        "STATSD_ON": "True",
        "STATSD_PORT": str(collector.port),
        "STATSD_INFLUXDB_ENABLED": "True",
    }.items():
        monkeypatch.setenv(f"AIRFLOW__METRICS__{name}", value)
    client = stats_utils.get_stats_factory()()
    initialize(lambda: client)
    yield collector
    collector.socket.close()
    client.statsd.close()  # Airflow leaves it to the end of the process
    initialize(NoStatsLogger)


def initialize(factory: Any) -> None:
    """Choose the client, as each process of Airflow does when it starts."""
    stats.initialize(factory=factory, export_legacy_names=False)


def test_counters_and_gauges_arrive_with_their_labels(collector: Collector) -> None:
    emit = emitter()
    emit(TOKENS, 1200, {"model": "amazon.nova-pro-v1:0", "direction": "input"})
    line = "airflow.storyboard.tokens_total,model=amazon.nova-pro-v1_0,direction=input:1200|c"
    assert collector.received() == line
    emit(SPENT, 0.25, {"service": "bedrock"})
    assert collector.received() == "airflow.storyboard.spent_usd_total,service=bedrock:0.25|c"
    emit(LEASE_ENDS, 1795000000.0, {"run": "run-1", "resource": "capacity-1"})
    line = "airflow.storyboard.lease_ends_seconds,run=run-1,resource=capacity-1:1795000000.0|g"
    assert collector.received() == line
    emit(STEP_DURATION, 1.5, {"step": "plan_shards"})
    assert (
        collector.received() == "airflow.storyboard.step_duration,step=plan_shards:1500.000000|ms"
    )


@pytest.mark.parametrize("reason", ["title card", "a,b=c", "naïve", "x|y:z\nw"])
def test_a_label_of_any_characters_is_reported(collector: Collector, reason: str) -> None:
    emitter()(PICTURES_DROPPED, 1, {"item": "frame", "reason": reason})
    name, _, value = collector.received().rpartition(":")
    assert value == "1|c"
    assert name.startswith("airflow.storyboard.pictures_dropped_total,item=frame,reason=")
    assert len(name.rpartition("=")[2]) == len(reason)


def test_nothing_is_reported_where_airflow_collects_no_metrics() -> None:
    assert emitter() is report_nothing


def test_a_collector_that_is_down_fails_nothing(collector: Collector) -> None:
    collector.socket.close()
    for metric in METRICS:
        emitter()(metric, 1, dict.fromkeys(metric.labels, "x"))


def test_a_client_that_fails_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr(stats, "incr", broken)
    report_to_airflow(SPENT, 1, {"service": "bedrock"})
    assert "spent_usd_total could not be reported: no route to host" in caplog.text
