"""The registry of services: the module of each, and the operations it answers."""

import functools
import importlib
from collections.abc import Mapping
from types import ModuleType

from botocore import xform_name

from local_aws.operations.context import Handler
from local_aws.protocol.service_models import service_model

SERVICE_MODULES: dict[str, str] = {
    "s3": "local_aws.services.s3.operations",
    "sqs": "local_aws.services.sqs.operations",
    "bedrock": "local_aws.services.bedrock.operations",
    "bedrock-runtime": "local_aws.services.bedrock_runtime.operations",
    "rekognition": "local_aws.services.rekognition.operations",
    "sagemaker": "local_aws.services.sagemaker.operations",
    "sagemaker-a2i-runtime": "local_aws.services.sagemaker.a2i_runtime",
    "ecs": "local_aws.services.ecs.operations",
    "logs": "local_aws.services.logs.operations",
    "service-quotas": "local_aws.services.service_quotas",
    "kms": "local_aws.services.kms.operations",
}
"""boto3 client name -> module. moto answers IAM and STS: see `services.iam.moto_services`."""


def load_service(service: str) -> ModuleType:
    """Return the module of a service, imported at its first use."""
    return importlib.import_module(SERVICE_MODULES[service])


@functools.cache
def load_operations(service: str) -> Mapping[str, Handler]:
    """Return the handlers of a service by AWS operation name.

    A handler is a function of the service's module, or of its `PARTS`, with the operation's boto3
    name. A module may have a `guard`, which puts the checks of every request before a handler.
    """
    module = load_service(service)
    guard = getattr(module, "guard", lambda operation, handler: handler)
    operations = {xform_name(name): name for name in service_model(service).operation_names}
    return {
        operations[name]: guard(operations[name], handler)
        for part in getattr(module, "PARTS", (module,))
        for name, handler in vars(part).items()
        if name in operations
    }
