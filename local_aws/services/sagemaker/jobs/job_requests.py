"""Checks of requests that training and processing jobs share."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from local_aws.account.instance_quotas import require_instances
from local_aws.operations import role_trust
from local_aws.operations.context import Context
from local_aws.protocol.errors import ServiceError
from local_aws.services.sagemaker import resources
from local_aws.services.sagemaker.jobs import job_store

ML_ROOT = PurePosixPath("/opt/ml")


def require_role(context: Context, role_arn: str) -> None:
    """Raise ServiceError ValidationException unless SageMaker may assume the role."""
    if not role_trust.may_assume(context, role_arn, resources.SAGEMAKER):
        raise ServiceError(
            "ValidationException",
            f"Could not assume role {role_arn}. Please ensure that the role exists and allows "
            f"principal '{resources.SAGEMAKER}' to assume the role.",
        )


def require_uri(name: str, uri: str) -> str:
    """Return the URI; raises ServiceError ValidationException unless it is S3's."""
    if not uri.startswith("s3://"):
        raise ServiceError("ValidationException", f"{name} {uri} must begin with s3://.")
    return uri


def find_ml_path(name: str, path: str, root: PurePosixPath = ML_ROOT) -> str:
    """Return a path relative to /opt/ml; raises ServiceError unless it is below `root`."""
    pure = PurePosixPath(path)
    if ".." in pure.parts or not pure.is_relative_to(root) or pure == root:
        raise ServiceError("ValidationException", f"{name} {path} must be a folder below {root}.")
    return str(pure.relative_to(ML_ROOT))


def require_different(name: str, values: Iterable[str]) -> None:
    """Raise ServiceError ValidationException if two of the values are equal."""
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise ServiceError("ValidationException", f"{name} {value} is given more than once.")
        seen.add(value)


def choose_instances(
    context: Context, kind: str, use: str, cluster: Mapping[str, Any], spot: bool = False
) -> list[str]:
    """Return the types of instances that the job may have, in order of preference.

    Raises:
        ServiceError: ValidationException unless the request names one type, or preferences, and a
            count; ResourceLimitExceeded if the quota of none of the types has room.
    """
    types = _read_types(cluster)
    refusals = []
    allowed = []
    for instance_type in types:
        used = job_store.count_instances(context, kind, instance_type, spot)
        try:
            require_instances(use, instance_type, used, context.settings, context.state)
            allowed.append(instance_type)
        except ServiceError as error:
            refusals.append(error)
    if not allowed:
        raise refusals[0]
    return allowed


def _read_types(cluster: Mapping[str, Any]) -> Sequence[str]:
    preferences = cluster.get("InstancePreferences", [])
    counts = [one.get("InstanceCount") for one in preferences] or [None]
    shared = cluster.get("InstanceCount")
    if ("InstanceType" in cluster) == bool(preferences):
        raise ServiceError(
            "ValidationException", "Give either InstanceType or InstancePreferences."
        )
    if any((count is None) == (shared is None) for count in counts):
        raise ServiceError(
            "ValidationException",
            "Give InstanceCount once for the job, or for every one of InstancePreferences.",
        )
    types = [one["InstanceType"] for one in preferences] or [cluster["InstanceType"]]
    require_different("InstanceType", types)
    return types
