"""Keys of KMS on the endpoint, and buckets that they encrypt."""

from __future__ import annotations

import json
from typing import Any

from tests.studio.endpoint_fixture import RunningEndpoint


def make_key(endpoint: RunningEndpoint, *statements: dict[str, Any]) -> str:
    """Create a key with a key policy of these statements, by default KMS's own; return its ARN."""
    policy = {"Policy": policy_of(*statements)} if statements else {}
    made = endpoint.client("kms").create_key(BypassPolicyLockoutSafetyCheck=True, **policy)
    return str(made["KeyMetadata"]["Arn"])


def policy_of(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def encrypt_bucket(endpoint: RunningEndpoint, bucket: str, key: str = "") -> None:
    """Encrypt what is written from now on with a key, by default AWS's own key for S3."""
    named = {"KMSMasterKeyID": key} if key else {}
    rule = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", **named},
        "BucketKeyEnabled": True,
    }
    endpoint.client("s3").put_bucket_encryption(
        Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]}
    )


def kms_statement(*actions: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    """A statement that allows actions on keys; ``more`` are members such as Principal."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}
