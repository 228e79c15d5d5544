"""The environment that processes inherit: the user's own, without what could leak into them."""

from __future__ import annotations

import os
from collections.abc import Mapping

AIRFLOW_PREFIX = "AIRFLOW_"
#: Airflow's settings that the user gives to ours: where its metrics go.
METRICS_PREFIX = "AIRFLOW__METRICS__"
AWS_PREFIX = "AWS_"
LOOPBACK_HOSTS = "127.0.0.1,localhost"


def base_environment(source: Mapping[str, str] = os.environ) -> dict[str, str]:
    """`source` without the settings of another Airflow; loopback never goes through a proxy.

    Those of metrics stay: they say where the metrics of every Airflow of the user go.
    """
    kept = {
        k: v
        for k, v in source.items()
        if k.startswith(METRICS_PREFIX) or not k.startswith(AIRFLOW_PREFIX)
    }
    return {**kept, "NO_PROXY": LOOPBACK_HOSTS, "no_proxy": LOOPBACK_HOSTS}


def without_aws(environment: Mapping[str, str]) -> dict[str, str]:
    """`environment` without AWS variables: a local run must never use the user's account."""
    return {k: v for k, v in environment.items() if not k.startswith(AWS_PREFIX)}
