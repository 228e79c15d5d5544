"""Query the AWS account: identity, roles and permissions, quotas, work teams."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from storyboard_ops.domain.error_tree import NotFound
from storyboard_ops.gateways.aws.calls import list_all
from storyboard_ops.gateways.aws.errors import translated

#: Locations that are not the name of a region (S3 API Reference, GetBucketLocation).
_REGIONS: Mapping[str, str] = MappingProxyType({"": "us-east-1", "EU": "eu-west-1"})


def account_id(sts: Any) -> str:
    """Return the 12-digit id of the account that the credentials belong to."""
    return str(translated("sts", sts).get_caller_identity()["Account"])


def caller_arn(sts: Any) -> str:
    """Return the ARN of the user or role that the credentials belong to."""
    return str(translated("sts", sts).get_caller_identity()["Arn"])


def bucket_region(s3: Any, bucket: str) -> str:
    """Return a bucket's region, also where S3 answers nothing or ``EU``, as for old buckets."""
    answer = translated("s3", s3).get_bucket_location(Bucket=bucket)
    location = str(answer.get("LocationConstraint") or "")
    return _REGIONS.get(location, location)


def policy_source(iam: Any, caller: str) -> str:
    """Return the ARN of the user or role whose policies decide what a caller may do.

    Empty for callers that IAM cannot simulate: the account's root, a federated user. The ARN of a
    role session lacks the role's path, so the role is looked up in IAM.
    """
    kind, _, name = caller.split(":", 5)[5].partition("/")
    if kind == "assumed-role":
        role = translated("iam", iam).get_role(RoleName=name.split("/")[0])["Role"]
        return str(role["Arn"])
    return caller if kind == "user" and ":iam:" in caller else ""


def denied_actions(
    iam: Any,
    principal: str,
    actions: Sequence[str],
    resource: str,
    context: Mapping[str, str] = MappingProxyType({}),
) -> list[str]:
    """List the actions that the policies of a user or role do not allow on a resource.

    IAM simulates them; ``context`` gives the condition keys of the simulated call.
    """
    results = list_all(
        translated("iam", iam),
        "simulate_principal_policy",
        "EvaluationResults",
        PolicySourceArn=principal,
        ActionNames=list(actions),
        ResourceArns=[resource],
        ContextEntries=[
            {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}
            for key, value in context.items()
        ],
    )
    return [one["EvalActionName"] for one in results if one["EvalDecision"] != "allowed"]


def quota(service_quotas: Any, service: str, name: str) -> float | None:
    """Return the account's value of a quota by its console name; None when there is none."""
    for found in list_quotas(service_quotas, service):
        if name.casefold() in found["QuotaName"].casefold():
            return float(found["Value"])
    return None


def list_quotas(service_quotas: Any, service: str) -> Iterator[dict[str, Any]]:
    """List the quotas of a service as the account has them."""
    client = translated("service-quotas", service_quotas)
    return list_all(client, "list_service_quotas", "Quotas", ServiceCode=service)


def role_trusts(iam: Any, role_arn: str, service: str) -> bool | None:
    """Return whether a service may assume a role; None when the role does not exist."""
    try:
        role = translated("iam", iam).get_role(RoleName=role_arn.rsplit("/", 1)[-1])["Role"]
    except NotFound:
        return None
    statements = role["AssumeRolePolicyDocument"]["Statement"]
    return any(_allows(statement, service) for statement in _listed(statements))


def _allows(statement: dict[str, Any], service: str) -> bool:
    principal = statement.get("Principal", {})
    services = _listed(principal.get("Service", [])) if isinstance(principal, dict) else []
    return statement.get("Effect") == "Allow" and service in services


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def private_workteams(sagemaker: Any) -> list[str]:
    """List the ARNs of the account's private work teams."""
    teams = list_all(translated("sagemaker", sagemaker), "list_workteams", "Workteams")
    return [team["WorkteamArn"] for team in teams]


def portal_address(sagemaker: Any, workteam_arn: str) -> str:
    """Return the address of the portal in which a work team answers; empty: it is not known."""
    teams = list_all(translated("sagemaker", sagemaker), "list_workteams", "Workteams")
    hosts = (one.get("SubDomain", "") for one in teams if one["WorkteamArn"] == workteam_arn)
    host = next(hosts, "")
    return f"https://{host}" if host else ""
