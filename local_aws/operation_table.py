"""Which module answers which service, and the table of operations it serves."""

import importlib
import importlib.util
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from local_aws.call_context import Context

Request = dict[str, Any]
Answer = dict[str, Any]
Handler = Callable[[Request, Context], Answer]

SERVICE_MODULES: dict[str, str] = {
    "s3": "local_aws.services.s3",
    "sqs": "local_aws.services.sqs",
    "bedrock": "local_aws.services.bedrock",
    "bedrock-runtime": "local_aws.services.bedrock_runtime",
    "rekognition": "local_aws.services.rekognition",
    "sagemaker": "local_aws.services.sagemaker",
    "sagemaker-a2i-runtime": "local_aws.services.a2i_runtime",
    "ecs": "local_aws.services.ecs",
    "service-quotas": "local_aws.services.service_quotas",
}
"""boto3 client name -> module. IAM and STS are answered by moto, see `moto_services`."""


def service_module(service: str) -> ModuleType | None:
    """The module of a service, imported at its first use; None if the endpoint has none."""
    name = SERVICE_MODULES.get(service)
    if name is None or importlib.util.find_spec(name) is None:
        return None
    return importlib.import_module(name)


def operations(service: str) -> Mapping[str, Handler]:
    """The operations a service answers, by AWS operation name; empty if it has no module."""
    module = service_module(service)
    table: Mapping[str, Handler] = module.OPERATIONS if module else {}
    return table
