"""The part of the SageMaker control plane that human review, training and drawing need."""

from local_aws.services.sagemaker import flow_definitions, human_task_uis, workteams
from local_aws.services.sagemaker.jobs import job_tags, processing_jobs, training_jobs

PARTS = (human_task_uis, flow_definitions, workteams, training_jobs, processing_jobs, job_tags)
"""Their functions answer the operations; see `services.registry`."""
