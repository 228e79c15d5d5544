"""The training examples behind a customized model, which the image generator reads.

The endpoint trains nothing. A "customized model" keeps its data set, so that the generator can
compose labelled placeholders from it even after the data set was deleted.
"""

from local_aws.operations.context import Context
from local_aws.services.bedrock import (
    customization_jobs,
    deployments,
    provisioned_throughput,
    resources,
)
from local_aws.services.bedrock.training_store import TrainingExample, examples

__all__ = ["TrainingExample", "find_served_model", "load_training_set"]


def load_training_set(context: Context, model_arn_or_provisioned_arn: str) -> list[TrainingExample]:
    """Return the examples of a customized model, in the order of its manifest.

    Accepts the ARN or name of a custom model, a provisioned throughput or a custom model
    deployment. Capacity on a base model has no examples: an empty list.

    Raises:
        ServiceError: ResourceNotFoundException if there is no such model;
            ModelNotReadyException if its capacity is not in service yet.
    """
    model = context.state.get(
        resources.CUSTOM_MODEL, find_served_model(context, model_arn_or_provisioned_arn)
    )
    return [] if model is None else examples(context, model["job_arn"])


def find_served_model(context: Context, identifier: str) -> str:
    """Return the ARN of the model behind a custom model, throughput or deployment.

    Raises:
        ServiceError: as `load_training_set`.
    """
    customization_jobs.settle(context)
    throughput = resources.find(context, resources.THROUGHPUT, identifier)
    if throughput is not None:
        return provisioned_throughput.find_serving_model(context, throughput)
    deployment = resources.find(context, resources.DEPLOYMENT, identifier)
    if deployment is not None:
        return deployments.find_serving_model(context, deployment)
    model_arn: str = resources.require(context, resources.CUSTOM_MODEL, identifier)["arn"]
    return model_arn
