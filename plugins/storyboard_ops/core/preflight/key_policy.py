"""Judge what a key policy says about a user or role.

KMS grants an action on a key when its policy allows it to the principal itself, or to the account
and IAM to the principal (KMS Developer Guide, "Key policies in AWS KMS").
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, Literal

#: granted: by the key policy itself; by_iam: if the policies of the user or role allow it too.
Verdict = Literal["granted", "by_iam", "refused"]


def judge(policy: Mapping[str, Any], action: str, principal: str) -> Verdict:
    """Judge an action, e.g. ``kms:Decrypt``, of the user or role with this ARN.

    Conditions of what is allowed count as met; what is denied under conditions is left out.
    """
    _, partition, _, _, account, _ = principal.split(":", 5)
    own = {principal, "*"}
    whole_account = {account, f"arn:{partition}:iam::{account}:root"}
    allowed, denied = set[str](), set[str]()
    for statement in _listed(policy["Statement"]):
        if any(
            fnmatchcase(action.lower(), pattern.lower())
            for pattern in _listed(statement.get("Action", []))
        ):
            if statement["Effect"] == "Allow":
                allowed |= _principals(statement)
            elif not statement.get("Condition"):
                denied |= _principals(statement)
    if denied & (own | whole_account):
        return "refused"
    if allowed & own:
        return "granted"
    return "by_iam" if allowed & whole_account else "refused"


def _principals(statement: Mapping[str, Any]) -> set[str]:
    named = statement.get("Principal", {})
    return {named} if isinstance(named, str) else set(_listed(named.get("AWS", [])))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
