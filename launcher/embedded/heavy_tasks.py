"""`HEAVY=ecs`: the embedded Airflow sends its heavy tasks to the ECS of the local endpoint.

There, a container is a process of this machine. It has the variables of its task definition and
nothing of Airflow's: another home, no database and no secret.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from launcher.aws.clients import local_client
from launcher.aws.clouds import Cloud, LocalCloud
from launcher.aws.ecs import settings
from launcher.aws.endpoint import Endpoint
from launcher.aws.local_account import STUDIO_WORKSPACE
from launcher.errors import UsageError
from launcher.product import did_you_mean

HEAVY_VARIABLE = "HEAVY"
#: Its values; the first is the default.
PLACES = ("here", "ecs")
#: The endpoint has no networks.
NETWORK = settings.Network(subnets="subnet-local", security_groups="sg-local", public_ip="False")
IMAGE = "storyboard-pipeline:local"
#: Settings of Airflow that a container takes from its image.
FROM_IMAGE = (
    "AIRFLOW__CORE__DAGS_FOLDER",
    "AIRFLOW__CORE__PLUGINS_FOLDER",
    "AIRFLOW__CORE__LOAD_EXAMPLES",
    "PYTHONPATH",
)
#: Settings of the product, such as the workspaces that a run may use.
OF_PRODUCT = "STORYBOARD_"


def sends_to_ecs(variables: Mapping[str, str] = os.environ) -> bool:
    """Return whether heavy tasks go to ECS; raises UsageError for an unknown place."""
    place = variables.get(HEAVY_VARIABLE) or PLACES[0]
    if place not in PLACES:
        raise UsageError(
            f"HEAVY is {place!r}.{did_you_mean(place, PLACES)} It is {' or '.join(PLACES)}: heavy "
            "tasks run in this Airflow, or on the ECS that the local endpoint plays."
        )
    return place == "ecs"


def place_heavy_tasks(environment: Mapping[str, str], cloud: Cloud, home: Path) -> dict[str, str]:
    """Return the environment of an Airflow whose heavy tasks run where HEAVY says.

    Args:
        environment: that of an Airflow whose tasks all run on this machine.
        cloud: where its AWS calls go; it is usable.
        home: the folder of Airflow in containers.

    Raises:
        UsageError: HEAVY is no such place, or none of the user's own account.
    """
    if not sends_to_ecs():
        return dict(environment)
    if not isinstance(cloud, LocalCloud):
        raise UsageError(
            "HEAVY=ecs plays ECS on the local endpoint. On AWS, no container reaches an Airflow on "
            "this machine: leave HEAVY out, or set Airflow up as docs/ecs.md says."
        )
    return send_to_ecs(environment, cloud.ready_endpoint(), home)


def send_to_ecs(environment: Mapping[str, str], endpoint: Endpoint, home: Path) -> dict[str, str]:
    """Create cluster, log group and task definition; return the environment of Airflow."""
    workspace = f"{STUDIO_WORKSPACE}/"
    client = partial(local_client, endpoint=endpoint)
    client("ecs").create_cluster(clusterName=settings.CLUSTER)
    logs = client("logs")
    with suppress(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(logGroupName=settings.LOG_GROUP)
    variables = {
        **settings.container_variables(
            environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"], endpoint.region, workspace
        ),
        **{name: environment[name] for name in FROM_IMAGE if name in environment},
        **{name: value for name, value in environment.items() if name.startswith(OF_PRODUCT)},
        "AIRFLOW_HOME": str(home),
    }
    client("ecs").register_task_definition(
        family=settings.FAMILY,
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu=settings.TASK_CPU,
        memory=settings.TASK_MEMORY,
        containerDefinitions=[settings.container_definition(IMAGE, variables, endpoint.region)],
    )
    return {
        **environment,
        **settings.airflow_variables("LocalExecutor", endpoint.region, workspace, NETWORK),
    }
