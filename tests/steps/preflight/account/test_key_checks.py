"""The key of the bucket, as preflight looks at it: each way in which it cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from storyboard_ops.domain.preflight.preflight_report import Check
from storyboard_ops.gateways.aws.bucket_keys import BucketKey
from storyboard_ops.steps.preflight.account import key_checks
from storyboard_ops.steps.preflight.account.account_checks import account_checks, identity_checks
from storyboard_ops.steps.preflight.check_runner import run_check
from storyboard_ops.steps.preflight.trainers.trainer_choice import settle_trainer
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.studio.assumed_roles import assume, make_role
from tests.studio.bucket_encryption import encrypt_bucket, kms_statement, make_key, policy_of
from tests.studio.studio_fixture import Studio

ROOT = {"AWS": "arn:aws:iam::000000000000:root"}
VIA_S3 = {"StringLike": {"kms:ViaService": "s3.us-east-1.amazonaws.com*"}}
LOOK = ("kms:DescribeKey", "kms:GetKeyPolicy")
USE = ("kms:Decrypt", "kms:GenerateDataKey")


def check(tools: ToolBox, name: str = "bucket key") -> Check:
    """What preflight says about one thing."""
    checks = dict((*identity_checks(tools), *account_checks(tools)))
    if name in checks:
        return run_check(name, checks[name], tools)
    return next(
        one for one in settle_trainer(tools, tools.settings.production).checks if one.name == name
    )


@pytest.fixture
def key(studio: Studio) -> str:
    """The ARN of a key that encrypts the studio's bucket, and leaves the decision to IAM."""
    key = make_key(studio.endpoint)
    encrypt_bucket(studio.endpoint, studio.bucket, key)
    return key


def worker(studio: Studio, *statements: dict[str, Any]) -> ToolBox:
    """The tool box of a worker whose role has these rights on keys."""
    role = make_role(studio.endpoint, f"worker-{studio.bucket}", statements)
    return replace(studio.tools(), clients=assume(studio.endpoint, role))


def test_a_bucket_without_a_key_of_its_own_passes(studio):
    found = check(studio.tools())
    assert (found.state, found.finding) == (
        "pass",
        "the bucket is encrypted with a key that AWS manages.",
    )
    encrypt_bucket(studio.endpoint, studio.bucket, "alias/aws/s3")
    assert check(studio.tools()) == found


@pytest.mark.parametrize("named", [lambda key: key, lambda key: key.rpartition("/")[2]])
def test_a_key_that_the_worker_may_use_passes_and_is_named(studio, key, named):
    encrypt_bucket(studio.endpoint, studio.bucket, named(key))
    tools = worker(
        studio,
        kms_statement(*LOOK, resource=key),
        kms_statement(*USE, resource=key, Condition=VIA_S3),
    )
    found = check(tools)
    assert (found.state, key in found.finding) == ("pass", True), found


@pytest.mark.parametrize("missing", USE)
def test_a_right_that_the_worker_lacks_is_named(studio, key, missing):
    rest = {*LOOK, *USE} - {missing}
    found = check(worker(studio, kms_statement(*rest, resource=key)))
    assert (found.state, f"lacks: {missing} on {key}." in found.finding) == ("fail", True)
    assert "make aws-setup" in found.remedy


@pytest.mark.parametrize("missing", LOOK)
def test_a_key_that_cannot_be_looked_at_is_a_failure(studio, key, missing):
    rest = {*LOOK, *USE} - {missing}
    found = check(worker(studio, kms_statement(*rest, resource=key)))
    assert (found.state, f"not authorized to perform: {missing}" in found.finding) == ("fail", True)


@pytest.mark.parametrize("role", ["StoryboardBedrock", "StoryboardReview"])
def test_roles_of_services_are_asked_about_the_key_too(studio, key, role):
    checked = {"StoryboardBedrock": "training rights", "StoryboardReview": "review rights"}[role]
    found = check(studio.tools(), checked)
    assert found.state == "fail"
    assert f"lacks: kms:Decrypt on {key}, kms:GenerateDataKey on {key}." in found.finding
    studio.client("kms").put_key_policy(
        KeyId=key,
        Policy=policy_of(
            kms_statement("kms:*", Principal=ROOT),
            kms_statement(*USE, Principal={"AWS": f"arn:aws:iam::000000000000:role/{role}"}),
        ),
    )
    assert check(studio.tools(), checked).state == "pass", "granted by the key policy itself"


def test_a_key_policy_that_lets_nobody_use_it_is_named(studio, key):
    manage = kms_statement("kms:Put*", "kms:Get*", "kms:Describe*", Principal=ROOT)
    studio.client("kms").put_key_policy(KeyId=key, Policy=policy_of(manage))
    found = check(worker(studio, kms_statement("kms:*", resource=key)))
    assert found.state == "fail"
    assert f"lacks: kms:Decrypt in the policy of {key}, kms:GenerateDataKey in" in found.finding
    assert "include/iam/key-policy.json" in found.remedy


def disabled(studio: Studio) -> str:
    key = make_key(studio.endpoint)
    studio.client("kms").disable_key(KeyId=key)
    return key


def deleted(studio: Studio) -> str:
    key = make_key(studio.endpoint)
    studio.client("kms").schedule_key_deletion(KeyId=key)
    return key


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (disabled, "which is Disabled."),
        (deleted, "which is PendingDeletion."),
        (lambda studio: "gone", "which does not exist in us-east-1."),
        (
            lambda studio: "arn:aws:kms:eu-west-1:000000000000:key/x",
            "arn:aws:kms:eu-west-1:000000000000:key/x, but the run is in us-east-1.",
        ),
    ],
)
def test_a_key_that_cannot_be_used_is_refused(
    studio: Studio, make: Callable[[Studio], str], words: str
) -> None:
    encrypt_bucket(studio.endpoint, studio.bucket, make(studio))
    found = check(studio.tools())
    assert (found.state, found.finding.endswith(words)) == ("fail", True), found
    assert found.remedy


def test_rights_that_cannot_be_simulated_are_a_warning(studio, key, monkeypatch):
    caller = "arn:aws:iam::000000000000:root"
    monkeypatch.setattr("storyboard_ops.gateways.aws.account.caller_arn", lambda sts: caller)
    found = check(studio.tools())
    assert (found.state, caller in found.finding) == ("warn", True)


def test_the_policy_of_a_key_of_another_account_is_not_checked(studio, key, monkeypatch):
    foreign = BucketKey(key.replace("000000000000", "999999999999"), "Enabled", None)
    monkeypatch.setattr(key_checks, "find_key", lambda tools: foreign)
    found = check(studio.tools())
    assert (found.state, "belongs to another account" in found.finding) == ("pass", True)
