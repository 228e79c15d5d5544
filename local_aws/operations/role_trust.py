"""Checks whether a service may assume a role.

A role of another account is rejected. A role that exists in this endpoint's IAM must trust the
service (its trust policy allows `sts:AssumeRole` to the service's principal). A role of this
account that does not exist in IAM is accepted, so that local work needs no roles; the conditions of
the trust policy are not evaluated, and of the role's permissions only those on KMS keys.
"""

import re
from typing import Any

from local_aws.operations.context import Context

ROLE_ARN = re.compile(r"arn:aws(?:-[^:]+)?:iam::(?P<account>\d{12}):role/(?:.*/)?(?P<name>[^/]+)")


def may_assume(context: Context, role_arn: str, principal: str) -> bool:
    """Return whether `principal` ("bedrock.amazonaws.com") may assume the role."""
    match = ROLE_ARN.fullmatch(role_arn)
    if match is None or match["account"] != context.account_id:
        return False
    policy = context.trust_policy(match["name"])
    return policy is None or any(
        _allows(statement, principal) for statement in _as_list(policy["Statement"])
    )


def _allows(statement: dict[str, Any], principal: str) -> bool:
    trusted = statement.get("Principal", {})
    services = trusted if trusted == "*" else _as_list(trusted.get("Service", []))
    actions = _as_list(statement.get("Action", []))
    return (
        statement.get("Effect") == "Allow"
        and (services == "*" or principal in services)
        and bool({"sts:AssumeRole", "sts:*", "*"}.intersection(actions))
    )


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
