"""Where the heavy tasks run: those that decode films, send many pictures or compare many.

One setting of Airflow decides, without a change of a DAG::

    AIRFLOW__CORE__EXECUTOR=LocalExecutor,heavy:storyboard_ops.airflow_ops.ecs.executor.EcsTaskExecutor

The first executor runs every other task. Where none has the alias ``heavy``, it runs these too.
"""

from __future__ import annotations

import re

from airflow.configuration import conf

ALIAS = "heavy"


def heavy_executor() -> str | None:
    """Return the ``executor`` of a heavy task: the alias, or None where Airflow does not have it.

    Airflow refuses a DAG that names an executor it does not have.
    """
    named = re.split(r"[,;=]", conf.get("core", "executor", fallback=""))
    return ALIAS if any(name.strip().startswith(f"{ALIAS}:") for name in named) else None
