"""Who we are at AWS and what the account has: account id, roles, work teams."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from storyboard_ops.gateways.object_store import error_code


def account_id(sts: Any) -> str:
    """The 12-digit id of the account the credentials belong to."""
    return sts.get_caller_identity()["Account"]


def role_trusts(iam: Any, role_arn: str, service: str) -> bool | None:
    """Whether a role may be assumed by a service; None when the role does not exist."""
    try:
        role = iam.get_role(RoleName=role_arn.rsplit("/", 1)[-1])["Role"]
    except ClientError as error:
        if error_code(error) == "NoSuchEntity":
            return None
        raise
    statements = role["AssumeRolePolicyDocument"]["Statement"]
    return any(_allows(statement, service) for statement in _listed(statements))


def _allows(statement: dict[str, Any], service: str) -> bool:
    principal = statement.get("Principal", {})
    services = _listed(principal.get("Service", [])) if isinstance(principal, dict) else []
    return statement.get("Effect") == "Allow" and service in services


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def private_workteams(sagemaker: Any) -> list[str]:
    """ARNs of the account's private work teams."""
    pages = sagemaker.get_paginator("list_workteams").paginate()
    return [team["WorkteamArn"] for page in pages for team in page["Workteams"]]
