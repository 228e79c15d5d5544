"""The policies of include/iam, held against AWS's Service Authorization Reference."""

from __future__ import annotations

from typing import Any

import pytest

from launcher.state.layout import Project
from tests.reading.service_authorization import as_list, find_action, find_faults, may_match
from tests.studio.iam_rights import Account

KEY = "arn:aws:kms:us-east-1:123456789012:key/x"
ACCOUNT = Account(
    account="123456789012", region="us-east-1", bucket="studio", prefix="team/", key=KEY
)
FILES = sorted(file.stem for file in Project().policies.glob("*.json"))
#: Actions that others may need besides, and why the product does not need them.
NOT_NEEDED = {
    "autoscaling:DescribeAccountLimits": "only for quotas of that service",
    "cloudformation:DescribeAccountLimits": "only for quotas of that service",
    "dynamodb:DescribeLimits": "only for quotas of that service",
    "elasticloadbalancing:DescribeAccountLimits": "only for quotas of that service",
    "iam:GetAccountSummary": "only for quotas of that service",
    "kinesis:DescribeLimits": "only for quotas of that service",
    "rds:DescribeAccountAttributes": "only for quotas of that service",
    "route53:GetAccountLimit": "only for quotas of that service",
}
FLOWS = "arn:aws:sagemaker:us-east-1:123456789012:flow-definition/storyboard-review-*"
LOOPS = "arn:aws:sagemaker:us-east-1:123456789012:human-loop/*"
MODELS = "arn:aws:bedrock:us-east-1:123456789012:custom-model/*"


def statement(action: str, *resources: str, **condition: Any) -> dict[str, Any]:
    return {"Action": [action], "Resource": list(resources), "Condition": condition}


@pytest.mark.parametrize("file", FILES)
def test_aws_grants_what_every_statement_says(file):
    for one in ACCOUNT.statements(file):
        if one["Effect"] == "Allow":
            assert list(find_faults(one)) == [], one.get("Sid", file)


def test_a_wildcard_of_actions_only_denies():
    wide = [
        (file, one["Sid"])
        for file in FILES
        for one in ACCOUNT.statements(file)
        if any("*" in action for action in as_list(one["Action"]))
    ]
    assert wide == [("bucket-policy", "StoryboardOnlyByTls")]


def test_actions_that_others_depend_on_are_granted_or_not_needed():
    granted = {a for one in ACCOUNT.statements("airflow-access") for a in one["Action"]}
    dependent = frozenset().union(*(find_action(name).dependent for name in granted))
    assert dependent - granted == NOT_NEEDED.keys()


@pytest.mark.parametrize(
    "action",
    ["sagemaker:ListHumanLoops", "rekognition:CreateCollection", "rekognition:CreateProject"],
)
def test_what_has_no_resource_type_is_granted_on_everything(action):
    granted = [
        one["Resource"] for one in ACCOUNT.statements("airflow-access") if action in one["Action"]
    ]
    assert find_action(action).types == {}
    assert granted == [["*"]]


@pytest.mark.parametrize(
    ("statement", "faults"),
    [
        (
            statement("sagemaker:ListHumanLoops", FLOWS),
            ["sagemaker:ListHumanLoops has no resource type: it is granted on * only"],
        ),
        (
            statement("sagemaker:StartHumanLoop", LOOPS),
            [f"sagemaker:StartHumanLoop has no resource like {LOOPS}"],
        ),
        (
            statement("sagemaker:StartHumanLoop", FLOWS, LOOPS),
            [f"{LOOPS} is a resource of none of the actions"],
        ),
        (statement("sagemaker:ListLoops", "*"), ["sagemaker:ListLoops does not exist"]),
        (
            statement("s3:GetObject", "arn:aws:s3:::studio"),
            ["s3:GetObject has no resource like arn:aws:s3:::studio"],
        ),
        (
            statement("s3:GetObject", "arn:aws:s3:::studio/*", StringLike={"s3:prefix": "runs/*"}),
            ["s3:GetObject has no condition key s3:prefix"],
        ),
        (
            statement("bedrock:DeleteCustomModel", MODELS, StringEquals={"aws:RequestTag/a": "b"}),
            ["bedrock:DeleteCustomModel has no condition key aws:RequestTag/a"],
        ),
        (
            statement("bedrock:DeleteCustomModel", MODELS, StringEquals={"aws:ResourceTag/a": "b"}),
            [],
        ),
        (statement("sagemaker:StartHumanLoop", "*"), []),
    ],
)
def test_a_statement_that_aws_would_deny_is_found(statement, faults):
    assert list(find_faults(statement)) == faults


@pytest.mark.parametrize(
    ("pattern", "form", "matches"),
    [
        ("arn:aws:s3:::films", "arn:${Partition}:s3:::${BucketName}", True),
        ("arn:aws:s3:::films/runs/*", "arn:${Partition}:s3:::${BucketName}", False),
        ("arn:aws:s3:::films/*/crops/*", "arn:${Partition}:s3:::${BucketName}/${ObjectName}", True),
        ("arn:aws-cn:sqs:r:1:uploads", "arn:${Partition}:sqs:${Region}:${Account}:${Name}", True),
        ("arn:aws:x:r:1:project/a-*", "arn:${P}:x:${R}:${A}:project/${N}/version/${V}/${T}", True),
        ("arn:aws:x:r:1:project/a", "arn:${P}:x:${R}:${A}:project/${N}/version/${V}/${T}", False),
        ("arn:aws:x:r:1:collection/*", "arn:${P}:x:${R}:${A}:project/${N}/${T}", False),
    ],
)
def test_a_pattern_matches_a_type_when_one_of_its_arns_does(pattern, form, matches):
    assert may_match(pattern, form) == matches
