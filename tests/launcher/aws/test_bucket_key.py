"""A KMS key for the bucket: chosen when the account is set up, and kept from then on."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from rich.console import Console

from launcher.commands.account import set_up_account
from launcher.context import Context
from launcher.errors import RunFailed, UsageError
from launcher.processes.interrupts import Interrupts
from launcher.product import Clients
from launcher.state.layout import Project
from tests.studio.bucket_encryption import encrypt_bucket, make_key
from tests.studio.endpoint_fixture import RunningEndpoint, quick_folder, running_endpoint

BUCKET = "studio-bucket"
VIA_S3 = {"kms:ViaService": "s3.us-east-1.amazonaws.com"}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[RunningEndpoint]:
    """An account of its own: roles are shared by everybody in one."""
    with quick_folder() as folder, running_endpoint(folder / "data") as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def clients(endpoint: RunningEndpoint) -> Clients:
    return cache(endpoint.client)


def set_up(clients: Clients, key: str = "") -> str:
    """Set the account up; what the command shows."""
    out = io.StringIO()
    context = Context(Project(), Console(file=out, width=200), Interrupts())
    set_up_account(context, BUCKET, "", clients, key=key)
    return out.getvalue()


def rights_on(clients: Clients, role: str, key: str, context: dict[str, str]) -> set[str]:
    """What a role may do with a key, as IAM simulates it."""
    answer = clients("iam").simulate_principal_policy(
        PolicySourceArn=f"arn:aws:iam::000000000000:role/{role}",
        ActionNames=["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey", "kms:DisableKey"],
        ResourceArns=[key],
        ContextEntries=[
            {"ContextKeyName": name, "ContextKeyValues": [value], "ContextKeyType": "string"}
            for name, value in context.items()
        ],
    )
    results = answer["EvaluationResults"]
    return {one["EvalActionName"] for one in results if one["EvalDecision"] == "allowed"}


def encryption(clients: Clients) -> dict[str, Any]:
    """The rule of the bucket."""
    answer = clients("s3").get_bucket_encryption(Bucket=BUCKET)
    (rule,) = answer["ServerSideEncryptionConfiguration"]["Rules"]
    return dict(rule)


def test_a_key_encrypts_the_bucket_and_the_roles_may_use_it_through_s3_only(clients, endpoint):
    set_up(clients)
    key, other = make_key(endpoint), make_key(endpoint)
    assert rights_on(clients, "StoryboardAirflow", key, VIA_S3) == set()

    shown = set_up(clients, key)
    assert encryption(clients) == {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key},
        "BucketKeyEnabled": True,
    }
    both = {"kms:Decrypt", "kms:GenerateDataKey"}
    for role, rights in (
        ("StoryboardAirflow", both | {"kms:DescribeKey"}),
        ("StoryboardBedrock", both),
        ("StoryboardReview", both),
        ("StoryboardReviewer", {"kms:Decrypt"}),
        ("StoryboardUploader", both),
        ("StoryboardAuthor", both),
    ):
        assert rights_on(clients, role, key, VIA_S3) == rights, role
        assert rights_on(clients, role, other, VIA_S3) == set()
        assert not rights_on(clients, role, key, {}) & both, "without S3 in between"
    (statements,) = re.findall(r"^\[\n.*^\]$", shown, re.MULTILINE | re.DOTALL)
    assert [one["Sid"] for one in json.loads(statements)] == [
        "StoryboardReadsWithKey",
        "StoryboardWritesWithKey",
        "StoryboardLooksAtKey",
    ]
    assert "arn:aws:iam::000000000000:root" in shown

    again = set_up(clients)
    assert "changed" not in again.replace("unchanged", ""), "the bucket's own key is kept"
    assert key in again


@pytest.mark.parametrize("named", [lambda arn: arn, lambda arn: arn.rpartition("/")[2]])
def test_a_key_that_an_administrator_chose_is_found(clients, endpoint, named):
    set_up(clients)
    key = make_key(endpoint)
    encrypt_bucket(endpoint, BUCKET, named(key))
    before = encryption(clients)
    assert key in set_up(clients)
    assert encryption(clients) == before
    assert "kms:GenerateDataKey" in rights_on(clients, "StoryboardBedrock", key, VIA_S3)


def test_the_key_of_aws_needs_no_rights(clients, endpoint):
    set_up(clients)
    encrypt_bucket(endpoint, BUCKET, "alias/aws/s3")
    assert "arn:aws:kms" not in set_up(clients)
    policy = clients("iam").get_role_policy(RoleName="StoryboardAirflow", PolicyName="access")
    assert "kms" not in json.dumps(policy["PolicyDocument"])


def disabled(endpoint: RunningEndpoint) -> str:
    key = make_key(endpoint)
    endpoint.client("kms").disable_key(KeyId=key)
    return key


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda endpoint: "films", "is not the ARN of a KMS key"),
        (lambda endpoint: "arn:aws:kms:us-east-1:000000000000:alias/films", "is not the ARN"),
        (lambda endpoint: "arn:aws:kms:us-east-1:000000000000:key/*", "is not the ARN"),
        (
            lambda endpoint: "arn:aws:kms:eu-west-1:000000000000:key/x",
            "is in eu-west-1, but the account is set up in us-east-1",
        ),
        (disabled, "is Disabled"),
    ],
)
def test_a_key_that_cannot_encrypt_the_bucket_is_refused(clients, endpoint, make, words):
    with pytest.raises(UsageError, match=re.escape(words)):
        set_up(clients, make(endpoint))


def test_a_key_that_does_not_exist_is_named_by_aws(clients):
    with pytest.raises(RunFailed, match="NotFoundException"):
        set_up(clients, "arn:aws:kms:us-east-1:000000000000:key/gone")
