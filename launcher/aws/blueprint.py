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
        "StoryboardSageMaker": "sagemaker",
        "StoryboardReviewer": "reviewer",
        "StoryboardUploader": "uploader",
        "StoryboardAuthor": "author",
    }
)
#: Where Airflow's workers run: "account" lets any principal that the account allows assume their
#: role, "ecs" only tasks of ECS, "heavy" both: heavy tasks run on ECS.
Workers = Literal["account", "ecs", "heavy"]
ACCESS_POLICY = "access"
INCOMING = "incoming/"
RULE_ID = "storyboard"

PUBLIC_ACCESS = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
)
#: Default encryption of a bucket that is not given a key.
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
#: The ARN of a key, not of an alias: S3 looks an alias up in the account of each caller, and IAM
#: grants rights on keys only.
KEY_PATTERN = "arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+"


@dataclass(frozen=True)
class Names:
    """The names of one account; in a template, references."""

    account: str
    region: str
    bucket: str
    prefix: str = ""  # of the workspace; empty or ending in a slash
    partition: str = "aws"  # or aws-us-gov, aws-cn
    key: str = ""  # ARN of the KMS key of the bucket; empty for keys that AWS manages

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


def read_access(policies: Path, names: Names, role: str) -> dict[str, Any]:
    """Read the access policy of a role, with its rights on the key of the bucket."""
    document = read_policy(policies, names, f"{ROLES[role]}-access")
    return {
        **document,
        "Statement": [*document["Statement"], *key_statements(policies, names, role)],
    }


def key_statements(policies: Path, names: Names, role: str) -> list[dict[str, Any]]:
    """Return the statements of the key policy about a role, as the role's own; none without key."""
    statements = read_policy(policies, names, "key-policy")["Statement"] if names.key else []
    return [
        {
            name: [names.key] if name == "Resource" else one[name]
            for name in one
            if name != "Principal"
        }
        for one in statements
        if any(arn.endswith(f":role/{role}") for arn in one["Principal"]["AWS"])
    ]


def encryption_rule(names: Names) -> dict[str, Any]:
    """Return the default encryption of the bucket.

    With a key, S3 asks KMS once for many objects (`BucketKeyEnabled`), not for each.
    """
    if not names.key:
        return {"ApplyServerSideEncryptionByDefault": ENCRYPTION}
    by_key = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": names.key}
    return {"ApplyServerSideEncryptionByDefault": by_key, "BucketKeyEnabled": True}


def trust_file(role: str, workers: Workers = "account") -> str:
    """Return the stem of the file that says who may assume a role."""
    file = f"{ROLES[role]}-trust"
    is_chosen = role == "StoryboardAirflow" and workers != "account"
    return f"{file}-{workers}" if is_chosen else file


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
