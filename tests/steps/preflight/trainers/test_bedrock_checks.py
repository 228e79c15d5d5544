"""What Bedrock needs to train and draw: the model, its units, and the role of the jobs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from storyboard_ops.domain.preflight.preflight_report import Finding
from storyboard_ops.steps.preflight.trainers.bedrock_checks import bedrock_checks
from tests.local_aws.bedrock_data import NOVA_CANVAS
from tests.steps.preflight.answers import answers, bare_role, refusal
from tests.studio.endpoint_fixture import running_endpoint
from tests.studio.studio_fixture import Studio

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


def test_a_base_model_that_cannot_be_tuned_is_refused(studio, ready):
    message = refusal(studio, **ready, base_model_id="amazon.nova-micro-of-nowhere-v1:0")
    assert "amazon.nova-micro-of-nowhere-v1:0 is not offered by Bedrock" in message
    assert "or to dataset_only" in message


def test_a_role_that_does_not_trust_bedrock_is_refused(studio, ready):
    role = studio.client("sts").get_caller_identity()["Account"]
    arn = f"arn:aws:iam::{role}:role/StoryboardReview"
    assert "does not trust bedrock.amazonaws.com" in refusal(studio, **ready, role_arn=arn)


def test_a_role_without_rights_is_refused_naming_what_it_lacks(studio):
    checks = answers(studio, role_arn=bare_role(studio, "bedrock"))
    assert checks["training role"].state == "pass"
    rights = checks["training rights"]
    dataset = f"arn:aws:s3:::{studio.bucket}/runs/run-1/dataset/train.jsonl"
    assert rights.state == "fail"
    assert f"lacks: s3:GetObject on {dataset}, s3:ListBucket on" in rights.finding
    assert "include/iam" in rights.remedy


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
