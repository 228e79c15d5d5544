"""SageMaker workteams: the one private team, whose members review in the worker portal.

Implemented: listing the one team of the account.
Not implemented: creating, changing or deleting teams and their workforce.
"""

from datetime import UTC, datetime
from typing import Any

from local_aws.operations.context import Answer, Context, Request
from local_aws.operations.resource_pages import list_page, read_sagemaker_query
from local_aws.protocol.errors import ServiceError

TEAM_NAME = "local-reviewers"
TEAM_CREATED = datetime(2026, 1, 1, tzinfo=UTC)


def list_workteams(request: Request, context: Context) -> Answer:
    """List the one private team, if `NameContains` matches it."""
    if request.get("NameContains", "") not in TEAM_NAME:
        return {"Workteams": []}
    page, _ = list_page(
        [{"arn": team_arn(context), "created": TEAM_CREATED.isoformat()}],
        read_sagemaker_query(request),
    )
    return {"Workteams": [_describe_team(context) for _ in page]}


def require(context: Context, arn: str) -> None:
    """Raise ServiceError ValidationException unless `arn` is the team's."""
    if arn != team_arn(context):
        raise ServiceError(
            "ValidationException",
            f"The specified Workteam '{arn}' does not exist or you do not have access to it.",
        )


def team_arn(context: Context) -> str:
    """Return the ARN of the private team in the caller's region."""
    account = f"arn:aws:sagemaker:{context.region}:{context.account_id}"
    return f"{account}:workteam/private-crowd/{TEAM_NAME}"


def user_pool(region: str) -> str:
    """Return the Cognito user pool that the team's members would come from."""
    return f"{region}_LocalPool"


def _describe_team(context: Context) -> dict[str, Any]:
    account = f"arn:aws:sagemaker:{context.region}:{context.account_id}"
    member = {
        "UserPool": user_pool(context.region),
        "UserGroup": TEAM_NAME,
        "ClientId": "localreviewers",
    }
    return {
        "WorkteamName": TEAM_NAME,
        "MemberDefinitions": [{"CognitoMemberDefinition": member}],
        "WorkteamArn": team_arn(context),
        "WorkforceArn": f"{account}:workforce/private-crowd",
        "Description": "Reviewers of the local worker portal",
        "CreateDate": TEAM_CREATED,
        "LastUpdatedDate": TEAM_CREATED,
    }
