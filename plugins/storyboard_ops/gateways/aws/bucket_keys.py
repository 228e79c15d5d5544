"""Query which KMS key encrypts a bucket, and what that key allows.

Sources: S3 API reference (GetBucketEncryption), KMS API reference (DescribeKey, GetKeyPolicy).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from storyboard_ops.domain.bounded_text import read_json
from storyboard_ops.gateways.aws.errors import translated


@dataclass(frozen=True)
class BucketKey:
    """A customer's key, by which S3 encrypts what is written into a bucket."""

    arn: str
    state: str  # Enabled, Disabled, PendingDeletion, ...
    policy: dict[str, Any] | None  # None: the key belongs to another account, which alone sees it


def bucket_key_id(s3: Any, bucket: str) -> str:
    """Return how the default encryption of a bucket names its KMS key.

    Empty for S3's own keys, and for AWS's key of KMS that S3 uses when no key is named.
    """
    answer = translated("s3", s3).get_bucket_encryption(Bucket=bucket)
    rules = answer["ServerSideEncryptionConfiguration"]["Rules"]
    defaults = (rule.get("ApplyServerSideEncryptionByDefault", {}) for rule in rules)
    return next((str(one["KMSMasterKeyID"]) for one in defaults if "KMSMasterKeyID" in one), "")


def describe_key(kms: Any, key_id: str, account: str) -> BucketKey | None:
    """Describe a key; None for one that AWS manages, which everyone in the account may use.

    ``key_id``: as in the default encryption of a bucket: an ARN, an id or an alias. ``account``:
    of the caller. Raises NotFound when there is no such key in the region of the client.
    """
    client = translated("kms", kms)
    facts = client.describe_key(KeyId=key_id)["KeyMetadata"]
    if facts["KeyManager"] == "AWS":
        return None
    arn = facts["Arn"]
    own = facts["AWSAccountId"] == account
    text = client.get_key_policy(KeyId=arn)["Policy"] if own else ""
    policy = read_json(text.encode(), f"the policy of {arn}") if own else None
    return BucketKey(arn, facts["KeyState"], policy)
