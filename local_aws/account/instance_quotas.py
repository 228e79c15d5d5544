"""SageMaker's quotas of instances, one for every type and use, from `data/service_quotas.yaml`."""

import functools
import math
import re
from collections.abc import Mapping
from typing import Any

from local_aws.account.call_quotas import read_quotas
from local_aws.account.settings import EndpointSettings
from local_aws.protocol.errors import ServiceError
from local_aws.protocol.service_models import service_model
from local_aws.storage.state_store import StateStore

TRAINING, SPOT, PROCESSING = "TRAINING", "SPOT", "PROCESSING"
VALUES = "quota-values"
"""The kind, and the id, of the document with the values that were set while the endpoint ran."""

_TYPES = {
    TRAINING: "TrainingInstanceType",
    SPOT: "TrainingInstanceType",
    PROCESSING: "ProcessingInstanceType",
}


@functools.cache
def list_instance_quotas() -> tuple[dict[str, Any], ...]:
    """Return the rows of these quotas, like those of the file."""
    rule = read_quotas()["instances"]
    model = service_model("sagemaker")
    return tuple(
        {
            "service": rule["service"],
            "code": f"L-LOCAL-{use}-{instance.replace('.', '-')}",
            "name": name_quota(use, instance),
            "value": _find_default(instance, rule),
            "adjustable": rule["adjustable"],
        }
        for use in rule["uses"]
        for instance in model.shape_for(_TYPES[use]).metadata["enum"]
    )


def name_quota(use: str, instance_type: str) -> str:
    """Return the name of a quota, such as "ml.g6e.2xlarge for training job usage"."""
    return f"{instance_type} for {read_quotas()['instances']['uses'][use]}"


def _find_default(instance_type: str, rule: Mapping[str, Any]) -> float:
    families = "|".join(rule["accelerated"]["families"])
    accelerated = re.match(rf"ml\.({families})\d", instance_type)
    return float(rule["accelerated" if accelerated else "others"]["value"])


def read_value(row: Mapping[str, Any], settings: EndpointSettings, state: StateStore) -> float:
    """Return the value of a quota: as it was set, else as in its row."""
    return float(read_values(settings, state).get(row["name"], row["value"]))


def read_values(settings: EndpointSettings, state: StateStore) -> dict[str, float]:
    """Return the values that were set, by the names of the quotas: the last ones that were."""
    return {**settings.quota_values, **(state.get(VALUES, VALUES) or {})}


def replace_values(values: Mapping[str, float], state: StateStore) -> None:
    """Set the values of quotas by their names until others are set; survives a restart.

    Raises ValueError for the name of no quota of instances, or a negative value.
    """
    names = {row["name"] for row in list_instance_quotas()}
    for name, value in values.items():
        if name not in names or not 0 <= value < math.inf:
            raise ValueError(f"{name!r} = {value}: name a quota of instances, 0 or more")
    state.put(VALUES, VALUES, dict(values))


def require_instances(
    use: str, instance_type: str, used: int, settings: EndpointSettings, state: StateStore
) -> None:
    """Raise ServiceError ResourceLimitExceeded unless one more instance may run."""
    name = name_quota(use, instance_type)
    row = next(row for row in list_instance_quotas() if row["name"] == name)
    value = int(read_value(row, settings, state))
    if used + 1 > value:
        raise ServiceError(
            "ResourceLimitExceeded",
            f"The account-level service limit '{name}' is {value} Instances, with current "
            f"utilization of {used} Instances and a request delta of 1 Instances. Please use AWS "
            "Service Quotas to request an increase for this quota. If AWS Service Quotas is not "
            "available, contact AWS support to request an increase for this quota.",
        )
