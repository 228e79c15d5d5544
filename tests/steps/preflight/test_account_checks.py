"""Preflight's questions to the account, each with the answer that closes the gate."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storyboard_ops.domain.preflight.preflight_report import Check, Finding
from storyboard_ops.steps.preflight.account.account_checks import account_checks, identity_checks
from storyboard_ops.steps.preflight.check_runner import run_check
from storyboard_ops.steps.preflight.trainers.bedrock_checks import bedrock_checks
from storyboard_ops.steps.preflight.trainers.trainer_choice import settle_trainer
from tests.local_aws.bedrock_data import NOVA_CANVAS
from tests.studio.endpoint_fixture import FAST, running_endpoint
from tests.studio.studio_fixture import Studio

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture
def lonely_studio(tmp_path: Path) -> Iterator[Studio]:
    """An account of its own, whose quota nobody else uses."""
    with running_endpoint(tmp_path / "data", FAST) as endpoint:
        yield Studio.opened(endpoint)


def answers(studio: Studio, **params) -> dict[str, Check]:
    """Every check that a run with these parameters calls for, by name."""
    tools = studio.tools(**params)
    checks = (*identity_checks(tools), *account_checks(tools))
    found = {name: run_check(name, check, tools) for name, check in checks}
    return found | {
        check.name: check for check in settle_trainer(tools, tools.settings.production).checks
    }


def test_an_account_that_is_set_up_passes_every_check(lonely_studio):
    checks = answers(lonely_studio)
    assert {check.state for check in checks.values()} == {"pass"}
    assert list(checks) == [
        "account",
        "workspace",
        "bucket key",
        "own rights",
        "region",
        "review role",
        "review rights",
        "trainer",
        "base model",
        "model units",
        "capacity",
        "hyperparameters",
        "training role",
        "training rights",
    ]
    assert all(name == check.name for name, check in checks.items())
    assert "000000000000, as arn:aws:iam::" in checks["account"].finding
    assert "1 needed, 0 of 2 in use" in checks["model units"].finding


def test_only_what_the_run_needs_is_asked(studio):
    assert set(answers(studio, trainer="dataset_only", review_desk="without_people")) == {
        "account",
        "workspace",
        "bucket key",
        "own rights",
        "region",
        "trainer",
    }


def bare_role(studio: Studio, service: str) -> str:
    """ARN of a role that a service may assume, and that may do nothing."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    role = studio.client("iam").create_role(
        RoleName=f"{service}-{studio.bucket}",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    return str(role["Role"]["Arn"])


def test_a_role_without_rights_is_refused_naming_what_it_lacks(studio):
    checks = answers(studio, role_arn=bare_role(studio, "bedrock"))
    assert checks["training role"].state == "pass"
    rights = checks["training rights"]
    dataset = f"arn:aws:s3:::{studio.bucket}/runs/run-1/dataset/train.jsonl"
    assert rights.state == "fail"
    assert f"lacks: s3:GetObject on {dataset}, s3:ListBucket on" in rights.finding
    assert "include/iam" in rights.remedy


