"""AWS KMS: symmetric keys for the encryption of buckets.

Implemented: keys with a key policy, disabled, enabled and scheduled for deletion. A right on a key
is granted by its key policy, to the user or role itself or to the account, and in the latter case
by the policies of the user or role too; this is enforced for the operations below and for objects
of S3 buckets that are encrypted with the key.
Not implemented: cryptography (bytes are on disk as they came, and Encrypt, Decrypt and
GenerateDataKey are no operations here), grants, aliases except that of AWS's key for S3, rotation,
tags, keys of other accounts and regions. A key pending deletion is never deleted. Conditions other
than StringEquals, StringEqualsIfExists and StringLike count as met, and an error always names the
policy of the user or role as the cause.
"""

import json
import uuid
from datetime import timedelta
from typing import Any

from local_aws.operations.context import Answer, Context, Request
from local_aws.operations.documents import drop_none, parse_time
from local_aws.protocol.errors import ServiceError
from local_aws.services.kms import keys
from local_aws.services.kms.key_rights import is_allowed, require_right
from local_aws.storage.state_store import Document

POLICY_NAME = "default"
USAGE, SPEC = "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT"
LONGEST_WINDOW_DAYS = 30


def create_key(request: Request, context: Context) -> Answer:
    """Create an enabled key; without a policy, IAM decides who may use it."""
    if request.get("KeyUsage", USAGE) != USAGE or request.get("KeySpec", SPEC) != SPEC:
        raise ServiceError(
            "UnsupportedOperationException", f"The local endpoint has only {SPEC} keys."
        )
    key_id = str(uuid.uuid4())
    policy = request.get("Policy") or json.dumps(keys.make_root_policy(context))
    _check_policy(request, context, keys.make_arn(context, key_id), policy)
    key = keys.create(context, key_id, keys.CUSTOMER, request.get("Description", ""), policy)
    return {"KeyMetadata": _describe(key, context)}


def describe_key(request: Request, context: Context) -> Answer:
    """Return a key's state and attributes."""
    return {"KeyMetadata": _describe(_find(request, context, "kms:DescribeKey"), context)}


def disable_key(request: Request, context: Context) -> Answer:
    """Disable a key at once; what it encrypts cannot be read or written until it is enabled."""
    _change(request, context, "kms:DisableKey", state=keys.DISABLED)
    return {}


def enable_key(request: Request, context: Context) -> Answer:
    """Enable a disabled key at once."""
    _change(request, context, "kms:EnableKey", state=keys.ENABLED)
    return {}


def schedule_key_deletion(request: Request, context: Context) -> Answer:
    """Make a key unusable; it stays pending deletion for ever."""
    days = request.get("PendingWindowInDays", LONGEST_WINDOW_DAYS)
    at = context.now() + timedelta(days=days)
    changes = {"state": keys.PENDING_DELETION, "deletion": at.isoformat()}
    key = _change(request, context, "kms:ScheduleKeyDeletion", **changes)
    return {
        "KeyId": key["arn"],
        "DeletionDate": at,
        "KeyState": key["state"],
        "PendingWindowInDays": days,
    }


def get_key_policy(request: Request, context: Context) -> Answer:
    """Return the key policy."""
    key = _find(request, context, "kms:GetKeyPolicy")
    return {"Policy": key["policy"], "PolicyName": POLICY_NAME}


def put_key_policy(request: Request, context: Context) -> Answer:
    """Replace the key policy at once; the caller must be able to replace it again."""
    key = _find(request, context, "kms:PutKeyPolicy")
    _check_policy(request, context, key["arn"], request["Policy"])
    context.state.put(keys.KIND, key["id"], {**key, "policy": request["Policy"]})
    return {}


def _find(request: Request, context: Context, action: str) -> Document:
    key = keys.find(context, request["KeyId"])
    require_right(context, key, action)
    return key


def _change(request: Request, context: Context, action: str, **changes: Any) -> Document:
    with context.state.transaction():
        key = _find(request, context, action)
        if key["state"] == keys.PENDING_DELETION:
            raise ServiceError("KMSInvalidStateException", f"{key['arn']} is pending deletion.")
        changed = {**key, **changes}
        context.state.put(keys.KIND, key["id"], changed)
    return changed


def _check_policy(request: Request, context: Context, key_arn: str, policy: str) -> None:
    """Raise ServiceError MalformedPolicyDocumentException for what KMS would not store."""
    try:
        statements = json.loads(policy)["Statement"]
    except (ValueError, KeyError, TypeError) as error:
        raise ServiceError("MalformedPolicyDocumentException", "Not a policy.") from error
    if not statements:
        raise ServiceError("MalformedPolicyDocumentException", "The policy has no statement.")
    unchecked = request.get("BypassPolicyLockoutSafetyCheck", False)
    if not unchecked and not is_allowed(
        context, context.caller, "kms:PutKeyPolicy", key_arn, policy
    ):
        raise ServiceError(
            "MalformedPolicyDocumentException",
            "The new key policy will not allow you to update the key policy in the future.",
        )


def _describe(key: Document, context: Context) -> dict[str, Any]:
    return drop_none(
        {
            "AWSAccountId": context.account_id,
            "KeyId": key["id"],
            "Arn": key["arn"],
            "CreationDate": parse_time(key["created"]),
            "Enabled": key["state"] == keys.ENABLED,
            "Description": key["description"],
            "KeyUsage": USAGE,
            "KeyState": key["state"],
            "DeletionDate": parse_time(key["deletion"]) if key["deletion"] else None,
            "Origin": "AWS_KMS",
            "KeyManager": key["manager"],
            "CustomerMasterKeySpec": SPEC,
            "KeySpec": SPEC,
            "EncryptionAlgorithms": [SPEC],
            "MultiRegion": False,
        }
    )
