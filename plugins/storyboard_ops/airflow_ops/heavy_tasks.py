"""Where the heavy tasks run: those that decode films, send many pictures or compare many.

One setting of Airflow decides, without a change of a DAG::

    AIRFLOW__CORE__EXECUTOR=LocalExecutor,heavy:storyboard_ops.airflow_ops.ecs.executor.EcsTaskExecutor

The first executor runs every other task. Where none has the alias ``heavy``, it runs these too.
"""

from __future__ import annotations

import re

from airflow.configuration import conf

from storyboard_ops.domain.money.container_time import FargatePlace

ALIAS = "heavy"
#: Executors that run tasks on ECS: this project's, and the provider's that it is made from.
OURS, PROVIDERS = "EcsTaskExecutor", "AwsEcsExecutor"
ECS_SECTION = "aws_ecs_executor"
#: Launch types of machines of one's own, which bill whether a task runs or not.
OWN_MACHINES = ("EC2", "EXTERNAL")


def heavy_executor() -> str | None:
    """Return the ``executor`` of a heavy task: the alias, or None where Airflow does not have it.

    Airflow refuses a DAG that names an executor it does not have.
    """
    return ALIAS if _heavy_path() is not None else None


def fargate_place() -> FargatePlace | None:
    """Return where heavy tasks run on Fargate; None where they do not."""
    path = _heavy_path() or ""
    launch_type = conf.get(ECS_SECTION, "launch_type", fallback="").upper()
    if not path.endswith((OURS, PROVIDERS)) or launch_type in OWN_MACHINES:
        return None
    return FargatePlace(
        definition=conf.get(ECS_SECTION, "task_definition", fallback=""),
        region=conf.get(ECS_SECTION, "region_name", fallback=""),
        metered=path.endswith(OURS),
    )


def _heavy_path() -> str | None:
    """Return the path of the executor that has the alias."""
    named = re.split(r"[,;=]", conf.get("core", "executor", fallback=""))
    paths = (name.strip().partition(f"{ALIAS}:") for name in named)
    return next((path for before, alias, path in paths if alias and not before), None)
