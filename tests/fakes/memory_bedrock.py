"""Bedrock's control plane in memory, as far as money goes: for tests without an endpoint."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

ACCOUNT = "arn:aws:bedrock:us-east-1:123456789012"


@dataclass
class MemoryBedrock:
    """Jobs, models and throughputs by name or ARN; ``calls`` lists what changed something.

    ``refusals`` holds error codes that the next calls of an operation answer, e.g.
    ``{"delete_provisioned_model_throughput": ["ConflictException"]}``.
    """

    now: datetime
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    models: dict[str, dict[str, Any]] = field(default_factory=dict)
    throughputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    refusals: dict[str, list[str]] = field(default_factory=dict)
    #: As of a boto3 client.
    meta: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(region_name="us-east-1"))

    def add_throughput(self, name: str, created: datetime, **facts: Any) -> str:
        """Capacity in service; returns its ARN."""
        arn = f"{ACCOUNT}:provisioned-model/{name}"
        known = {"provisionedModelArn": arn, "provisionedModelName": name, "status": "InService"}
        known |= {"modelArn": "arn:model", "modelUnits": 1, "creationTime": created}
        self.throughputs[name] = known | facts
        return arn

    def add_job(self, name: str, created: datetime, **facts: Any) -> str:
        """A customization job that runs; returns its ARN."""
        arn = f"{ACCOUNT}:model-customization-job/{name}"
        known = {"jobArn": arn, "jobName": name, "status": "InProgress", "creationTime": created}
        data: dict[str, Any] = {"trainingDataConfig": {"s3Uri": "s3://b/train.jsonl"}}
        data |= {"outputDataConfig": {"s3Uri": "s3://b/model/"}, "outputModelName": "model"}
        data["hyperParameters"] = {}
        self.jobs[name] = {**known, **data, "baseModelArn": "amazon.nova-canvas-v1:0", **facts}
        return arn

    def add_model(self, name: str, created: datetime) -> str:
        """A customized model; returns its ARN."""
        arn = f"{ACCOUNT}:custom-model/{name}"
        self.models[name] = {"modelArn": arn, "modelName": name, "creationTime": created}
        return arn

    def get_provisioned_model_throughput(self, provisionedModelId: str) -> dict[str, Any]:  # noqa: N803
        return _found(self.throughputs, provisionedModelId)

    def get_model_customization_job(self, jobIdentifier: str) -> dict[str, Any]:  # noqa: N803
        return _found(self.jobs, jobIdentifier)

    def get_custom_model(self, modelIdentifier: str) -> dict[str, Any]:  # noqa: N803
        return _found(self.models, modelIdentifier)

    def create_provisioned_model_throughput(self, **asked: Any) -> dict[str, Any]:
        self._made("create_provisioned_model_throughput")
        facts = {"modelArn": asked["modelId"], "modelUnits": asked["modelUnits"]}
        arn = self.add_throughput(asked["provisionedModelName"], self.now, **facts)
        self.tags[arn] = {tag["key"]: tag["value"] for tag in asked["tags"]}
        return {"provisionedModelArn": arn}

    def create_model_customization_job(self, **asked: Any) -> dict[str, Any]:
        self._made("create_model_customization_job")
        copied = ("trainingDataConfig", "outputDataConfig", "hyperParameters")
        facts = {name: asked[name] for name in copied} | {"asked": asked}
        facts["outputModelName"] = asked["customModelName"]
        arn = self.add_job(asked["jobName"], self.now, **facts)
        self.tags[arn] = {tag["key"]: tag["value"] for tag in asked["jobTags"]}
        return {"jobArn": arn}

    def delete_provisioned_model_throughput(self, provisionedModelId: str) -> None:  # noqa: N803
        self._made("delete_provisioned_model_throughput")
        _removed(self.throughputs, provisionedModelId)

    def stop_model_customization_job(self, jobIdentifier: str) -> None:  # noqa: N803
        self._made("stop_model_customization_job")
        _found(self.jobs, jobIdentifier)["status"] = "Stopped"

    def delete_custom_model(self, modelIdentifier: str) -> None:  # noqa: N803
        self._made("delete_custom_model")
        _removed(self.models, modelIdentifier)

    def tag_resource(self, resourceARN: str, tags: list[dict[str, str]]) -> None:  # noqa: N803
        self._made("tag_resource")
        self.tags.setdefault(resourceARN, {}).update({t["key"]: t["value"] for t in tags})

    def list_tags_for_resource(self, resourceARN: str) -> dict[str, Any]:  # noqa: N803
        tags = self.tags.get(resourceARN, {})
        return {"tags": [{"key": key, "value": value} for key, value in tags.items()]}

    def _made(self, operation: str) -> None:
        self.calls.append(operation)
        if codes := self.refusals.get(operation):
            raise ClientError({"Error": {"Code": codes.pop(0)}}, operation)


def _found(things: dict[str, dict[str, Any]], wanted: str) -> dict[str, Any]:
    for name, thing in things.items():
        if wanted in (name, *thing.values()):
            return thing
    raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "Get")


def _removed(things: dict[str, dict[str, Any]], wanted: str) -> None:
    thing = _found(things, wanted)
    del things[next(name for name, one in things.items() if one is thing)]
