"""The registry of services: the module of each, and the operations it answers."""

import importlib
import importlib.util
from collections.abc import Mapping
from types import ModuleType

from local_aws.operations.context import Handler

SERVICE_MODULES: dict[str, str] = {
    "s3": "local_aws.services.s3.operations",
    "sqs": "local_aws.services.sqs.operations",
    "bedrock": "local_aws.services.bedrock.operations",
    "bedrock-runtime": "local_aws.services.bedrock_runtime.operations",
    "rekognition": "local_aws.services.rekognition.operations",
    "sagemaker": "local_aws.services.sagemaker.operations",
    "sagemaker-a2i-runtime": "local_aws.services.sagemaker.a2i_runtime",
    "ecs": "local_aws.services.ecs.operations",
    "service-quotas": "local_aws.services.service_quotas",
}
"""boto3 client name -> module. moto answers IAM and STS: see `services.iam.moto_services`."""


def load_service(service: str) -> ModuleType | None:
    """Return the module of a service, imported at its first use; None if there is none."""
    name = SERVICE_MODULES.get(service)
    if name is None or importlib.util.find_spec(name) is None:
        return None
    return importlib.import_module(name)


def load_operations(service: str) -> Mapping[str, Handler]:
    """Return the handlers of a service by AWS operation name; empty if it has no module."""
    module = load_service(service)
    table: Mapping[str, Handler] = module.OPERATIONS if module else {}
    return table
