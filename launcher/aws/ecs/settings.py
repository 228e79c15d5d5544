"""What Airflow and the containers of its heavy tasks are told, as environment variables.

Both sides must agree on names and on where logs are; the template and the local play of ECS take
them from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

CLUSTER = "storyboard"
FAMILY = "storyboard-heavy"
CONTAINER = "storyboard"
#: CPU units of a container, of which a vCPU has 1024, and MiB of its memory.
TASK_CPU, TASK_MEMORY = "2048", "8192"
LOG_GROUP = "/storyboard/heavy"
STREAM_PREFIX = "heavy"
#: The alias is that of ``storyboard_ops.airflow_ops.heavy_tasks``.
HEAVY_EXECUTOR = "heavy:storyboard_ops.airflow_ops.ecs.executor.EcsTaskExecutor"
#: Folder of the workspace with the logs of tasks.
LOGS = "logs"
#: A task waits this long for a place; the token with which it starts is valid as long.
QUEUED_SECONDS = 3600
#: With pauses of 4, 16, 64 and then 120 seconds: half an hour.
MOST_ATTEMPTS = 18
#: As in docker-compose.yaml: a restart of the API server is outlasted.
PATIENT = {
    "AIRFLOW__WORKERS__EXECUTION_API_RETRIES": "14",
    "AIRFLOW__WORKERS__EXECUTION_API_RETRY_WAIT_MAX": "30",
    "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "30",
    "AIRFLOW__WORKERS__MAX_FAILED_HEARTBEATS": "60",
}


@dataclass(frozen=True)
class Network:
    """Where the containers run: ids of subnets and security groups, each list joined by commas."""

    subnets: str
    security_groups: str
    public_ip: str  # True or False: whether each container gets a public address


def remote_logging(workspace: str) -> dict[str, str]:
    """Return the variables that keep the logs of all tasks in the workspace.

    ``workspace``: its S3 URI, ending in a slash.
    """
    return {
        "AIRFLOW__LOGGING__REMOTE_LOGGING": "True",
        "AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER": f"{workspace}{LOGS}",
        "AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID": "aws_default",
    }


def airflow_variables(
    default: str, region: str, workspace: str, network: Network
) -> dict[str, str]:
    """Return the variables of every component of Airflow.

    ``default``: the executor of all other tasks, such as LocalExecutor or CeleryExecutor.
    """
    ecs = {
        "REGION_NAME": region,
        "CLUSTER": CLUSTER,
        "TASK_DEFINITION": FAMILY,
        "CONTAINER_NAME": CONTAINER,
        "LAUNCH_TYPE": "FARGATE",
        "SUBNETS": network.subnets,
        "SECURITY_GROUPS": network.security_groups,
        "ASSIGN_PUBLIC_IP": network.public_ip,
        "MAX_RUN_TASK_ATTEMPTS": str(MOST_ATTEMPTS),
    }
    return {
        "AIRFLOW__CORE__EXECUTOR": f"{default},{HEAVY_EXECUTOR}",
        **{f"AIRFLOW__AWS_ECS_EXECUTOR__{name}": value for name, value in ecs.items()},
        "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": str(QUEUED_SECONDS),
        **remote_logging(workspace),
    }


def container_variables(api_url: str, region: str, workspace: str) -> dict[str, str]:
    """Return the variables of a container, which has no other settings and no secrets.

    ``api_url``: the address of the execution API, as a container reaches it. The token that the
    API asks for comes with each task.
    """
    return {
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": api_url,
        "AIRFLOW_CONN_AWS_DEFAULT": "aws://",
        "AWS_DEFAULT_REGION": region,
        **remote_logging(workspace),
        **PATIENT,
    }


def container_definition(
    image: str, variables: Mapping[str, str], region: str, **more: object
) -> dict[str, object]:
    """Return the container of the task definition, in the spelling of the ECS API.

    The image's own entry point asks for users of Airflow, which a task does not have: ``env`` runs
    the command as it comes.
    """
    return {
        "name": CONTAINER,
        "image": image,
        "essential": True,
        "entryPoint": ["env"],
        "environment": [{"name": name, "value": value} for name, value in variables.items()],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": LOG_GROUP,
                "awslogs-region": region,
                "awslogs-stream-prefix": STREAM_PREFIX,
            },
        },
        **more,
    }
