"""Call the Bedrock control plane: model life cycles, customization jobs, provisioned throughput.

Sources: Amazon Bedrock API reference (GetFoundationModel, CreateModelCustomizationJob,
CreateProvisionedModelThroughput and their Get and Delete calls).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from storyboard_ops.domain.error_tree import Conflict, NameTaken, NotFound, RequestRefused
from storyboard_ops.domain.utc_time import iso, iso_millis
from storyboard_ops.gateways.aws.calls import call_unless, list_all
from storyboard_ops.gateways.aws.errors import translated

if TYPE_CHECKING:
    from mypy_boto3_bedrock import BedrockClient

#: What a create call raises when its name is taken, among other causes: check who owns it.
NAME_TAKEN = (NameTaken, RequestRefused)
#: What a delete call raises when the state of the resource does not allow it.
REFUSED = (Conflict, RequestRefused)


@dataclass(frozen=True)
class ModelLifecycle:
    """Whether a base model may still be customized and served."""

    model_id: str
    status: str  # ACTIVE or LEGACY
    legacy_since: str  # ISO 8601 or empty
    end_of_life: str  # ISO 8601 or empty
    customizations: tuple[str, ...]  # e.g. FINE_TUNING


@dataclass(frozen=True)
class JobState:
    """A customization job as the service reports it."""

    arn: str
    name: str
    status: str  # InProgress, Completed, Failed, Stopping, Stopped
    failure: str
    training_uri: str
    base_model: str
    model_arn: str  # of the customized model; empty until the job has completed
    metrics: dict[str, float]
    created_at: str  # ISO 8601
    model_name: str  # that it gives to the customized model
    output_uri: str
    hyperparameters: dict[str, str]
    ended_at: str = ""  # ISO 8601; empty while it runs
    progress: tuple[tuple[str, str], ...] = ()  # stage and its status, e.g. training, InProgress


@dataclass(frozen=True)
class ThroughputState:
    """A provisioned throughput as the service reports it."""

    arn: str
    name: str
    status: str  # Creating, InService, Updating, Failed
    failure: str
    model_arn: str
    model_units: int
    commitment: str  # OneMonth, SixMonths, or "none"
    created_at: str  # ISO 8601


@dataclass(frozen=True)
class ModelState:
    """A customized model as the service reports it."""

    arn: str
    name: str
    created_at: str  # ISO 8601


@dataclass(frozen=True)
class JobRequest:
    """Parameters of a customization job."""

    job_name: str
    model_name: str
    role_arn: str
    base_model_id: str
    training_uri: str
    output_uri: str
    hyperparameters: dict[str, str]  # Bedrock takes them as text
    client_token: str
    tags: dict[str, str]
    model_tags: dict[str, str]


@dataclass(frozen=True)
class CapacityRequest:
    """Parameters of a provisioned throughput."""

    name: str
    model_arn: str
    model_units: int
    commitment: str  # OneMonth, SixMonths, or "none": billed by the hour
    client_token: str
    tags: dict[str, str]


class BedrockControl:
    """Each method is one call; ``find_*`` return None for a name that does not exist."""

    def __init__(self, client: BedrockClient) -> None:
        self._client = translated("bedrock", client)

    def lifecycle(self, model_id: str) -> ModelLifecycle | None:
        """Return the life cycle of a base model; None when the service does not know it."""
        try:
            details = self._client.get_foundation_model(modelIdentifier=model_id)["modelDetails"]
        except (NotFound, RequestRefused):
            # Bedrock answers a well-formed id of an unknown or ended model with either.
            return None
        cycle: dict[str, Any] = dict(details.get("modelLifecycle", {"status": "ACTIVE"}))
        return ModelLifecycle(
            model_id=model_id,
            status=cycle["status"],
            legacy_since=iso(cycle["legacyTime"]) if "legacyTime" in cycle else "",
            end_of_life=iso(cycle["endOfLifeTime"]) if "endOfLifeTime" in cycle else "",
            customizations=tuple(details.get("customizationsSupported", ())),
        )

    def find_job(self, name: str) -> JobState | None:
        """Find a customization job by name or ARN."""
        try:
            job: Any = self._client.get_model_customization_job(jobIdentifier=name)
        except NotFound:
            return None
        return JobState(
            arn=job["jobArn"],
            name=job["jobName"],
            status=job["status"],
            failure=job.get("failureMessage", ""),
            training_uri=job["trainingDataConfig"]["s3Uri"],
            base_model=job["baseModelArn"],
            model_arn=job.get("outputModelArn", ""),
            metrics=dict(job.get("trainingMetrics", {})),
            created_at=iso_millis(job["creationTime"]),
            model_name=job["outputModelName"],
            output_uri=job["outputDataConfig"]["s3Uri"],
            hyperparameters=dict(job.get("hyperParameters", {})),
            ended_at=iso(job["endTime"]) if "endTime" in job else "",
            progress=_progress(job.get("statusDetails", {})),
        )

    def create_job(self, request: JobRequest) -> str:
        """Start a customization job; returns its ARN. The client token makes it idempotent."""
        answer = self._client.create_model_customization_job(
            jobName=request.job_name,
            customModelName=request.model_name,
            roleArn=request.role_arn,
            clientRequestToken=request.client_token,
            baseModelIdentifier=request.base_model_id,
            customizationType="FINE_TUNING",
            trainingDataConfig={"s3Uri": request.training_uri},
            outputDataConfig={"s3Uri": request.output_uri},
            hyperParameters=request.hyperparameters,
            jobTags=_tags(request.tags),
            customModelTags=_tags(request.model_tags),
        )
        return answer["jobArn"]

    def stop_job(self, name: str) -> bool:
        """Stop a running job; False when it has already ended."""
        stop = self._client.stop_model_customization_job
        return call_unless((Conflict, NotFound), stop, jobIdentifier=name)

    def find_model(self, name: str) -> ModelState | None:
        """Find a customized model by name or ARN."""
        try:
            found = self._client.get_custom_model(modelIdentifier=name)
        except NotFound:
            return None
        return ModelState(found["modelArn"], found["modelName"], iso_millis(found["creationTime"]))

    def find_throughput(self, name: str) -> ThroughputState | None:
        """Find a provisioned throughput by name or ARN."""
        try:
            found: Any = self._client.get_provisioned_model_throughput(provisionedModelId=name)
        except NotFound:
            return None
        return ThroughputState(
            arn=found["provisionedModelArn"],
            name=found["provisionedModelName"],
            status=found["status"],
            failure=found.get("failureMessage", ""),
            model_arn=found["modelArn"],
            model_units=found["modelUnits"],
            commitment=found.get("commitmentDuration", "none"),
            created_at=iso_millis(found["creationTime"]),
        )

    def units_in_use(self, except_for: str) -> int:
        """Count model units without commitment, except those of names that start with a prefix."""
        listing, key = "list_provisioned_model_throughputs", "provisionedModelSummaries"
        return sum(
            found["modelUnits"]
            for found in list_all(self._client, listing, key)
            if "commitmentDuration" not in found
            and not found["provisionedModelName"].startswith(except_for)
        )

    def create_throughput(self, request: CapacityRequest) -> str:
        """Buy capacity; returns its ARN. The client token makes it idempotent."""
        term: Any = {"commitmentDuration": request.commitment}
        answer = self._client.create_provisioned_model_throughput(
            provisionedModelName=request.name,
            modelId=request.model_arn,
            modelUnits=request.model_units,
            clientRequestToken=request.client_token,
            tags=_tags(request.tags),
            **({} if request.commitment == "none" else term),
        )
        return answer["provisionedModelArn"]

    def tag(self, arn: str, tags: dict[str, str]) -> None:
        """Tag a job, a model or a throughput; a tag of the same key is replaced."""
        self._client.tag_resource(resourceARN=arn, tags=_tags(tags))

    def tags(self, arn: str) -> dict[str, str]:
        """Read the tags of a job, a model or a throughput."""
        listed = self._client.list_tags_for_resource(resourceARN=arn)["tags"]
        return {tag["key"]: tag["value"] for tag in listed}

    def delete_throughput(self, arn: str) -> bool:
        """Delete a throughput, which ends its billing; False when it no longer exists."""
        delete = self._client.delete_provisioned_model_throughput
        return call_unless(NotFound, delete, provisionedModelId=arn)

    def delete_model(self, arn: str) -> bool:
        """Delete a customized model; False when it no longer exists."""
        return call_unless(NotFound, self._client.delete_custom_model, modelIdentifier=arn)


def _progress(details: Any) -> tuple[tuple[str, str], ...]:
    return tuple((f"{stage}", f"{facts.get('status', '')}") for stage, facts in details.items())


def _tags(tags: dict[str, str]) -> Any:
    return [{"key": key, "value": value} for key, value in sorted(tags.items())]
