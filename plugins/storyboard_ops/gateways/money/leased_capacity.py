"""Find, read the tags of, and end what bills in the account while it exists, by kind.

CAPACITY_KINDS is in the order in which they must end: a customized model cannot be deleted while
capacity serves it. Sources: the API references of Amazon Bedrock and Amazon Rekognition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from storyboard_ops.domain.error_tree import NotFound
from storyboard_ops.gateways.aws.errors import translated

#: A Custom Labels model bills in these states.
RUNNING = frozenset({"STARTING", "RUNNING"})


@dataclass(frozen=True)
class Billing:
    """A resource that costs money while it exists."""

    arn: str
    name: str


@dataclass(frozen=True)
class CapacityKind:
    """One kind of resource that bills. Its functions take the result of ``client``."""

    name: str
    service: str
    find: Callable[[Any], Iterator[Billing]]
    tags: Callable[[Any, str], Mapping[str, str]]
    end: Callable[[Any, str], None]  # deletes or stops it

    def client(self, clients: Callable[[str], Any]) -> Any:
        """Make the client that the functions take; its calls raise ServiceErrors."""
        return translated(self.service, clients(self.service))


def is_gone(error: Exception) -> bool:
    """Return whether a listed resource no longer exists: lists lag, and others may be faster."""
    return isinstance(error, NotFound)


def _throughputs(bedrock: Any) -> Iterator[Billing]:
    pages = bedrock.get_paginator("list_provisioned_model_throughputs").paginate()
    for page in pages:
        for found in page["provisionedModelSummaries"]:
            yield Billing(found["provisionedModelArn"], found["provisionedModelName"])


def _deployments(bedrock: Any) -> Iterator[Billing]:
    for page in bedrock.get_paginator("list_custom_model_deployments").paginate():
        for found in page["modelDeploymentSummaries"]:
            yield Billing(found["customModelDeploymentArn"], found["customModelDeploymentName"])


def _running_jobs(bedrock: Any) -> Iterator[Billing]:
    pages = bedrock.get_paginator("list_model_customization_jobs")
    for page in pages.paginate(statusEquals="InProgress"):
        for found in page["modelCustomizationJobSummaries"]:
            yield Billing(found["jobArn"], found["jobName"])


def _custom_models(bedrock: Any) -> Iterator[Billing]:
    for page in bedrock.get_paginator("list_custom_models").paginate(isOwned=True):
        for found in page["modelSummaries"]:
            yield Billing(found["modelArn"], found["modelName"])


def _running_label_models(rekognition: Any) -> Iterator[Billing]:
    projects = rekognition.get_paginator("describe_projects").paginate()
    versions = rekognition.get_paginator("describe_project_versions")
    for project in (one for page in projects for one in page["ProjectDescriptions"]):
        for page in versions.paginate(ProjectArn=project["ProjectArn"]):
            for found in page["ProjectVersionDescriptions"]:
                if found["Status"] in RUNNING:
                    arn = found["ProjectVersionArn"]
                    yield Billing(arn, "/".join(arn.split("/")[1:4:2]))


def _bedrock_tags(bedrock: Any, arn: str) -> Mapping[str, str]:
    tags = bedrock.list_tags_for_resource(resourceARN=arn)["tags"]
    return {tag["key"]: tag["value"] for tag in tags}


def _rekognition_tags(rekognition: Any, arn: str) -> Mapping[str, str]:
    tags: dict[str, str] = rekognition.list_tags_for_resource(ResourceArn=arn)["Tags"]
    return tags


CAPACITY_KINDS = (
    CapacityKind(
        "provisioned throughput",
        "bedrock",
        _throughputs,
        _bedrock_tags,
        lambda bedrock, arn: bedrock.delete_provisioned_model_throughput(provisionedModelId=arn),
    ),
    CapacityKind(
        "custom model deployment",
        "bedrock",
        _deployments,
        _bedrock_tags,
        lambda bedrock, arn: bedrock.delete_custom_model_deployment(
            customModelDeploymentIdentifier=arn
        ),
    ),
    CapacityKind(
        "custom labels inference",
        "rekognition",
        _running_label_models,
        _rekognition_tags,
        lambda rekognition, arn: rekognition.stop_project_version(ProjectVersionArn=arn),
    ),
    CapacityKind(
        "customization job",
        "bedrock",
        _running_jobs,
        _bedrock_tags,
        lambda bedrock, arn: bedrock.stop_model_customization_job(jobIdentifier=arn),
    ),
    CapacityKind(
        "custom model",
        "bedrock",
        _custom_models,
        _bedrock_tags,
        lambda bedrock, arn: bedrock.delete_custom_model(modelIdentifier=arn),
    ),
)
