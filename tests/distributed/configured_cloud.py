"""A local endpoint beside an Airflow with settings of a test's own."""

from __future__ import annotations

from collections.abc import Mapping

from launcher.aws.clouds import LocalCloud
from launcher.processes.supervisor import Supervisor

#: How a test lets Airflow report to a StatsD port.
STATSD: Mapping[str, str] = {
    "AIRFLOW__METRICS__STATSD_ON": "True",
    "AIRFLOW__METRICS__STATSD_HOST": "127.0.0.1",
    "AIRFLOW__METRICS__STATSD_INFLUXDB_ENABLED": "True",
    "AIRFLOW__METRICS__STATSD_DISABLED_TAGS": "job_id,run_id,kwargs",
    "AIRFLOW__METRICS__LEGACY_NAMES_ON": "False",
}


class ConfiguredCloud(LocalCloud):
    """A local endpoint; every process of Airflow also gets these variables."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        super().__init__()
        self._variables = variables

    def environment(self, supervisor: Supervisor) -> dict[str, str]:
        return {**super().environment(supervisor), **self._variables}


def reporting_to(port: int) -> dict[str, str]:
    """The variables of an Airflow that reports its metrics to a port of this machine."""
    return {**STATSD, "AIRFLOW__METRICS__STATSD_PORT": str(port)}
