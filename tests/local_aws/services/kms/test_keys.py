"""KMS keys: states, key policies, and who may look at them."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.local_aws.refusals import refused
from tests.studio.assumed_roles import assume, grant, make_role
from tests.studio.bucket_encryption import kms_statement, make_key, policy_of
from tests.studio.endpoint_fixture import RunningEndpoint

ROOT = {"AWS": "arn:aws:iam::000000000000:root"}


@pytest.fixture
def kms(local_endpoint: RunningEndpoint) -> Any:
    return local_endpoint.client("kms")


@pytest.fixture
def role(local_endpoint: RunningEndpoint) -> str:
    """The ARN of a role without rights."""
    return make_role(local_endpoint, f"role-{uuid.uuid4().hex[:8]}", [])


def test_a_new_key_is_enabled_and_leaves_the_decision_to_iam(kms: Any) -> None:
    made = kms.create_key(Description="films")["KeyMetadata"]
    arn = f"arn:aws:kms:us-east-1:000000000000:key/{made['KeyId']}"
    assert (made["Arn"], made["KeyState"], made["Enabled"]) == (arn, "Enabled", True)
    assert (made["KeyManager"], made["Description"]) == ("CUSTOMER", "films")
    assert kms.describe_key(KeyId=arn)["KeyMetadata"] == made
    assert kms.describe_key(KeyId=made["KeyId"])["KeyMetadata"] == made
    (statement,) = json.loads(kms.get_key_policy(KeyId=arn)["Policy"])["Statement"]
    assert (statement["Principal"], statement["Action"]) == (ROOT, "kms:*")


def test_a_key_is_disabled_enabled_and_scheduled_for_deletion(
    kms: Any, local_endpoint: RunningEndpoint
) -> None:
    key = make_key(local_endpoint)
    states = []
    for change in (kms.disable_key, kms.enable_key, kms.schedule_key_deletion):
        change(KeyId=key)
        states.append(kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"])
    assert states == ["Disabled", "Enabled", "PendingDeletion"]
    with refused("KMSInvalidStateException"):
        kms.enable_key(KeyId=key)


@pytest.mark.parametrize(
    ("key_id", "words"),
    [
        ("00000000-0000-0000-0000-000000000001", "does not exist"),
        ("arn:aws:kms:us-east-1:000000000000:key/nobody", "does not exist"),
        ("arn:aws:kms:eu-west-1:000000000000:key/x", "Invalid arn eu-west-1"),
        ("arn:aws:kms:us-east-1:999999999999:key/x", "does not exist"),
        ("alias/films", "does not exist"),
    ],
)
def test_a_key_that_is_not_here_is_not_found(kms: Any, key_id: str, words: str) -> None:
    with refused("NotFoundException", 400) as members:
        kms.describe_key(KeyId=key_id)
    assert words in members["Message"]


def test_the_key_of_s3_is_there_and_managed_by_aws(kms: Any) -> None:
    found = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    assert found["KeyManager"] == "AWS"
    assert kms.describe_key(KeyId=found["Arn"])["KeyMetadata"]["Arn"] == found["Arn"]


def test_a_policy_under_which_nobody_could_replace_it_is_refused(
    kms: Any, local_endpoint: RunningEndpoint, role: str
) -> None:
    locked = policy_of(kms_statement("kms:*", Principal={"AWS": role}))
    with refused("MalformedPolicyDocumentException"):
        kms.create_key(Policy=locked)
    key = make_key(local_endpoint)
    for policy in (locked, "{", '{"Statement": []}'):
        with refused("MalformedPolicyDocumentException"):
            kms.put_key_policy(KeyId=key, Policy=policy)
    kms.put_key_policy(KeyId=key, Policy=locked, BypassPolicyLockoutSafetyCheck=True)
    with refused("AccessDeniedException"):
        kms.get_key_policy(KeyId=key)


DESCRIBE = "kms:DescribeKey"


def by_account(role: str) -> dict[str, Any]:
    return kms_statement(DESCRIBE, Principal=ROOT)


def by_name(role: str) -> dict[str, Any]:
    return kms_statement("kms:Describe*", Principal={"AWS": [role]})


def denied(role: str) -> dict[str, Any]:
    return {**by_name(role), "Effect": "Deny"}


@pytest.mark.parametrize(
    ("key_policy", "iam", "allowed"),
    [
        ([by_account], [kms_statement(DESCRIBE)], True),
        ([by_account], [], False),
        ([by_name], [], True),
        ([], [kms_statement(DESCRIBE)], False),
        ([by_account, by_name, denied], [kms_statement(DESCRIBE)], False),
        ([by_name], [{**kms_statement(DESCRIBE), "Effect": "Deny"}], False),
    ],
)
def test_the_key_policy_decides_first_and_then_iam(
    local_endpoint: RunningEndpoint,
    role: str,
    key_policy: list[Callable[[str], dict[str, Any]]],
    iam: list[dict[str, Any]],
    allowed: bool,
) -> None:
    others = kms_statement("kms:PutKeyPolicy", Principal=ROOT)
    key = make_key(local_endpoint, others, *(statement(role) for statement in key_policy))
    grant(local_endpoint, role.rpartition("/")[2], iam)
    look = assume(local_endpoint, role)("kms").describe_key
    if allowed:
        assert look(KeyId=key)["KeyMetadata"]["Arn"] == key
    else:
        with refused("AccessDeniedException") as members:
            look(KeyId=key)
        assert f"{role} is not authorized to perform: {DESCRIBE}" in members["Message"]
