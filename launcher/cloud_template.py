"""`python -m launcher.cloud_template` writes `include/cloudformation/storyboard.yaml`.

The template says what `aws_setup` does, from the same documents; a test holds the two together.
"""

from __future__ import annotations

from typing import Any

import yaml

from launcher import aws_blueprint as blueprint
from launcher.aws_blueprint import Names
from launcher.layout import Project
from launcher.product import REJECTED_QUEUE, UPLOADS_QUEUE

HEADER = """\
# What the storyboard pipeline needs in an AWS account: a bucket, two queues, four roles.
# Made by `python -m launcher.cloud_template` from include/iam; edit those. Why each right is there
# stands in include/iam/README.md. Deploy with
#   aws cloudformation deploy --stack-name storyboard --capabilities CAPABILITY_NAMED_IAM \\
#     --template-file include/cloudformation/storyboard.yaml --parameter-overrides BucketName=...
"""
NAMES = Names(
    account="${AWS::AccountId}",
    region="${AWS::Region}",
    bucket="${BucketName}",
    prefix="${Prefix}",
)
PARAMETERS = {
    "BucketName": {
        "Type": "String",
        "Description": "Name of the bucket to create for films, datasets and results.",
        "AllowedPattern": "[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
    },
    "Prefix": {
        "Type": "String",
        "Default": "",
        "Description": "Prefix of the workspace in the bucket: empty, or ending in a slash.",
        "AllowedPattern": "(.*/)?",
    },
}


def template(project: Project) -> dict[str, Any]:
    """The template as a document, with references where an account's own names go."""
    document = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Storyboard pipeline: bucket, queues and least-privilege roles.",
        "Parameters": PARAMETERS,
        "Resources": {
            "RejectedQueue": _queue(REJECTED_QUEUE, blueprint.rejected_attributes()),
            "UploadsQueue": {
                **_queue(UPLOADS_QUEUE, blueprint.uploads_attributes(NAMES)),
                "DependsOn": "RejectedQueue",
            },
            "UploadsQueuePolicy": {
                "Type": "AWS::SQS::QueuePolicy",
                "Properties": {
                    "Queues": [{"Ref": "UploadsQueue"}],
                    "PolicyDocument": blueprint.policy(project.policies, NAMES, "queue-policy"),
                },
            },
            "Bucket": _bucket(),
            "BucketPolicy": {
                "Type": "AWS::S3::BucketPolicy",
                "Properties": {
                    "Bucket": {"Ref": "Bucket"},
                    "PolicyDocument": blueprint.policy(project.policies, NAMES, "bucket-policy"),
                },
            },
            **{role: _role(project, role, stem) for role, stem in blueprint.ROLES.items()},
        },
        "Outputs": {
            "Workspace": {"Value": "s3://${Bucket}/${Prefix}"},
            **{f"{role}Arn": {"Value": {"Fn::GetAtt": [role, "Arn"]}} for role in blueprint.ROLES},
        },
    }
    substituted: dict[str, Any] = _with_references(document)
    return substituted


def _queue(name: str, attributes: dict[str, Any]) -> dict[str, Any]:
    return {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name, **attributes}}


def _bucket() -> dict[str, Any]:
    notification, cors = blueprint.notification(NAMES), blueprint.CORS_RULE
    lifecycle = blueprint.LIFECYCLE_RULE
    properties = {
        "BucketName": NAMES.bucket,
        "PublicAccessBlockConfiguration": blueprint.PUBLIC_ACCESS,
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [
                {"ServerSideEncryptionByDefault": blueprint.ENCRYPTION}
            ]
        },
        "LifecycleConfiguration": {
            "Rules": [
                {
                    "Id": lifecycle["ID"],
                    **{k: v for k, v in lifecycle.items() if k not in ("ID", "Filter")},
                }
            ]
        },
        "CorsConfiguration": {
            "CorsRules": [
                {
                    "Id": cors["ID"],
                    "AllowedHeaders": cors["AllowedHeaders"],
                    "AllowedMethods": cors["AllowedMethods"],
                    "AllowedOrigins": cors["AllowedOrigins"],
                    "ExposedHeaders": cors["ExposeHeaders"],
                    "MaxAge": cors["MaxAgeSeconds"],
                }
            ]
        },
        "NotificationConfiguration": {
            "QueueConfigurations": [
                {
                    "Event": event,
                    "Queue": notification["QueueArn"],
                    "Filter": {"S3Key": {"Rules": notification["Filter"]["Key"]["FilterRules"]}},
                }
                for event in notification["Events"]
            ]
        },
    }
    return {
        "Type": "AWS::S3::Bucket",
        # S3 sends a test message when the notification is made: the queue has to let it in.
        "DependsOn": "UploadsQueuePolicy",
        # Films and paid results outlive the stack.
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": properties,
    }


def _role(project: Project, role: str, stem: str) -> dict[str, Any]:
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": role,
            "AssumeRolePolicyDocument": blueprint.policy(project.policies, NAMES, f"{stem}-trust"),
            "Policies": [
                {
                    "PolicyName": blueprint.ACCESS_POLICY,
                    "PolicyDocument": blueprint.policy(project.policies, NAMES, f"{stem}-access"),
                }
            ],
        },
    }


def _with_references(value: Any) -> Any:
    """Texts that hold a reference become substitutions."""
    if isinstance(value, dict):
        return {key: _with_references(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_references(item) for item in value]
    return {"Fn::Sub": value} if isinstance(value, str) and "${" in value else value


class _Dumper(yaml.SafeDumper):
    """Writes equal lists out twice instead of pointing from one to the other."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def rendered(project: Project) -> str:
    """The template as it is committed."""
    body = yaml.dump(template(project), Dumper=_Dumper, sort_keys=False, width=100)
    return HEADER + body


if __name__ == "__main__":
    target = Project().template
    target.parent.mkdir(exist_ok=True)
    target.write_text(rendered(Project()), encoding="utf-8")
