"""Least privilege: the Airflow role may do what the product calls, and nothing else."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator

import botocore.session
import pytest
from botocore import xform_name

from launcher.aws import blueprint
from launcher.state.layout import Project
from storyboard_ops.domain.money.resource_lease import OWNER_TAG, Lease
from tests.studio.iam_rights import FREE, Account, action_of, allows, product_files

ACCOUNT = Account(account="123456789012", region="us-east-1", bucket="studio")
SERVICES = (
    "s3", "sqs", "sts", "iam", "bedrock", "bedrock-runtime", "rekognition", "sagemaker",
    "sagemaker-a2i-runtime", "service-quotas",
)  # fmt: skip
#: Needed without an operation of that name in the code, and why.
IMPLIED = {
    "iam:PassRole": "CreateModelCustomizationJob and CreateFlowDefinition name a role",
    "s3:DeleteObjectVersion": "DeleteObjects with a version",
    "s3:GetObjectVersion": "GetObject with a version",
}
#: Attributes that only look like an operation of AWS.
NO_OPERATION = frozenset({"create_app"})  # the review page's web application
#: Services of files whose clients are called `client`, for operations that several services have.
SERVICE_OF_FILE = {"bedrock": "bedrock", "rekognition": "rekognition"}


@pytest.fixture(scope="module")
def operations() -> dict[str, list[tuple[str, str]]]:
    """Name of a boto3 method to the operations it may be."""
    session = botocore.session.get_session()
    found: dict[str, list[tuple[str, str]]] = {}
    for service in SERVICES:
        for operation in session.get_service_model(service).operation_names:
            found.setdefault(xform_name(operation), []).append((service, operation))
    return found


def called(operations: dict[str, list[tuple[str, str]]]) -> Iterator[tuple[str, str]]:
    """Every operation that the product's code calls, as (service, operation)."""
    for file in product_files():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            for receiver, name in _names(node):
                if name not in NO_OPERATION:
                    yield from _meant(operations.get(name, []), receiver, file.stem)


def _names(node: ast.AST) -> Iterator[tuple[str, str]]:
    """(receiver, method) of calls on clients: a method, a paginator, a method passed as a value."""
    if isinstance(node, ast.Attribute):
        yield _last_name(node.value), node.attr
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        first = node.args[0] if node.args else None
        if node.func.attr == "get_paginator" and isinstance(first, ast.Constant):
            yield _last_name(node.func.value), str(first.value)


def _last_name(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _meant(candidates: list[tuple[str, str]], receiver: str, stem: str) -> list[tuple[str, str]]:
    if len(candidates) < 2:
        return candidates
    service = receiver if receiver in SERVICES else SERVICE_OF_FILE.get(stem.partition("_")[0])
    return [candidate for candidate in candidates if candidate[0] == service]


def test_the_airflow_role_may_do_what_the_product_calls_and_nothing_else(operations):
    """Add a missing action to include/iam/airflow-access.json, with its reason in
    include/iam/README.md; remove one that is not needed from both.
    """
    needed = {action_of(*one) for one in set(called(operations)) - FREE} | set(IMPLIED)
    statements = ACCOUNT.statements("airflow-access")
    allowed = {action for statement in statements for action in statement["Action"]}
    assert allowed == needed


def policies() -> list[str]:
    return sorted(file.stem for file in Project().policies.glob("*-access.json"))


@pytest.mark.parametrize("file", policies())
def test_every_statement_says_in_the_readme_why_it_is_there(file):
    readme = (Project().policies / "README.md").read_text(encoding="utf-8")
    explained = re.findall(r"^\| (\w+) \| \w.+ \|$", readme, re.MULTILINE)
    sids = [statement["Sid"] for statement in ACCOUNT.statements(file)]
    assert set(sids) <= set(explained)


@pytest.mark.parametrize("file", policies())
def test_no_action_is_a_wildcard_and_everything_has_a_resource_that_is_ours(file):
    for statement in ACCOUNT.statements(file):
        assert not [action for action in statement["Action"] if "*" in action]
        if statement["Resource"] != ["*"]:
            assert all(
                ACCOUNT.account in arn or ACCOUNT.bucket in arn or "::foundation-model/" in arn
                for arn in statement["Resource"]
            )


def test_the_readme_explains_nothing_that_is_gone():
    readme = (Project().policies / "README.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| (\w+) \| \w.+ \|$", readme, re.MULTILINE)) - {
        "statement",
        "role",
    }
    sids = {statement["Sid"] for file in policies() for statement in ACCOUNT.statements(file)}
    assert explained == sids


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", "arn:aws:s3:::another-bucket/film.mp4"),
        ("s3:DeleteBucket", "arn:aws:s3:::studio"),
        ("iam:PassRole", "arn:aws:iam::123456789012:role/Administrator"),
        ("iam:CreateRole", "arn:aws:iam::123456789012:role/StoryboardBedrock"),
        ("bedrock:InvokeModel", "arn:aws:bedrock:us-east-1::foundation-model/other.model-v1"),
        ("sqs:DeleteMessage", "arn:aws:sqs:us-east-1:123456789012:storyboard-uploads-rejected"),
        ("rekognition:DeleteCollection", "arn:aws:rekognition:us-east-1:123456789012:collection/x"),
    ],
)
def test_what_is_not_the_pipelines_is_not_allowed(action, resource):
    assert not allows(ACCOUNT.statements("airflow-access"), action, resource)


def test_what_bills_is_ended_only_where_the_owners_tag_is_on_it():
    ending = ("bedrock:Delete", "bedrock:Stop", "rekognition:Stop")
    for statement in ACCOUNT.statements("airflow-access"):
        if any(action.startswith(ending) for action in statement["Action"]):
            wanted = {"aws:ResourceTag/storyboard:owner": "storyboard-pipeline"}
            assert statement["Condition"] == {"StringEquals": wanted}


def test_tags_are_written_only_as_leases_are():
    """Owner, run and expiry; the tags of another owner cannot be replaced by ours."""
    (statement,) = (
        one
        for one in ACCOUNT.statements("airflow-access")
        if "bedrock:TagResource" in one["Action"]
    )
    assert statement["Action"] == ["bedrock:TagResource"], "tags of any owner may be read"
    ours = Lease(run="run-1", expires=None).tags
    allowed = statement["Condition"]["ForAllValues:StringEquals"]["aws:TagKeys"]
    assert sorted(allowed) == sorted(ours)
    assert statement["Condition"]["StringEqualsIfExists"] == {
        f"aws:{place}/{OWNER_TAG}": ours[OWNER_TAG] for place in ("ResourceTag", "RequestTag")
    }


@pytest.mark.parametrize("role", list(blueprint.ROLES))
def test_a_policy_fits_what_iam_takes(role):
    """Inline policies of a role: at most 10,240 characters without blanks (IAM User Guide)."""
    names = blueprint.Names(ACCOUNT.account, "us-gov-west-1", "b" * 63)
    policy = blueprint.read_policy(Project().policies, names, f"{blueprint.ROLES[role]}-access")
    assert len(json.dumps(policy, separators=(",", ":"))) <= 10_240
