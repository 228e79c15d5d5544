"""SimulatePrincipalPolicy: what the policies of a role allow."""

import json
import uuid
from typing import Any

import pytest

from tests.local_aws.refusals import refused
from tests.studio.endpoint_fixture import RunningEndpoint

TRUST = {"Version": "2012-10-17", "Statement": []}
CROPS = "arn:aws:s3:::studio/crops/1.png"


@pytest.fixture
def iam(local_endpoint: RunningEndpoint) -> Any:
    return local_endpoint.client("iam")


@pytest.fixture
def role(iam: Any) -> str:
    """The name of a role without any rights."""
    name = f"role-{uuid.uuid4().hex[:8]}"
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    return name


def policy(effect: str, action: str, resource: str) -> str:
    statement = {"Effect": effect, "Action": [action], "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def decision(iam: Any, role: str, action: str, resource: str = CROPS) -> str:
    arn = iam.get_role(RoleName=role)["Role"]["Arn"]
    answer = iam.simulate_principal_policy(
        PolicySourceArn=arn, ActionNames=[action], ResourceArns=[resource]
    )
    [result] = answer["EvaluationResults"]
    assert (result["EvalActionName"], result["EvalResourceName"]) == (action, resource)
    return str(result["EvalDecision"])


def test_what_no_policy_names_is_not_allowed(iam: Any, role: str) -> None:
    assert decision(iam, role, "s3:GetObject") == "implicitDeny"


def test_an_inline_policy_allows_what_it_names_and_where(iam: Any, role: str) -> None:
    allowed = policy("Allow", "s3:GetObject", "arn:aws:s3:::studio/*")
    iam.put_role_policy(RoleName=role, PolicyName="read", PolicyDocument=allowed)
    assert decision(iam, role, "s3:GetObject") == "allowed"
    assert decision(iam, role, "s3:PutObject") == "implicitDeny"
    assert decision(iam, role, "s3:GetObject", "arn:aws:s3:::other/1.png") == "implicitDeny"


def test_an_attached_denial_wins(iam: Any, role: str) -> None:
    document = policy("Allow", "s3:*", "*")
    iam.put_role_policy(RoleName=role, PolicyName="all", PolicyDocument=document)
    denied = iam.create_policy(
        PolicyName=f"no-{role}", PolicyDocument=policy("Deny", "s3:PutObject", "*")
    )["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=role, PolicyArn=denied)
    assert decision(iam, role, "s3:PutObject") == "explicitDeny"
    assert decision(iam, role, "s3:GetObject") == "allowed"


FLOW = "arn:aws:sagemaker:us-east-1:000000000000:flow-definition/storyboard-review-x"


@pytest.mark.parametrize(
    ("action", "arn"),
    [
        ("sagemaker:ListHumanLoops", FLOW),
        ("rekognition:CreateCollection", "arn:aws:rekognition:us-east-1:000000000000:collection/x"),
        ("rekognition:CreateProject", "arn:aws:rekognition:us-east-1:000000000000:project/x/1"),
    ],
)
def test_an_action_without_a_resource_type_is_allowed_on_everything_only(
    iam: Any, role: str, action: str, arn: str
) -> None:
    iam.put_role_policy(
        RoleName=role, PolicyName="own", PolicyDocument=policy("Allow", action, arn)
    )
    assert [decision(iam, role, action, one) for one in (arn, "*")] == ["implicitDeny"] * 2
    iam.put_role_policy(
        RoleName=role, PolicyName="own", PolicyDocument=policy("Allow", action, "*")
    )
    assert [decision(iam, role, action, one) for one in (arn, "*")] == ["allowed"] * 2


def test_an_action_is_not_allowed_on_a_resource_of_another_type(iam: Any, role: str) -> None:
    document = policy("Allow", "sagemaker:*", "*")
    iam.put_role_policy(RoleName=role, PolicyName="all", PolicyDocument=document)
    assert decision(iam, role, "sagemaker:StartHumanLoop", FLOW) == "allowed"
    assert decision(iam, role, "sagemaker:StopHumanLoop", FLOW) == "implicitDeny"


@pytest.mark.parametrize(
    ("operator", "without_the_key"),
    [("StringEquals", "implicitDeny"), ("StringEqualsIfExists", "allowed")],
)
def test_a_condition_holds_with_the_context_that_the_request_gives(
    iam: Any, role: str, operator: str, without_the_key: str
) -> None:
    document = json.loads(policy("Allow", "s3:GetObject", "*"))
    document["Statement"][0]["Condition"] = {operator: {"aws:ResourceTag/team": "film"}}
    iam.put_role_policy(RoleName=role, PolicyName="read", PolicyDocument=json.dumps(document))
    arn = iam.get_role(RoleName=role)["Role"]["Arn"]

    def decided(*teams: str) -> str:
        context = [
            {
                "ContextKeyName": "AWS:ResourceTag/team",
                "ContextKeyValues": [team],
                "ContextKeyType": "string",
            }
            for team in teams
        ]
        answer = iam.simulate_principal_policy(
            PolicySourceArn=arn, ActionNames=["s3:GetObject"], ContextEntries=context
        )
        return str(answer["EvaluationResults"][0]["EvalDecision"])

    assert (decided("film"), decided("sound"), decided()) == (
        "allowed",
        "implicitDeny",
        without_the_key,
    )


def test_the_owner_of_the_endpoints_key_may_do_everything(
    iam: Any, local_endpoint: RunningEndpoint
) -> None:
    owner = local_endpoint.client("sts").get_caller_identity()["Arn"]
    answer = iam.simulate_principal_policy(PolicySourceArn=owner, ActionNames=["s3:GetObject"])
    assert owner.startswith("arn:aws:iam::000000000000:user/")
    assert answer["EvaluationResults"][0]["EvalDecision"] == "allowed"


def test_a_user_is_simulated_like_a_role(iam: Any) -> None:
    name = f"user-{uuid.uuid4().hex[:8]}"
    arn = iam.create_user(UserName=name)["User"]["Arn"]
    iam.put_user_policy(
        UserName=name, PolicyName="read", PolicyDocument=policy("Allow", "s3:GetObject", "*")
    )
    answer = iam.simulate_principal_policy(
        PolicySourceArn=arn, ActionNames=["s3:GetObject", "s3:PutObject"]
    )
    decisions = [result["EvalDecision"] for result in answer["EvaluationResults"]]
    assert decisions == ["allowed", "implicitDeny"]


def test_an_unknown_role_is_not_found(iam: Any) -> None:
    with refused("NoSuchEntity", 404):
        iam.simulate_principal_policy(
            PolicySourceArn="arn:aws:iam::000000000000:role/nobody", ActionNames=["s3:GetObject"]
        )
