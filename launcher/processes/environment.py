"""The environment that processes inherit: the user's own, without what could leak into them."""

from __future__ import annotations

import os
from collections.abc import Mapping

AIRFLOW_PREFIX = "AIRFLOW_"
AWS_PREFIX = "AWS_"
LOOPBACK_HOSTS = "127.0.0.1,localhost"


def base_environment(source: Mapping[str, str] = os.environ) -> dict[str, str]:
    """`source` without the settings of another Airflow; loopback never goes through a proxy."""
    kept = {k: v for k, v in source.items() if not k.startswith(AIRFLOW_PREFIX)}
    return {**kept, "NO_PROXY": LOOPBACK_HOSTS, "no_proxy": LOOPBACK_HOSTS}


def without_aws(environment: Mapping[str, str]) -> dict[str, str]:
    """`environment` without AWS variables: a local run must never use the user's account."""
    return {k: v for k, v in environment.items() if not k.startswith(AWS_PREFIX)}
