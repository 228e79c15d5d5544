"""The endpoint's data about IAM actions, and how an action is judged by them."""

import pytest

from launcher.state.layout import Project
from local_aws.services.iam.action_resources import find_judged_resource, read_actions
from tests.reading.service_authorization import find_action
from tests.studio.iam_rights import Account

KEY = "arn:aws:kms:us-east-1:123456789012:key/x"
MODEL_ANYWHERE = "arn:aws:bedrock:::foundation-model/amazon.nova-2-lite-v1:0"
ACCOUNT = Account(account="123456789012", region="us-east-1", bucket="studio", key=KEY)
PROJECT = "arn:aws:rekognition:us-east-1:123456789012:project/storyboard-x"


def test_the_data_has_every_action_of_the_policies_as_aws_describes_it() -> None:
    granted = {
        action
        for file in Project().policies.glob("*-access.json")
        for statement in ACCOUNT.statements(file.stem)
        for action in statement["Action"]
    }
    resources = read_actions()["resources"]
    listed = {action: set(types) for action, types in read_actions()["actions"].items()}
    described = {
        action: {
            kind
            for kind in find_action(action).types
            if f"{action.partition(':')[0]}:{kind}" in resources
        }
        for action in granted | listed.keys()
    }
    assert listed == described


def test_an_action_without_types_here_has_none_in_aws() -> None:
    """Types that the file leaves out must not turn an action on ARNs into one on `*`."""
    without = [action for action, types in read_actions()["actions"].items() if not types]
    assert [action for action in without if find_action(action).types] == []


def test_arns_have_the_form_that_aws_gives_them() -> None:
    forms = {
        f"{action.partition(':')[0]}:{kind}": form
        for action in read_actions()["actions"]
        for kind, form in find_action(action).types.items()
    }
    for name, form in read_actions()["resources"].items():
        assert form == forms[name]


@pytest.mark.parametrize(
    ("action", "resource", "judged"),
    [
        ("rekognition:CreateProject", f"{PROJECT}/1", "*"),
        ("rekognition:CreateDataset", f"{PROJECT}/1", f"{PROJECT}/1"),
        ("rekognition:CreateDataset", f"{PROJECT}/version/v1/1", None),
        ("rekognition:StartProjectVersion", f"{PROJECT}/version/v1/1", f"{PROJECT}/version/v1/1"),
        ("rekognition:StartProjectVersion", "*", "*"),
        ("s3:GetObject", "arn:aws:s3:::studio/runs/r/1.png", "arn:aws:s3:::studio/runs/r/1.png"),
        ("s3:GetObject", "arn:aws:s3:::studio", None),
        ("bedrock:InvokeModel", MODEL_ANYWHERE, MODEL_ANYWHERE),
        ("s3:ListBucket", "arn:aws-us-gov:s3:::studio", "arn:aws-us-gov:s3:::studio"),
        ("s3:ListBucket", "arn:aws:s3:::studio/runs", None),
        ("ec2:RunInstances", "arn:aws:ec2:us-east-1::x", "arn:aws:ec2:us-east-1::x"),
    ],
)
def test_an_action_is_judged_on_a_resource_of_its_types(
    action: str, resource: str, judged: str | None
) -> None:
    assert find_judged_resource(action, resource) == judged
