"""Who may use a key: its key policy first, then the policies of the user or role.

Source: KMS Developer Guide, "Key policies in AWS KMS" and "Troubleshooting key access". The key
policy must allow an action, to the principal itself or to the account, which leaves the decision to
IAM. An explicit denial of either wins.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from local_aws.operations.context import Context
from local_aws.protocol.errors import ServiceError
from local_aws.services.iam.policy_conditions import as_list, conditions_hold
from local_aws.services.kms import keys
from local_aws.storage.state_store import Document

ALLOWED, EXPLICIT_DENY = "allowed", "explicitDeny"


def require_right(context: Context, key: Document, action: str) -> None:
    """Raise ServiceError AccessDeniedException unless the caller may do this with the key."""
    if not is_allowed(context, context.caller, action, key["arn"], key["policy"]):
        raise ServiceError("AccessDeniedException", _explain(context.caller, action, key["arn"]))


def require_use(
    context: Context, key_id: str, action: str, principal: str, via_service: str
) -> None:
    """Raise unless a user or role may use a key through a service.

    Raises:
        ServiceError: NotFoundException, AccessDeniedException, DisabledException or
            KMSInvalidStateException.
    """
    key = keys.find(context, key_id)
    via = {"kms:viaservice": f"{via_service}.{context.region}.amazonaws.com"}
    if not is_allowed(context, principal, action, key["arn"], key["policy"], via):
        raise ServiceError("AccessDeniedException", _explain(principal, action, key["arn"]))
    if key["state"] == keys.DISABLED:
        raise ServiceError("DisabledException", f"{key['arn']} is disabled.")
    if key["state"] != keys.ENABLED:
        raise ServiceError("KMSInvalidStateException", f"{key['arn']} is pending deletion.")


def is_allowed(
    context: Context,
    principal: str,
    action: str,
    key_arn: str,
    policy: str,
    via: Mapping[str, str] | None = None,
) -> bool:
    """Return whether a user or role may act on a key that has this key policy."""
    given = {"kms:calleraccount": context.account_id, **(via or {})}
    by_iam = context.decide_access(principal, action, key_arn, given)
    statements = list(_find_statements(policy, action, given))
    own = {principal, "*"}
    account = {context.account_id, f"arn:aws:iam::{context.account_id}:root"}
    if _says(statements, "Deny", own | account) or by_iam == EXPLICIT_DENY:
        return False
    # A role that does not exist in IAM is accepted, as in `operations.role_trust`.
    by_account = _says(statements, "Allow", account) and by_iam in (ALLOWED, None)
    return by_account or _says(statements, "Allow", own)


def _find_statements(
    policy: str, action: str, given: Mapping[str, str]
) -> Iterator[Mapping[str, Any]]:
    for statement in as_list(json.loads(policy)["Statement"]):
        named = as_list(statement.get("Action", []))
        if any(fnmatchcase(action, pattern) for pattern in named) and conditions_hold(
            statement, given
        ):
            yield statement


def _says(statements: Sequence[Mapping[str, Any]], effect: str, principals: set[str]) -> bool:
    return any(one["Effect"] == effect and principals & _principals(one) for one in statements)


def _principals(statement: Mapping[str, Any]) -> set[str]:
    named = statement.get("Principal", {})
    return {named} if isinstance(named, str) else set(as_list(named.get("AWS", [])))


def _explain(principal: str, action: str, key_arn: str) -> str:
    return (
        f"User: {principal} is not authorized to perform: {action} on resource: {key_arn} because "
        f"no identity-based policy allows the {action} action"
    )
