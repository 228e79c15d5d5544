"""Check that the KMS key of the workspace's bucket can be used by everyone whom a run needs.

S3 encrypts by the bucket's default, also copies and uploads in parts, so that the product sends no
key. Reading needs kms:Decrypt, and writing kms:GenerateDataKey, for each role by itself (S3 User
Guide, "Using server-side encryption with AWS KMS keys").

Not seen: grants of the key, and conditions in its policy.
"""

from __future__ import annotations

from typing import Any

from storyboard_ops.core.preflight.key_policy import judge
from storyboard_ops.domain.error_tree import NotFound, ServiceError
from storyboard_ops.domain.preflight.preflight_report import Finding, failed, passed, warned
from storyboard_ops.gateways.aws import account as account_facts
from storyboard_ops.gateways.aws.bucket_keys import BucketKey, bucket_key_id, describe_key
from storyboard_ops.steps.run.tool_box import ToolBox

ENCRYPTED_USE = ("kms:Decrypt", "kms:GenerateDataKey")
GRANT = (
    "Run make aws-setup again, which grants it (include/iam/key-policy.json); a key that does not "
    "leave the decision to IAM, or of another account, must allow it in its own policy too."
)


def check_bucket_key(tools: ToolBox[Any]) -> Finding:
    """Check that the bucket's key is usable, and that the caller may read and write with it."""
    named = bucket_key_id(tools.clients("s3"), tools.workspace.root.bucket)
    region = named.split(":")[3] if named.startswith("arn:") else tools.region
    if region != tools.region:
        return failed(
            f"the bucket is encrypted with {named}, but the run is in {tools.region}.",
            f"Choose a key in {tools.region} for the bucket, or set AWS_REGION to {region} and use "
            "a bucket there.",
        )
    try:
        key = find_key(tools)
    except NotFound:
        return failed(
            f"the bucket is encrypted with {named}, which does not exist in {region}.",
            "Choose another key for the bucket (make aws-setup KMS_KEY=...).",
        )
    if key is None:
        return passed("the bucket is encrypted with a key that AWS manages.")
    if key.state != "Enabled":
        return failed(
            f"the bucket is encrypted with {key.arn}, which is {key.state}.",
            "Enable the key in the KMS console (or cancel its deletion).",
        )
    return _check_own_use(tools, key)


def find_key(tools: ToolBox[Any]) -> BucketKey | None:
    """Find the key of the workspace's bucket; None when AWS manages it."""
    named = bucket_key_id(tools.clients("s3"), tools.workspace.root.bucket)
    return describe_key(tools.clients("kms"), named, tools.account_id) if named else None


def _check_own_use(tools: ToolBox[Any], key: BucketKey) -> Finding:
    found = f"the bucket is encrypted with {key.arn}"
    try:
        principal = account_facts.policy_source(tools.clients("iam"), tools.caller_arn)
        denied = denied_uses(tools, key, principal) if principal else []
    except ServiceError as error:
        return warned(f"{found}; the rights on it could not be checked: {error}")
    if not principal:
        return warned(f"{found}; IAM does not simulate the rights of {tools.caller_arn}.")
    if denied:
        return failed(f"{principal} lacks: {', '.join(denied)}.", GRANT)
    seen = "" if key.policy else " and belongs to another account, whose policy is not checked"
    return passed(f"{found}{seen}; it is enabled, and {principal} may use it.")


def denied_uses(tools: ToolBox[Any], key: BucketKey, principal: str) -> list[str]:
    """List the rights on the key that a user or role lacks, e.g. ``kms:Decrypt on arn:...``."""
    verdicts = {
        action: "by_iam" if key.policy is None else judge(key.policy, action, principal)
        for action in ENCRYPTED_USE
    }
    by_iam = [action for action, verdict in verdicts.items() if verdict == "by_iam"]
    refused = [action for action, verdict in verdicts.items() if verdict == "refused"]
    denied = _denied_by_iam(tools, key, principal, by_iam) if by_iam else []
    return [
        *(f"{action} on {key.arn}" for action in denied),
        *(f"{action} in the policy of {key.arn}" for action in refused),
    ]


def _denied_by_iam(
    tools: ToolBox[Any], key: BucketKey, principal: str, actions: list[str]
) -> list[str]:
    domain = "amazonaws.com.cn" if tools.partition == "aws-cn" else "amazonaws.com"
    context = {
        "kms:ViaService": f"s3.{tools.region}.{domain}",
        "kms:CallerAccount": tools.account_id,
    }
    iam = tools.clients("iam")
    return account_facts.denied_actions(iam, principal, actions, key.arn, context)
