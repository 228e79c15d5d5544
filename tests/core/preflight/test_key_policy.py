"""What a key policy says about a role, before IAM is asked."""

from __future__ import annotations

from typing import Any

import pytest

from storyboard_ops.core.preflight.key_policy import judge

ROLE = "arn:aws:iam::123456789012:role/StoryboardBedrock"
ROOT = {"AWS": "arn:aws:iam::123456789012:root"}
VIA_S3 = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}


def allow(principal: Any, *actions: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": list(actions), **more}


def deny(principal: Any, *actions: str, **more: Any) -> dict[str, Any]:
    return {**allow(principal, *actions, **more), "Effect": "Deny"}


@pytest.mark.parametrize(
    ("statements", "verdict"),
    [
        ([allow(ROOT, "kms:*")], "by_iam"),  # what KMS gives to a new key
        ([allow({"AWS": "123456789012"}, "kms:*")], "by_iam"),
        ([allow({"AWS": ROLE}, "kms:Decrypt")], "granted"),
        ([allow({"AWS": [ROOT["AWS"], ROLE]}, "kms:decrypt")], "granted"),
        ([allow("*", "kms:Decrypt", Condition=VIA_S3)], "granted"),
        ([allow({"AWS": "*"}, "kms:De*")], "granted"),
        ([], "refused"),
        ([allow(ROOT, "kms:Describe*", "kms:Put*")], "refused"),
        ([allow({"AWS": f"{ROLE}2"}, "kms:*")], "refused"),
        ([allow({"AWS": "arn:aws:iam::999999999999:root"}, "kms:*")], "refused"),
        ([allow({"Service": "logs.amazonaws.com"}, "kms:*")], "refused"),
        ([{"Effect": "Allow", "Principal": ROOT, "NotAction": "kms:Decrypt"}], "refused"),
        ([allow(ROOT, "kms:*"), deny({"AWS": ROLE}, "kms:Decrypt")], "refused"),
        ([allow(ROOT, "kms:*"), deny("*", "kms:Decrypt")], "refused"),
        ([allow(ROOT, "kms:*"), deny("*", "kms:Decrypt", Condition=VIA_S3)], "by_iam"),
        ([allow(ROOT, "kms:*"), deny({"AWS": f"{ROLE}2"}, "kms:Decrypt")], "by_iam"),
    ],
)
def test_the_policy_grants_leaves_it_to_iam_or_refuses(statements, verdict):
    assert judge({"Statement": statements}, "kms:Decrypt", ROLE) == verdict


def test_one_statement_needs_no_brackets():
    policy = {"Statement": {"Effect": "Allow", "Principal": ROOT, "Action": "kms:*"}}
    assert judge(policy, "kms:Decrypt", ROLE) == "by_iam"


def test_the_account_is_of_the_partition_of_the_role():
    role = ROLE.replace("arn:aws:", "arn:aws-us-gov:")
    assert judge({"Statement": [allow(ROOT, "kms:*")]}, "kms:Decrypt", role) == "refused"
    root = {"AWS": ROOT["AWS"].replace("arn:aws:", "arn:aws-us-gov:")}
    assert judge({"Statement": [allow(root, "kms:*")]}, "kms:Decrypt", role) == "by_iam"
