"""The part of the SageMaker control plane that human review needs."""

from local_aws.services.sagemaker import flow_definitions, human_task_uis, workteams

PARTS = (human_task_uis, flow_definitions, workteams)
"""Their functions answer the operations; see `services.registry`."""
