"""IAM for tests: what a call of boto3 needs, and whether a policy of include/iam allows it.

A small evaluator of Allow statements: actions and resources with wildcards. Conditions count as
met; that they can be is for the tests that look at tags. Actions and resource types are those of
the Service Authorization Reference.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from unittest import mock

from aiobotocore.client import AioBaseClient
from botocore.client import BaseClient

from launcher.aws import blueprint
from launcher.state.layout import Project
from local_aws.services.iam.action_resources import read_actions
from storyboard_ops.domain.models.model_ids import is_profile
from tests.studio.studio_fixture import Studio

PRODUCT = str(Project().plugins)
#: Actions that are not named like their operation.
ACTION_OF = {
    ("s3", "HeadObject"): "s3:GetObject",
    ("s3", "HeadBucket"): "s3:ListBucket",
    ("s3", "ListObjectsV2"): "s3:ListBucket",
    ("s3", "ListObjectVersions"): "s3:ListBucketVersions",
    ("s3", "DeleteObjects"): "s3:DeleteObject",
    ("s3", "CopyObject"): "s3:PutObject",
    ("s3", "GetBucketEncryption"): "s3:GetEncryptionConfiguration",
    ("bedrock-runtime", "Converse"): "bedrock:InvokeModel",
}
PREFIX_OF = {
    "bedrock-runtime": "bedrock",
    "sagemaker-a2i-runtime": "sagemaker",
    "service-quotas": "servicequotas",
}
#: Calls that everybody may make.
FREE = frozenset({("sts", "GetCallerIdentity")})
#: The parameter that names a call's resource, and the resource's type where it is a mere name.
RESOURCE_OF = {
    "modelIdentifier": "custom-model",
    "inferenceProfileIdentifier": "inference-profile",
    "jobIdentifier": "model-customization-job",
    "jobName": "model-customization-job",
    "provisionedModelId": "provisioned-model",
    "provisionedModelName": "provisioned-model",
    "customModelDeploymentIdentifier": "custom-model-deployment",
    "resourceARN": "",
    "ResourceArn": "",
    "CollectionId": "collection",
    "ProjectName": "project",
    "ProjectArn": "",
    "ProjectVersionArn": "",
    "DatasetArn": "",
    "FlowDefinitionArn": "",
    "FlowDefinitionName": "flow-definition",
    "HumanTaskUiName": "human-task-ui",
    "HumanLoopName": "human-loop",
    "TrainingJobName": "training-job",
    "ProcessingJobName": "processing-job",
    "PolicySourceArn": "",
    "RoleName": "role",
    "KeyId": "key",
}


@dataclass(frozen=True)
class Account:
    """Whose resources calls name."""

    account: str
    region: str
    bucket: str
    prefix: str = ""  # of the workspace
    key: str = ""  # of KMS, for the bucket

    @classmethod
    def of(cls, studio: Studio) -> Account:
        """The account of a test's studio."""
        sts = studio.client("sts")
        return cls(sts.get_caller_identity()["Account"], sts.meta.region_name, studio.bucket)

    def statements(self, file: str) -> list[dict[str, Any]]:
        """The statements of a policy of include/iam; of an access policy, with those on the key."""
        names = blueprint.Names(self.account, self.region, self.bucket, self.prefix, key=self.key)
        policies = Project().policies
        roles = {f"{stem}-access": role for role, stem in blueprint.ROLES.items()}
        if file in roles:
            return list(blueprint.read_access(policies, names, roles[file])["Statement"])
        return list(blueprint.read_policy(policies, names, file)["Statement"])


def action_of(service: str, operation: str) -> str:
    """The IAM action of an operation."""
    plain = f"{PREFIX_OF.get(service, service)}:{operation}"
    return ACTION_OF.get((service, operation), plain)


def needs(
    account: Account, service: str, operation: str, params: dict[str, Any]
) -> list[tuple[str, str]]:
    """Every action with its resource that a call needs."""
    if (service, operation) in FREE:
        return []
    action = action_of(service, operation)
    if service == "s3":
        return _s3_needs(action, operation, params)
    needed = [(action, _resource(account, service, action, params))]
    roles = [params[name] for name in ("roleArn", "RoleArn") if name in params]
    needed += [("iam:PassRole", role) for role in roles]
    if service == "bedrock" and any(name.lower().endswith("tags") for name in params):
        needed.append(("bedrock:TagResource", needed[0][1]))
    if service == "rekognition" and operation.startswith("Create") and params.get("Tags"):
        tag = "rekognition:TagResource"
        needed.append((tag, _resource(account, service, tag, params)))
    return needed


def _s3_needs(action: str, operation: str, params: dict[str, Any]) -> list[tuple[str, str]]:
    bucket = f"arn:aws:s3:::{params['Bucket']}"
    if operation == "DeleteObjects":
        return [(action, f"{bucket}/{item['Key']}") for item in params["Delete"]["Objects"]]
    if "Key" not in params:
        return [(action, bucket)]
    needed = [(action, f"{bucket}/{params['Key']}")]
    if source := params.get("CopySource"):
        needed.append(("s3:GetObject", f"arn:aws:s3:::{source['Bucket']}/{source['Key']}"))
    return needed


