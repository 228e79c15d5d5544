"""Find, read the tags of, and end what bills in the account while it exists, by kind.

CAPACITY_KINDS is in the order in which they must end: a customized model cannot be deleted while
capacity serves it. Model deployments are not among them: they are billed by the call, and the
pipeline makes none. Sources: the API references of Amazon Bedrock, Rekognition and SageMaker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from storyboard_ops.domain.detection.detector_facts import BILLING
from storyboard_ops.domain.training.model_facts import ClaimKind
from storyboard_ops.gateways.aws.calls import list_all
from storyboard_ops.gateways.aws.errors import translated


@dataclass(frozen=True)
class Billing:
    """A resource that costs money while it exists."""

    arn: str
    name: str
    claimed_as: str  # the name in the claim of the run that bought it


@dataclass(frozen=True)
class CapacityKind:
    """One kind of resource that bills. Its functions take the result of ``client``."""

    name: ClaimKind
    service: str
    purpose: str  # in the names that ``aws_name`` gives
    find: Callable[[Any], Iterator[Billing]]
    tags: Callable[[Any, str], Mapping[str, str]]
    end: Callable[[Any, str], None]  # deletes or stops it

    def client(self, clients: Callable[[str], Any]) -> Any:
        """Make the client that the functions take; its calls raise ServiceErrors."""
        return translated(self.service, clients(self.service))


def _billing(arn: str, name: str) -> Billing:
    return Billing(arn, name, claimed_as=name)


def _throughputs(bedrock: Any) -> Iterator[Billing]:
    for found in list_all(
        bedrock, "list_provisioned_model_throughputs", "provisionedModelSummaries"
    ):
        yield _billing(found["provisionedModelArn"], found["provisionedModelName"])


def _running_jobs(bedrock: Any) -> Iterator[Billing]:
    listing, key = "list_model_customization_jobs", "modelCustomizationJobSummaries"
    for found in list_all(bedrock, listing, key, statusEquals="InProgress"):
        yield _billing(found["jobArn"], found["jobName"])


def _custom_models(bedrock: Any) -> Iterator[Billing]:
    for found in list_all(bedrock, "list_custom_models", "modelSummaries", isOwned=True):
        yield _billing(found["modelArn"], found["modelName"])


def _running_label_models(rekognition: Any) -> Iterator[Billing]:
    listing, key = "describe_project_versions", "ProjectVersionDescriptions"
    for project in list_all(rekognition, "describe_projects", "ProjectDescriptions"):
        for found in list_all(rekognition, listing, key, ProjectArn=project["ProjectArn"]):
            if found["Status"] in BILLING:
                arn = found["ProjectVersionArn"]
                _, name, _, version, *_ = arn.split("/")
                yield Billing(arn, f"{name}/{version}", claimed_as=name)


def _sagemaker_jobs(sagemaker: Any, listing: str, word: str) -> Iterator[Billing]:
    for found in list_all(sagemaker, listing, f"{word}JobSummaries", StatusEquals="InProgress"):
        yield _billing(found[f"{word}JobArn"], found[f"{word}JobName"])


def _job_name(arn: str) -> str:
    return arn.rpartition("/")[2]


def _bedrock_tags(bedrock: Any, arn: str) -> Mapping[str, str]:
    tags = bedrock.list_tags_for_resource(resourceARN=arn)["tags"]
    return {tag["key"]: tag["value"] for tag in tags}


def _rekognition_tags(rekognition: Any, arn: str) -> Mapping[str, str]:
    tags: dict[str, str] = rekognition.list_tags_for_resource(ResourceArn=arn)["Tags"]
    return tags


def _sagemaker_tags(sagemaker: Any, arn: str) -> Mapping[str, str]:
    listed = list_all(sagemaker, "list_tags", "Tags", ResourceArn=arn)
    return {tag["Key"]: tag["Value"] for tag in listed}


CAPACITY_KINDS = (
    CapacityKind(
        "provisioned throughput",
        "bedrock",
        "capacity",
        _throughputs,
        _bedrock_tags,
        lambda bedrock, arn: bedrock.delete_provisioned_model_throughput(provisionedModelId=arn),
    ),
    CapacityKind(
        "custom labels inference",
        "rekognition",
        "custom",
        _running_label_models,
        _rekognition_tags,
        lambda rekognition, arn: rekognition.stop_project_version(ProjectVersionArn=arn),
    ),
    CapacityKind(
        "customization job",
        "bedrock",
        "customize",
        _running_jobs,
        _bedrock_tags,
        lambda bedrock, arn: bedrock.stop_model_customization_job(jobIdentifier=arn),
    ),
    CapacityKind(
        "training job",
        "sagemaker",
        "train",
        lambda sagemaker: _sagemaker_jobs(sagemaker, "list_training_jobs", "Training"),
        _sagemaker_tags,
        lambda sagemaker, arn: sagemaker.stop_training_job(TrainingJobName=_job_name(arn)),
    ),
    CapacityKind(
        "drawing job",
        "sagemaker",
        "draw",
        lambda sagemaker: _sagemaker_jobs(sagemaker, "list_processing_jobs", "Processing"),
        _sagemaker_tags,
        lambda sagemaker, arn: sagemaker.stop_processing_job(ProcessingJobName=_job_name(arn)),
    ),
    CapacityKind(
        "custom model",
        "bedrock",
        "model",
        _custom_models,
        _bedrock_tags,
        lambda bedrock, arn: bedrock.delete_custom_model(modelIdentifier=arn),
    ),
)
