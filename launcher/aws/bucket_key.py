"""The KMS key of the workspace's bucket: chosen by those who set the account up."""

from __future__ import annotations

import re
from typing import Any

from launcher.aws import blueprint
from launcher.aws.blueprint import Names
from launcher.aws.setup import read_or_none
from launcher.errors import UsageError
from launcher.product import Clients

ANOTHER_KEY = "Name a key of KMS in the region of the bucket by its ARN, as in KMS_KEY=<arn>."


def choose_key(clients: Clients, names: Names, given: str = "") -> str:
    """Return the ARN of the key that roles need rights on; empty for keys that AWS manages.

    This is the given key, which must be usable, else the one that the bucket already has.

    Raises:
        UsageError: the given key cannot encrypt the bucket.
    """
    if not given:
        return _find_key(clients, names.bucket)
    if not re.fullmatch(blueprint.KEY_PATTERN, given):
        raise UsageError(f"{given!r} is not the ARN of a KMS key. {ANOTHER_KEY}")
    region = given.split(":")[3]
    if region != names.region:
        raise UsageError(
            f"The key is in {region}, but the account is set up in {names.region}. {ANOTHER_KEY}"
        )
    key = clients("kms").describe_key(KeyId=given)["KeyMetadata"]
    if key["KeyState"] != "Enabled" or key["KeySpec"] != "SYMMETRIC_DEFAULT":
        raise UsageError(
            f"The key is {key['KeyState']} and of the kind {key['KeySpec']}; S3 needs one that is "
            f"Enabled and SYMMETRIC_DEFAULT. Enable it, or name another."
        )
    return given


def _find_key(clients: Clients, bucket: str) -> str:
    """Return the ARN of the customer's key that encrypts the bucket by default; empty without."""
    answer = read_or_none(lambda: clients("s3").get_bucket_encryption(Bucket=bucket))
    rules = answer["ServerSideEncryptionConfiguration"]["Rules"] if answer else []
    named = [rule.get("ApplyServerSideEncryptionByDefault", {}) for rule in rules]
    key = next((one["KMSMasterKeyID"] for one in named if "KMSMasterKeyID" in one), "")
    if not key or re.fullmatch(blueprint.KEY_PATTERN, key):
        return str(key)
    found: dict[str, Any] = clients("kms").describe_key(KeyId=key)["KeyMetadata"]
    return str(found["Arn"]) if found["KeyManager"] == "CUSTOMER" else ""
