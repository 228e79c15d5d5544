"""A bucket with a KMS key, set up by `make aws-setup` and used with the roles that it makes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from launcher.aws.setup import read_names, set_up
from launcher.state.layout import Project
from storyboard_ops.domain.error_tree import GateClosed, KeyUnusable
from storyboard_ops.steps.preflight.check_preflight import check_preflight
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.sampling.plan_shards import plan_shards
from tests.material.finished_runs import (
    approved_dataset,
    candidates_of,
    lantern_production,
    quiet_film,
    trained_and_drawn,
)
from tests.studio.assumed_roles import assume
from tests.studio.bucket_encryption import make_key
from tests.studio.endpoint_fixture import FAST, quick_folder, running_endpoint
from tests.studio.studio_fixture import Studio

ACCOUNT = "arn:aws:iam::000000000000"
AIRFLOW, BEDROCK, REVIEW = "StoryboardAirflow", "StoryboardBedrock", "StoryboardReview"


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    """A studio whose account is set up with a key, and nothing else."""
    with quick_folder() as folder, running_endpoint(folder / "data", FAST) as endpoint:
        studio = Studio(endpoint, "studio-encrypted")
        studio.configure()
        clients = cache(endpoint.client)
        names = replace(read_names(clients("sts"), studio.bucket), key=make_key(endpoint))
        assert list(set_up(Project().policies, clients, names))
        studio.ensure_a2i()
        yield studio


@pytest.fixture(scope="module")
def key(studio: Studio) -> str:
    """The ARN of the key."""
    answer = studio.client("s3").get_bucket_encryption(Bucket=studio.bucket)
    (rule,) = answer["ServerSideEncryptionConfiguration"]["Rules"]
    return str(rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"])


@pytest.fixture(scope="module")
def material(studio: Studio, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Parameters of a run: a film of nine seconds, and a production file."""
    film = quiet_film(tmp_path_factory.mktemp("film") / "film.mp4", range(9))
    return {"videos": [studio.upload(film)], "production": lantern_production(studio)}


def as_airflow(studio: Studio, run_key: str, **params: Any) -> ToolBox:
    """The tool box of a run whose workers have taken on the role for Airflow."""
    clients = assume(studio.endpoint, f"{ACCOUNT}:role/{AIRFLOW}")
    return replace(studio.tools(run_key, **params), clients=clients)


def stored(studio: Studio) -> list[dict[str, Any]]:
    """HeadObject of every object of the bucket."""
    s3 = studio.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=studio.bucket)
    keys = [item["Key"] for page in pages for item in page.get("Contents", ())]
    return [s3.head_object(Bucket=studio.bucket, Key=name) for name in keys]


def test_a_run_ends_with_its_dataset_and_its_storyboard(studio, key, material):
    tools = as_airflow(studio, "run-1", **material)
    dataset = approved_dataset(studio, tools, candidates_of(tools))
    assert dataset.training > 0
    trained_and_drawn(tools, dataset)
    found = stored(studio)
    assert {(head["ServerSideEncryption"], head.get("SSEKMSKeyId")) for head in found} == {
        ("aws:kms", key)
    }


def test_a_key_that_is_disabled_stops_the_step_until_it_is_enabled(studio, key, material):
    tools = as_airflow(studio, "run-2", **material, trainer="dataset_only")
    check_preflight(tools)
    kms = studio.client("kms")
    kms.disable_key(KeyId=key)
    try:
        with pytest.raises(KeyUnusable, match=r"KMS\.DisabledException.*clear the task"):
            plan_shards(tools)
    finally:
        kms.enable_key(KeyId=key)
    (shard,) = plan_shards(tools)
    assert shard


@contextmanager
def without_right(studio: Studio, role: str, action: str) -> Iterator[None]:
    """A role whose policy allows everything that the set-up gave it, except one action."""
    iam, named = studio.client("iam"), {"RoleName": role, "PolicyName": "access"}
    given = iam.get_role_policy(**named)["PolicyDocument"]
    statements = [
        {**one, "Action": [name for name in one["Action"] if name != action]}
        for one in given["Statement"]
    ]
    left = {**given, "Statement": [one for one in statements if one["Action"]]}
    assert left != given, f"{role} never had {action}"
    iam.put_role_policy(**named, PolicyDocument=json.dumps(left))
    try:
        yield
    finally:
        iam.put_role_policy(**named, PolicyDocument=json.dumps(given))


@pytest.mark.parametrize(
    ("role", "action"),
    [
        (AIRFLOW, "kms:Decrypt"),
        (BEDROCK, "kms:GenerateDataKey"),
        (AIRFLOW, "kms:GenerateDataKey"),
        (AIRFLOW, "kms:DescribeKey"),
        (AIRFLOW, "kms:GetKeyPolicy"),
        (AIRFLOW, "s3:GetEncryptionConfiguration"),
        (BEDROCK, "kms:Decrypt"),
        (REVIEW, "kms:Decrypt"),
        (REVIEW, "kms:GenerateDataKey"),
    ],
)
def test_without_one_right_preflight_refuses_and_nothing_is_paid(studio, material, role, action):
    before = studio.endpoint.purchases()
    tools = as_airflow(studio, f"refused-{role}-{action}".lower().replace(":", "-"), **material)
    with without_right(studio, role, action), pytest.raises(GateClosed, match=action):
        check_preflight(tools)
    assert studio.endpoint.purchases() == before
    assert check_preflight(tools), "with the right, the same run passes"