def _resource(account: Account, service: str, action: str, params: dict[str, Any]) -> str:
    if read_actions()["actions"].get(action) == []:
        return "*"
    own = f"{account.region}:{account.account}"
    if service == "sqs":
        name = params.get("QueueName") or params["QueueUrl"].rpartition("/")[2]
        return f"arn:aws:sqs:{own}:{name}"
    if "modelId" in params and service == "bedrock-runtime":
        model = params["modelId"]
        if model.startswith("arn:"):
            return str(model)
        if is_profile(model):  # the models behind it are tested with preflight's check of rights
            return f"arn:aws:bedrock:{own}:inference-profile/{model}"
        return f"arn:aws:bedrock:{account.region}::foundation-model/{model}"
    if action == "bedrock:GetFoundationModel":
        return f"arn:aws:bedrock:{account.region}::foundation-model/{params['modelIdentifier']}"
    for name, kind in RESOURCE_OF.items():
        if name in params:
            value = params[name]
            if service == "iam" and ":user/" in value:
                # Who runs the tests asks for its own rights: on AWS that is this role.
                value = "StoryboardAirflow"
                kind = "role"
            if value.startswith("arn:"):
                return str(value)
            home = (
                f"iam::{account.account}" if service == "iam" else f"{action.split(':')[0]}:{own}"
            )
            return f"arn:aws:{home}:{kind}/{value}"
    raise AssertionError(f"{action}: no resource in {sorted(params)}; see RESOURCE_OF")


def allows(statements: list[dict[str, Any]], action: str, resource: str) -> bool:
    """Whether one of the statements allows an action on a resource."""
    return any(
        any(fnmatchcase(action, pattern) for pattern in statement["Action"])
        and any(fnmatchcase(resource, pattern) for pattern in statement["Resource"])
        for statement in statements
    )


def service_may(
    statements: list[dict[str, Any]],
    service: str,
    action: str,
    resource: str,
    context: dict[str, str],
) -> bool:
    """Whether a resource's policy allows a service to act, with the context of its request."""
    named = [
        statement
        for statement in statements
        if statement["Effect"] == "Allow"
        and statement["Principal"] == {"Service": f"{service}.amazonaws.com"}
        and statement.get("Condition", {}).get("StringEquals", {}).items() <= context.items()
    ]
    assert all({*one.get("Condition", {})} <= {"StringEquals"} for one in named)
    listed = [
        {
            **one,
            "Resource": [one["Resource"]] if isinstance(one["Resource"], str) else one["Resource"],
        }
        for one in named
    ]
    return allows(listed, action, resource)


@dataclass
class Recorded:
    """The calls that the product has made, as (service, operation, parameters)."""

    calls: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, client: Any, operation: str, params: dict[str, Any]) -> None:
        service = client.meta.service_model.service_name
        with self._lock:
            # botocore changes the parameters on their way to the wire.
            self.calls.append((service, operation, dict(params)))

    def denied(self, account: Account, file: str = "airflow-access") -> list[str]:
        """What was called and the policy does not allow, each once."""
        statements = account.statements(file)
        return sorted(
            {
                f"{action} on {resource}"
                for call in self.calls
                for action, resource in needs(account, *call)
                if not allows(statements, action, resource)
            }
        )


@contextmanager
def least_privilege(account: Account) -> Iterator[None]:
    """Fail when the product calls what the Airflow role may not, once the block has ended."""
    with recorded_calls() as recorded:
        yield
    assert recorded.calls, "nothing was called: the recorder does not see the product"
    assert recorded.denied(account) == []


@contextmanager
def recorded_calls() -> Iterator[Recorded]:
    """Write down every call of boto3 and aiobotocore that comes from the product's own code."""
    recorded = Recorded()
    call, acall = BaseClient._make_api_call, AioBaseClient._make_api_call

    def noted(self: Any, operation: str, params: dict[str, Any]) -> Any:
        if _from_product():
            recorded.note(self, operation, params)
        return call(self, operation, params)

    async def anoted(self: Any, operation: str, params: dict[str, Any]) -> Any:
        recorded.note(self, operation, params)
        return await acall(self, operation, params)

    with (
        mock.patch.object(BaseClient, "_make_api_call", noted),
        mock.patch.object(AioBaseClient, "_make_api_call", anoted),
    ):
        yield recorded


def _from_product() -> bool:
    frame = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_filename.startswith(PRODUCT):
            return True
        frame = frame.f_back
    return False


def product_files() -> list[Path]:
    """The files in which the product talks to AWS."""
    rooms = (Project().plugins / "storyboard_ops" / room for room in ("gateways", "airflow_ops"))
    return sorted(file for room in rooms for file in room.rglob("*.py"))
