"""The Bedrock control plane: everything but InvokeModel and Converse."""

from local_aws.operation_table import Handler
from local_aws.services import (
    bedrock_deployments,
    bedrock_jobs,
    bedrock_models,
    bedrock_tags,
    bedrock_throughput,
)

OPERATIONS: dict[str, Handler] = {
    **bedrock_models.OPERATIONS,
    **bedrock_jobs.OPERATIONS,
    **bedrock_throughput.OPERATIONS,
    **bedrock_deployments.OPERATIONS,
    **bedrock_tags.OPERATIONS,
}
"""AWS operation name -> handler."""
