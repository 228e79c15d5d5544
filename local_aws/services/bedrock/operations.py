"""The Bedrock control plane: everything but InvokeModel and Converse."""

from local_aws.services.bedrock import (
    customization_jobs,
    deployments,
    models,
    provisioned_throughput,
    tags,
)
from local_aws.services.bedrock.profiles import profile_operations

PARTS = (
    models,
    profile_operations,
    customization_jobs,
    provisioned_throughput,
    deployments,
    tags,
)
"""Their functions answer the operations; see `services.registry`."""
