"""IAM's SimulatePrincipalPolicy for roles, which moto does not play.

What it does: evaluates the inline and attached policies of a role, by moto's own reading of a
policy. What it does not: users, groups, boundaries, conditions, organization and resource policies.
Policies are simulated here and applied nowhere.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from local_aws.http_messages import HttpAnswer

if TYPE_CHECKING:
    from moto.iam.models import Role

OPERATION = "SimulatePrincipalPolicy"
NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/"


def simulate(form: Mapping[str, str], account_id: str, request_id: str) -> HttpAnswer:
    """The answer to SimulatePrincipalPolicy; NoSuchEntity where the role does not exist."""
    arn = form.get("PolicySourceArn", "")
    role = _role(arn, account_id)
    if role is None:
        message = f"<Message>The principal {escape(arn)} cannot be found.</Message>"
        error = f"<Error><Type>Sender</Type><Code>NoSuchEntity</Code>{message}</Error>"
        return _xml(404, f'<ErrorResponse xmlns="{NAMESPACE}">{error}</ErrorResponse>')
    resources = _members(form, "ResourceArns") or ["*"]
    results = [
        _result(action, resource, _decision(role, action, resource))
        for action in _members(form, "ActionNames")
        for resource in resources
    ]
    return _xml(
        200,
        f'<{OPERATION}Response xmlns="{NAMESPACE}"><{OPERATION}Result>'
        f"<IsTruncated>false</IsTruncated>"
        f"<EvaluationResults>{''.join(results)}</EvaluationResults>"
        f"</{OPERATION}Result><ResponseMetadata><RequestId>{request_id}</RequestId>"
        f"</ResponseMetadata></{OPERATION}Response>",
    )


def _role(arn: str, account_id: str) -> "Role | None":
    from moto.iam.models import iam_backends

    roles = iam_backends[account_id]["aws"].roles.values()
    return next((role for role in roles if role.arn == arn), None)


def _decision(role: "Role", action: str, resource: str) -> str:
    from moto.iam.access_control import IAMPolicy, PermissionResult

    policies: list[Any] = [*role.policies.values(), *role.managed_policies.values()]
    found = {IAMPolicy(policy).is_action_permitted(action, resource) for policy in policies}
    if PermissionResult.DENIED in found:
        return "explicitDeny"
    return "allowed" if PermissionResult.PERMITTED in found else "implicitDeny"


def _members(form: Mapping[str, str], name: str) -> Sequence[str]:
    keys = (f"{name}.member.{number}" for number in range(1, len(form) + 1))
    return [form[key] for key in keys if key in form]


def _result(action: str, resource: str, decision: str) -> str:
    return (
        f"<member><EvalActionName>{escape(action)}</EvalActionName>"
        f"<EvalResourceName>{escape(resource)}</EvalResourceName>"
        f"<EvalDecision>{decision}</EvalDecision></member>"
    )


def _xml(status: int, text: str) -> HttpAnswer:
    return HttpAnswer(status, {"Content-Type": "text/xml"}, text.encode())
