"""What the pipeline needs in an AWS account, as documents: roles, bucket, queues, notifications.

`setup` creates it with boto3, `template` writes it as a CloudFormation template. The policies are
the files in `include/iam`, with the names of the account filled in.
"""

from __future__ import annotations

import json
import string
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from launcher.product import REJECTED_QUEUE, UPLOADS_QUEUE

#: Role name to the stem of its two policy files in `include/iam`.
ROLES: Mapping[str, str] = MappingProxyType(
    {
        "StoryboardAirflow": "airflow",
        "StoryboardBedrock": "bedrock",
        "StoryboardReview": "review",
        "StoryboardReviewer": "reviewer",
        "StoryboardUploader": "uploader",
        "StoryboardAuthor": "author",
    }
)
#: Where Airflow's workers run: "account" lets any principal that the account allows assume their
#: role, "ecs" only tasks of ECS.
Workers = Literal["account", "ecs"]
ACCESS_POLICY = "access"
INCOMING = "incoming/"
RULE_ID = "storyboard"

PUBLIC_ACCESS = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
)
ENCRYPTION = {"SSEAlgorithm": "AES256"}
#: Browsers show pictures in A2I's worker page only if the bucket allows it (SageMaker AI Developer
#: Guide, "CORS permission requirement").
CORS_RULE = {
    "ID": RULE_ID,
    "AllowedHeaders": ["*"],
    "AllowedMethods": ["GET"],
    "AllowedOrigins": ["*"],
    "ExposeHeaders": ["Access-Control-Allow-Origin"],
    "MaxAgeSeconds": 3000,
}
#: Deletes what is temporary: parts of unfinished uploads, and replaced versions.
LIFECYCLE_RULE = {
    "ID": RULE_ID,
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
}
DAY = 24 * 3600
#: Enough time to look into every film of a batch; then another consumer may try.
VISIBILITY_SECONDS = 15 * 60
#: After this many attempts, a message goes to the dead-letter queue, for people to look at.
MAX_ATTEMPTS = 20


#: What a bucket's name and a prefix may contain. Both become part of resources in policies, where
#: `*` and `?` are wildcards and `${` starts a variable.
BUCKET_PATTERN = "[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
PREFIX_PATTERN = "([A-Za-z0-9][A-Za-z0-9_.=-]*/)*"


@dataclass(frozen=True)
class Names:
    """The names of one account; in a template, references."""

    account: str
    region: str
    bucket: str
    prefix: str = ""  # of the workspace; empty or ending in a slash
    partition: str = "aws"  # or aws-us-gov, aws-cn

    def queue_arn(self, queue: str) -> str:
        return f"arn:{self.partition}:sqs:{self.region}:{self.account}:{queue}"


def read_policy(policies: Path, names: Names, file: str) -> dict[str, Any]:
    """Read a policy of the folder `include/iam` and fill in the names."""
    text = (policies / f"{file}.json").read_text(encoding="utf-8")
    filled = string.Template(text).substitute(
        account=names.account,
        region=names.region,
        bucket=names.bucket,
        prefix=names.prefix,
        partition=names.partition,
    )
    document: dict[str, Any] = json.loads(filled)
    return document


def trust_file(role: str, workers: Workers = "account") -> str:
    """Return the stem of the file that says who may assume a role."""
    file = f"{ROLES[role]}-trust"
    return f"{file}-ecs" if role == "StoryboardAirflow" and workers == "ecs" else file


def dead_letter_attributes() -> dict[str, Any]:
    """Attributes of the dead-letter queue."""
    return {"MessageRetentionPeriod": 14 * DAY}


def uploads_attributes(names: Names) -> dict[str, Any]:
    """Attributes of the queue of uploads, without its policy."""
    return {
        "MessageRetentionPeriod": 14 * DAY,
        "VisibilityTimeout": VISIBILITY_SECONDS,
        "RedrivePolicy": {
            "deadLetterTargetArn": names.queue_arn(REJECTED_QUEUE),
            "maxReceiveCount": MAX_ATTEMPTS,
        },
    }


def notification(names: Names) -> dict[str, Any]:
    """The notification that announces uploads into `incoming/` in the queue."""
    return {
        "Id": RULE_ID,
        "QueueArn": names.queue_arn(UPLOADS_QUEUE),
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {
            "Key": {"FilterRules": [{"Name": "prefix", "Value": f"{names.prefix}{INCOMING}"}]}
        },
    }
