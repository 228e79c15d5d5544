"""The part of the SageMaker control plane that human review needs."""

from local_aws.operations.context import Handler
from local_aws.services.sagemaker import flow_definitions, human_task_uis, workteams

OPERATIONS: dict[str, Handler] = {
    **human_task_uis.OPERATIONS,
    **flow_definitions.OPERATIONS,
    **workteams.OPERATIONS,
}
"""AWS operation name -> handler."""