def test_the_review_role_is_asked_about_the_places_that_reviewers_see_and_answers_go_to(studio):
    role = bare_role(studio, "sagemaker")
    allowed = ("runs/*/crops/*", "runs/*/review/*")  # of one run, but not of the library
    statement = {
        "Effect": "Allow",
        "Action": ["s3:GetObject", "s3:PutObject"],
        "Resource": [f"arn:aws:s3:::{studio.bucket}/{place}" for place in allowed],
    }
    studio.client("iam").put_role_policy(
        RoleName=role.rpartition("/")[2],
        PolicyName="some",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    rights = answers(studio, review_role_arn=role)["review rights"]
    library = f"arn:aws:s3:::{studio.bucket}/library"
    assert rights.finding == (
        f"{role} lacks: s3:GetObject on {library}/film/sampling/frames/0.jpg, "
        f"s3:GetObject on {library}/references/0.png, "
        f"s3:PutObject on {library}/review/flow/output.json."
    )


def test_rights_that_may_not_be_simulated_are_a_warning(lonely_studio):
    refusal = {
        "kind": "error",
        "service": "iam",
        "operation": "SimulatePrincipalPolicy",
        "code": "AccessDenied",
    }
    lonely_studio.endpoint.admin("PUT", "faults", {"faults": [refusal]})
    rights = answers(lonely_studio)["training rights"]
    assert (rights.state, rights.finding[:22]) == ("warn", "could not be checked: ")


def test_what_may_not_be_asked_otherwise_is_a_failed_check(lonely_studio):
    refusal = {"kind": "error", "operation": "GetFoundationModel", "code": "AccessDeniedException"}
    lonely_studio.endpoint.admin("PUT", "faults", {"faults": [refusal]})
    check = answers(lonely_studio)["base model"]
    assert check.state == "fail"
    assert "AccessDeniedException" in check.finding


def test_model_units_beyond_the_quota_are_refused(lonely_studio):
    lonely_studio.client("bedrock").create_provisioned_model_throughput(
        modelUnits=1, provisionedModelName="of-others", modelId=NOVA_CANVAS
    )
    check = answers(lonely_studio, model_units=2)["model units"]
    assert (check.state, check.finding) == ("fail", "2 needed, 1 of 2 in use.")
    assert "Service Quotas console" in check.remedy


def test_what_the_run_has_bought_itself_does_not_count_against_it(lonely_studio):
    lonely_studio.client("bedrock").create_provisioned_model_throughput(
        modelUnits=2, provisionedModelName="storyboard-capacity-run-1-1f2e", modelId=NOVA_CANVAS
    )
    assert answers(lonely_studio, model_units=2)["model units"].state == "pass"


def test_hyperparameters_of_a_model_with_unknown_bounds_are_a_warning(studio):
    check = answers(studio, base_model_id="amazon.nova-lite-v1:0")["hyperparameters"]
    assert check.state == "warn"
    assert check.finding == (
        "stepCount 10, batchSize 8, learningRate 1e-05: the allowed ranges are not known for "
        "amazon.nova-lite-v1:0."
    )


def test_past_its_end_of_life_the_model_is_named_with_the_day_and_what_can_still_be_done(tmp_path):
    with running_endpoint(tmp_path / "data", ("--today", "2026-11-22")) as endpoint:
        check = answers(Studio.opened(endpoint))["base model"]
    assert check.state == "fail"
    assert "past its end of life (AWS documents 2026-09-30)" in check.finding
    assert "or to dataset_only" in check.remedy
    assert "kohya-ss" in check.remedy


def test_legacy_is_refused_because_no_capacity_is_sold_for_it(tmp_path):
    with running_endpoint(tmp_path / "data", ("--today", "2026-05-01")) as endpoint:
        check = answers(Studio.opened(endpoint))["base model"]
    assert check.state == "fail"
    assert "is LEGACY since 2026-03-30" in check.finding


def capacity(studio: Studio, **params) -> Finding:
    """What is found about how long capacity is kept, at a moment that does not move."""
    tools = replace(studio.tools(**params), clock=lambda: NOW)
    check = dict(bedrock_checks(tools))["capacity"]
    return check(tools)


@pytest.mark.parametrize(
    ("params", "state", "words"),
    [
        ({}, "pass", "is deleted when the run ends, or after 4 hours (lease_h)"),
        (
            {"keep_capacity_until": NOW + timedelta(hours=5)},
            "warn",
            "outlives the run and is billed until 2026-11-23T13:00:00+00:00",
        ),
        ({"keep_capacity_until": NOW}, "fail", "keep_capacity_until is 2026-11-23T08:00:00+00:00"),
        ({"keep_capacity_until": NOW + timedelta(days=8)}, "fail", "keep_capacity_until is"),
        (
            {"keep_capacity_until": NOW + timedelta(hours=5), "keep_model": False},
            "fail",
            "capacity is kept, but its model is not",
        ),
        ({"commitment": "OneMonth"}, "warn", "is billed until 2026-12-23T08:00:00+00:00"),
        (
            {"commitment": "OneMonth", "keep_capacity_until": NOW + timedelta(hours=5)},
            "fail",
            "both a commitment and keep_capacity_until",
        ),
    ],
)
def test_how_long_capacity_is_kept(studio, params, state, words):
    check = capacity(studio, **params)
    assert (check.state, words in check.finding) == (state, True), check
