"""Report the pipeline's metrics through Airflow's own, to wherever an operator has configured.

Airflow sends them by StatsD or OpenTelemetry, from every process, and waits for nobody: a collector
that is down loses values and fails no task. See docs/observability.md.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from airflow.configuration import conf
from airflow.sdk.observability import stats

from storyboard_ops.domain.monitoring.metrics import Emit, Metric, report_nothing

log = logging.getLogger(__name__)

#: Switches of Airflow's section ``metrics``, of which one is on where metrics are collected.
SWITCHES = ("statsd_on", "otel_on", "statsd_datadog_enabled")
#: What Airflow refuses in the names and tags of StatsD.
_REFUSED = re.compile(r"[^a-zA-Z0-9_.-]")


def emitter() -> Emit:
    """Return what reports metrics: nothing, where Airflow collects none."""
    on = any(conf.getboolean("metrics", switch, fallback=False) for switch in SWITCHES)
    return report_to_airflow if on else report_nothing


def report_to_airflow(metric: Metric, value: float, labels: Mapping[str, str] = {}, /) -> None:
    """Report a value; characters of a label that StatsD refuses become underscores.

    A failure is logged: no metric is worth the task.
    """
    tags = {name: _REFUSED.sub("_", labels[name]) for name in metric.labels}
    try:
        if metric.kind == "counter":
            count: Any = value  # Airflow's annotation says int; StatsD and OpenTelemetry take both
            stats.incr(metric.name, count, tags=tags)
        elif metric.kind == "gauge":
            stats.gauge(metric.name, value, tags=tags)
        else:
            stats.timing(metric.name, timedelta(seconds=value), tags=tags)
    except Exception as error:  # noqa: BLE001  # of whichever client sends it
        log.warning("The metric %s could not be reported: %s", metric.name, error)
