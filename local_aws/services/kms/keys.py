"""The keys of the account: documents that are found by id, ARN or the alias of AWS's own key."""

import json
import uuid
from typing import Any

from local_aws.operations.context import Context
from local_aws.protocol.errors import ServiceError
from local_aws.storage.state_store import Document

KIND = "kms-key"
ENABLED, DISABLED, PENDING_DELETION = "Enabled", "Disabled", "PendingDeletion"
CUSTOMER, AWS = "CUSTOMER", "AWS"
#: The key that S3 uses for SSE-KMS without a key: AWS creates it in every account and region.
S3_ALIAS = "alias/aws/s3"
S3_KEY_ID = str(uuid.uuid5(uuid.NAMESPACE_URL, S3_ALIAS))


def create(context: Context, key_id: str, manager: str, description: str, policy: str) -> Document:
    """Store a new enabled key and return it; one that exists is left as it is."""
    key = {
        "id": key_id,
        "arn": make_arn(context, key_id),
        "manager": manager,
        "description": description,
        "policy": policy,
        "state": ENABLED,
        "created": context.now().isoformat(),
        "deletion": None,
    }
    context.state.create(KIND, key_id, key)
    return find(context, key_id)


def find(context: Context, key_id: str) -> Document:
    """Return a key by id, ARN or the alias aws/s3; raises ServiceError NotFoundException."""
    if key_id.removeprefix(make_arn(context, "").removesuffix("key/")) == S3_ALIAS:
        policy = json.dumps(_make_s3_policy(context))
        return create(context, S3_KEY_ID, AWS, "Default key that protects S3 objects", policy)
    if key_id.startswith("arn:") and key_id.split(":")[3] != context.region:
        raise ServiceError("NotFoundException", f"Invalid arn {key_id.split(':')[3]}")
    own = make_arn(context, "")
    key = context.state.get(KIND, key_id.removeprefix(own))
    if key is None:
        named = key_id if key_id.startswith("arn:") else f"{own}{key_id}"
        raise ServiceError("NotFoundException", f"Key '{named}' does not exist")
    return key


def make_arn(context: Context, key_id: str) -> str:
    """Return the ARN of a key of this account and region."""
    return f"arn:aws:kms:{context.region}:{context.account_id}:key/{key_id}"


def make_root_policy(context: Context) -> dict[str, Any]:
    """Return the policy of a key that was created without one: IAM decides who may use it."""
    return _make_policy(
        {
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{context.account_id}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    )


def _make_s3_policy(context: Context) -> dict[str, Any]:
    """Return the policy of AWS's own key: everyone in the account may use it through S3."""
    return _make_policy(
        {
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"],
            "Resource": "*",
            "Condition": {
                "StringEquals": {
                    "kms:CallerAccount": context.account_id,
                    "kms:ViaService": f"s3.{context.region}.amazonaws.com",
                }
            },
        },
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{context.account_id}:root"},
            "Action": ["kms:DescribeKey", "kms:GetKeyPolicy"],
            "Resource": "*",
        },
    )


def _make_policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}
