"""IAM's SimulatePrincipalPolicy for roles and users, which moto does not implement.

Implemented: the inline and attached policies of a role or user, statement by statement, with moto's
matching of actions and resources, and the conditions StringEquals, StringEqualsIfExists and
StringLike with the request's context. An action without resource types is judged on `*`, whatever
ARN is given, and an action on an ARN of a type that it does not have is not allowed
(`action_resources`). The owner of the endpoint's own key may do everything.
Not implemented: groups, boundaries, other conditions (they count as met), organization and resource
policies. Policies are simulated; only the use of KMS keys is enforced by them (`services.kms`).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from local_aws.http.messages import HttpAnswer
from local_aws.services.iam.action_resources import find_judged_resource
from local_aws.services.iam.policy_conditions import as_list, conditions_hold

if TYPE_CHECKING:
    from moto.iam.models import Role, User

OPERATION = "SimulatePrincipalPolicy"
NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/"
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def make_owner_arn(account_id: str) -> str:
    """Return the ARN of the user who owns the endpoint's own key."""
    return f"arn:aws:iam::{account_id}:user/endpoint-owner"


def simulate(form: Mapping[str, str], account_id: str, request_id: str) -> HttpAnswer:
    """Answer SimulatePrincipalPolicy; NoSuchEntity if the principal does not exist."""
    arn = form.get("PolicySourceArn", "")
    statements = _find_statements(arn, account_id)
    if statements is None:
        message = f"<Message>The principal {escape(arn)} cannot be found.</Message>"
        error = f"<Error><Type>Sender</Type><Code>NoSuchEntity</Code>{message}</Error>"
        return _answer_xml(404, f'<ErrorResponse xmlns="{NAMESPACE}">{error}</ErrorResponse>')
    applying = _find_applying(statements, _read_context(form))
    resources = _read_members(form, "ResourceArns") or ["*"]
    results = [
        _format_result(action, resource, _decide(applying, action, resource))
        for action in _read_members(form, "ActionNames")
        for resource in resources
    ]
    return _answer_xml(
        200,
        f'<{OPERATION}Response xmlns="{NAMESPACE}"><{OPERATION}Result>'
        f"<IsTruncated>false</IsTruncated>"
        f"<EvaluationResults>{''.join(results)}</EvaluationResults>"
        f"</{OPERATION}Result><ResponseMetadata><RequestId>{request_id}</RequestId>"
        f"</ResponseMetadata></{OPERATION}Response>",
    )


def decide(
    principal: str, account_id: str, action: str, resource: str, context: Mapping[str, str]
) -> str | None:
    """Return allowed, implicitDeny or explicitDeny for one action of a user or role.

    None if the principal does not exist. `context` has the condition keys in lower case.
    """
    statements = _find_statements(principal, account_id)
    if statements is None:
        return None
    return _decide(_find_applying(statements, context), action, resource)


def _find_applying(
    statements: Sequence[Mapping[str, Any]], context: Mapping[str, str]
) -> list[Mapping[str, Any]]:
    return [statement for statement in statements if conditions_hold(statement, context)]


def _find_statements(arn: str, account_id: str) -> list[dict[str, Any]] | None:
    """Return every statement of a principal's policies; None if there is no such principal."""
    from moto.iam.models import iam_backends

    if arn == make_owner_arn(account_id):
        return [EVERYTHING]
    account = iam_backends[account_id]["aws"]
    known: list[Role | User] = [*account.roles.values(), *account.users.values()]
    found = next((principal for principal in known if principal.arn == arn), None)
    if found is None:
        return None
    return [
        statement for document in _list_documents(found) for statement in _read_statements(document)
    ]


def _list_documents(principal: "Role | User") -> Iterator[str]:
    yield from principal.policies.values()
    for attached in principal.managed_policies.values():
        yield next(version.document for version in attached.versions if version.is_default)


def _read_statements(document: str) -> list[dict[str, Any]]:
    return as_list(json.loads(document)["Statement"])


def _decide(statements: Sequence[Mapping[str, Any]], action: str, resource: str) -> str:
    from moto.iam.access_control import IAMPolicyStatement, PermissionResult

    judged = find_judged_resource(action, resource)
    if judged is None:
        return "implicitDeny"
    found = {
        IAMPolicyStatement(
            {name: value for name, value in statement.items() if name != "Condition"}
        ).is_action_permitted(action, judged)
        for statement in statements
    }
    if PermissionResult.DENIED in found:
        return "explicitDeny"
    return "allowed" if PermissionResult.PERMITTED in found else "implicitDeny"


def _read_context(form: Mapping[str, str]) -> dict[str, str]:
    """Return the first value of every context key, in lower case: IAM ignores their case."""
    entries = (f"ContextEntries.member.{number}" for number in range(1, len(form) + 1))
    return {
        form[f"{entry}.ContextKeyName"].lower(): form[f"{entry}.ContextKeyValues.member.1"]
        for entry in entries
        if f"{entry}.ContextKeyName" in form
    }


def _read_members(form: Mapping[str, str], name: str) -> Sequence[str]:
    keys = (f"{name}.member.{number}" for number in range(1, len(form) + 1))
    return [form[key] for key in keys if key in form]


def _format_result(action: str, resource: str, decision: str) -> str:
    return (
        f"<member><EvalActionName>{escape(action)}</EvalActionName>"
        f"<EvalResourceName>{escape(resource)}</EvalResourceName>"
        f"<EvalDecision>{decision}</EvalDecision></member>"
    )


def _answer_xml(status: int, text: str) -> HttpAnswer:
    return HttpAnswer(status, {"Content-Type": "text/xml"}, text.encode())
