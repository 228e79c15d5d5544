"""Check the roles that a run passes to services: whom they trust, and what they may do."""

from __future__ import annotations

from typing import Any

from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.preflight.preflight_report import Finding, failed, passed
from storyboard_ops.gateways.aws import account as account_facts
from storyboard_ops.steps.preflight.account.key_checks import GRANT, denied_uses, find_key
from storyboard_ops.steps.preflight.account.own_rights import Right, denied_rights, s3_arn
from storyboard_ops.steps.run.tool_box import ToolBox


def check_trust(tools: ToolBox[Any], arn: str, service: str) -> Finding:
    """Check that a service may assume a role."""
    trusted = account_facts.role_trusts(tools.clients("iam"), arn, service)
    if trusted:
        return passed(f"{arn} trusts {service}.")
    problem = "does not exist" if trusted is None else f"does not trust {service}"
    return failed(
        f"{arn} {problem}.",
        "Create the role from include/iam, or set another one in the parameters.",
    )


def check_rights(tools: ToolBox[Any], role_arn: str, *needed: tuple[str, S3Uri]) -> Finding:
    """Check that a role may do each action on its object, and use the key of the bucket."""
    rights = (Right((action,), s3_arn(tools, uri)) for action, uri in needed)
    denied = denied_rights(tools, role_arn, rights)
    key = find_key(tools)
    of_key = denied_uses(tools, key, role_arn) if key else []
    if denied or of_key:
        remedy = "Attach the access policy from include/iam to the role."
        return failed(
            f"{role_arn} lacks: {', '.join((*denied, *of_key))}.",
            f"{remedy} {GRANT}" if of_key else remedy,
        )
    return passed("the role has the rights it needs, as simulated by IAM.")
