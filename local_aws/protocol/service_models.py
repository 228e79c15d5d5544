"""The botocore models of the services, and the clients of each signing name."""

import functools
from collections.abc import Mapping

from moto.core.model import ServiceModel
from moto.core.utils import get_service_model

CLIENTS_BY_SIGNING_NAME: Mapping[str, tuple[str, ...]] = {
    "s3": ("s3",),
    "bedrock": ("bedrock", "bedrock-runtime"),
    "rekognition": ("rekognition",),
    "sagemaker": ("sagemaker", "sagemaker-a2i-runtime"),
    "servicequotas": ("service-quotas",),
    "ecs": ("ecs",),
    "logs": ("logs",),
    "sqs": ("sqs",),
    "kms": ("kms",),
    "iam": ("iam",),
    "sts": ("sts",),
}
"""Signing name of the credential scope -> boto3 clients that sign with it."""


@functools.cache
def service_model(client: str) -> ServiceModel:
    """Return the botocore model of a service by its boto3 client name."""
    return get_service_model(client)
