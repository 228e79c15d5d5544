"""Check by IAM simulation that the caller has the rights that the run needs.

Only rights that are costly to lack halfway are simulated: to read and write the workspace, to use
the models, and to end what the run starts. ``include/iam/airflow-access.json`` grants all of them,
and more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from storyboard_ops.domain.money.resource_lease import OWNER, OWNER_TAG
from storyboard_ops.domain.object_keys import S3Uri, aws_name
from storyboard_ops.domain.preflight.preflight_report import Finding, failed, passed, warned
from storyboard_ops.domain.settings.base import Settings
from storyboard_ops.domain.settings.common import TrainingSettings
from storyboard_ops.domain.settings.pictures import DetectionSection
from storyboard_ops.domain.settings.review import ReviewSection
from storyboard_ops.domain.settings.training import TrainerSection
from storyboard_ops.gateways.aws import account as account_facts
from storyboard_ops.steps.review.open_review import review_role_arn
from storyboard_ops.steps.run.tool_box import ToolBox, has_section
from storyboard_ops.steps.training.bedrock.customize_model import training_role_arn
from storyboard_ops.steps.training.open_model import job_role_arn

#: Conditions of the policy: on a resource before it is ended, and on a role before it is passed.
OWNED = {f"aws:ResourceTag/{OWNER_TAG}": OWNER}
PASSED_TO = "iam:PassedToService"


@dataclass(frozen=True)
class Right:
    """Actions on one resource, with the context that policy conditions may test."""

    actions: tuple[str, ...]
    resource: str  # ARN, or "*"
    context: Mapping[str, str] = field(default_factory=dict)


def check_own_rights(tools: ToolBox) -> Finding:
    """Check that the caller has every right that this run needs, as simulated by IAM."""
    return check_caller(tools, needed_rights(tools))


def check_caller(tools: ToolBox, rights: Iterable[Right]) -> Finding:
    """Check that the caller has some rights, as simulated by IAM."""
    principal = account_facts.policy_source(tools.clients("iam"), tools.caller_arn)
    if not principal:
        return warned(
            f"could not be checked: IAM simulates users and roles, not {tools.caller_arn}.",
            "Let Airflow assume the role StoryboardAirflow (include/iam).",
        )
    if denied := denied_rights(tools, principal, rights):
        return failed(
            f"{principal} lacks: {', '.join(denied)}.",
            "Attach the policy include/iam/airflow-access.json to it.",
        )
    return passed(f"{principal} has the rights that the run needs, as simulated by IAM.")


def denied_rights(tools: ToolBox[Any], principal: str, rights: Iterable[Right]) -> list[str]:
    """List what a user or role may not do, e.g. ``s3:GetObject on arn:aws:s3:::bucket/key``."""
    iam = tools.clients("iam")
    return [
        f"{action} on {right.resource}"
        for right in rights
        for action in account_facts.denied_actions(
            iam, principal, right.actions, right.resource, right.context
        )
    ]


def needed_rights(tools: ToolBox) -> Iterator[Right]:
    """Yield the rights that a run with these settings needs."""
    settings = tools.settings
    bucket = ("s3:ListBucket", "s3:GetEncryptionConfiguration")
    yield Right(bucket, s3_arn(tools, S3Uri(tools.run_root.bucket, "")))
    yield Right(("s3:GetObject", "s3:PutObject"), s3_arn(tools, tools.run_root / "settings.json"))
    detectors = settings.detectors if isinstance(settings, DetectionSection) else ()
    for arn in dict.fromkeys(arn for route in tools.routes.routes for arn in route.arns):
        yield Right(("bedrock:InvokeModel",), arn)
    if "labels" in detectors:
        yield Right(("rekognition:DetectLabels",), "*")
    if "faces" in detectors:
        yield from _collection_rights(tools)
    if "custom_labels" in detectors:
        yield from _detector_rights(tools)
    trainer = settings.trainer if isinstance(settings, TrainerSection) else "bedrock"
    if settings.draws and trainer == "sagemaker":
        yield from _job_rights(tools)
    elif settings.draws and trainer != "own_gpu" and settings.panel_source == "trained":
        yield from _capacity_rights(tools)
        if has_section(tools, TrainingSettings):
            yield from _training_rights(tools)
    if has_section(tools, ReviewSection) and tools.settings.review_desk == "a2i":
        yield from _review_rights(tools)


def _collection_rights(tools: ToolBox) -> Iterator[Right]:
    # Creating has no resource type: IAM grants it on "*" only.
    yield Right(("rekognition:CreateCollection",), "*")
    name = aws_name("faces", "preflight", "0" * 8)
    yield Right(
        ("rekognition:IndexFaces", "rekognition:SearchFacesByImage"),
        _arn(tools, "rekognition", f"collection/{name}"),
    )


def _detector_rights(tools: ToolBox) -> Iterator[Right]:
    project = _arn(tools, "rekognition", f"project/{aws_name('custom', 'preflight', '0' * 8)}")
    # AWS describes this right with a project and without: "*" grants it in either case.
    yield Right(("rekognition:CreateProject",), "*")
    running = f"{project}/version/v1/1"
    yield Right(
        ("rekognition:StartProjectVersion", "rekognition:StopProjectVersion"), running, OWNED
    )


def _capacity_rights(tools: ToolBox) -> Iterator[Right]:
    yield Right(
        ("bedrock:CreateProvisionedModelThroughput",), _arn(tools, "bedrock", "custom-model/x")
    )
    yield Right(
        (
            "bedrock:GetProvisionedModelThroughput",
            "bedrock:DeleteProvisionedModelThroughput",
            "bedrock:TagResource",
            "bedrock:InvokeModel",
        ),
        _arn(tools, "bedrock", "provisioned-model/x"),
        OWNED,
    )


def _training_rights(tools: ToolBox[TrainingSettings]) -> Iterator[Right]:
    base = f"foundation-model/{tools.settings.base_model_id}"
    yield Right(("bedrock:CreateModelCustomizationJob",), _arn(tools, "bedrock", base, account=""))
    yield Right(
        ("bedrock:GetModelCustomizationJob", "bedrock:StopModelCustomizationJob"),
        _arn(tools, "bedrock", "model-customization-job/x"),
        OWNED,
    )
    yield _pass_role(training_role_arn(tools), "bedrock.amazonaws.com")


def _job_rights(tools: ToolBox) -> Iterator[Right]:
    for kind, purpose, create, find, stop in (
        ("training-job", "train", "CreateTrainingJob", "DescribeTrainingJob", "StopTrainingJob"),
        (
            "processing-job",
            "draw",
            "CreateProcessingJob",
            "DescribeProcessingJob",
            "StopProcessingJob",
        ),
    ):
        name = aws_name(purpose, "preflight", "0" * 8)
        actions = tuple(f"sagemaker:{action}" for action in (create, find, stop, "ListTags"))
        yield Right(actions, _arn(tools, "sagemaker", f"{kind}/{name}"), OWNED)
    yield _pass_role(job_role_arn(tools), "sagemaker.amazonaws.com")


def _review_rights(tools: ToolBox[ReviewSection]) -> Iterator[Right]:
    flow = _arn(tools, "sagemaker", "flow-definition/storyboard-review-x")
    yield Right(("sagemaker:ListFlowDefinitions", "sagemaker:ListWorkteams"), "*")
    yield Right(("sagemaker:CreateFlowDefinition", "sagemaker:StartHumanLoop"), flow)
    # Listing has no resource type; without it a review that was paid for is never seen to end.
    yield Right(("sagemaker:ListHumanLoops",), "*")
    yield _pass_role(review_role_arn(tools), "sagemaker.amazonaws.com")


def _pass_role(role_arn: str, service: str) -> Right:
    return Right(("iam:PassRole",), role_arn, {PASSED_TO: service})


def s3_arn(tools: ToolBox[Any], uri: S3Uri) -> str:
    """Return the ARN of an object, or of a bucket for an empty key."""
    return f"arn:{tools.partition}:s3:::{str(uri).removeprefix('s3://')}"


def _arn(tools: ToolBox[Settings], service: str, resource: str, account: str | None = None) -> str:
    region = tools.clients("bedrock").meta.region_name
    owner = tools.account_id if account is None else account
    return f"arn:{tools.partition}:{service}:{region}:{owner}:{resource}"
