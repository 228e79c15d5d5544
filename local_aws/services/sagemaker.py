"""The part of the SageMaker control plane that human review needs."""

from local_aws.operation_table import Handler
from local_aws.services import flow_definitions, human_task_uis, sagemaker_tags, workteams

OPERATIONS: dict[str, Handler] = {
    **human_task_uis.OPERATIONS,
    **flow_definitions.OPERATIONS,
    **workteams.OPERATIONS,
    **sagemaker_tags.OPERATIONS,
}
"""AWS operation name -> handler."""
