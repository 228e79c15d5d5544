"""The Bedrock control plane: everything but InvokeModel and Converse."""

from local_aws.operations.context import Handler
from local_aws.services.bedrock import (
    customization_jobs,
    deployments,
    models,
    provisioned_throughput,
    tags,
)

OPERATIONS: dict[str, Handler] = {
    **models.OPERATIONS,
    **customization_jobs.OPERATIONS,
    **provisioned_throughput.OPERATIONS,
    **deployments.OPERATIONS,
    **tags.OPERATIONS,
}
"""AWS operation name -> handler."""
