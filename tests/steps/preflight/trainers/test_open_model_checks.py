"""Open weights before anything is paid: who may use them, and whether they are there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from storyboard_ops.domain.preflight.preflight_report import Check
from storyboard_ops.steps.preflight.check_runner import run_check
from storyboard_ops.steps.preflight.trainers.open_model_checks import (
    open_model_checks,
    usable_machines,
)
from tests.studio.endpoint_fixture import FAST, running_endpoint
from tests.studio.studio_fixture import Studio


def answer(studio: Studio, name: str, **params) -> Check:
    tools = studio.tools(trainer="sagemaker", **params)
    return run_check(name, dict(open_model_checks(tools))[name], tools)


def put(studio: Studio, key: str, size: int) -> None:
    studio.client("s3").put_object(Bucket=studio.bucket, Key=key, Body=b"0" * size)


def test_a_licence_that_allows_commercial_use_passes(studio):
    check = answer(studio, "base model")
    assert check.state == "pass"
    assert check.finding.startswith("FLUX.2 [klein] base 4B is under Apache-2.0; commercial use")


def test_a_licence_that_forbids_commercial_use_is_refused(studio):
    check = answer(studio, "base model", open_model="flux2-klein-base-9b")
    assert check.state == "fail"
    assert "FLUX non-commercial licence, which does not allow commercial use" in check.finding
    assert "add flux2-klein-base-9b to accepted_licences" in check.remedy


def test_a_production_may_accept_the_licence_and_the_report_says_so(studio):
    given = {"open_model": "flux2-klein-base-9b", "accepted_licences": ["flux2-klein-base-9b"]}
    check = answer(studio, "base model", **given)
    assert check.state == "warn"
    assert check.finding.endswith("this production accepts it.")


def test_a_model_without_an_entry_is_refused(studio):
    check = answer(studio, "base model", open_model="flux9")
    assert (check.state, "flux9 is not known" in check.finding) == ("fail", True)


def test_missing_weights_are_named_with_their_place(studio):
    put(studio, "models/small-flow/config.json", 2)
    check = answer(studio, "weights", open_model="small-flow")
    assert check.state == "fail"
    assert check.finding == f"s3://{studio.bucket}/models/small-flow/ has no model.safetensors."


@pytest.mark.parametrize(
    ("size", "state", "words"),
    [
        (0, "fail", "model.safetensors is empty"),
        (1_499_000, "fail", "has 0.0015 GB; small flow model of this project has about 0.002 GB"),
        (1_500_000, "pass", "0.0015 GB"),
    ],
)
def test_incomplete_weights_are_refused_by_their_size(studio, size, state, words):
    put(studio, "weights/mine/config.json", 2)
    put(studio, "weights/mine/model.safetensors", size)
    place = f"s3://{studio.bucket}/weights/mine"
    check = answer(studio, "weights", open_model="small-flow", open_weights=place)
    assert (check.state, words in check.finding) == (state, True), check.finding


@pytest.fixture(scope="module")
def gpu_studio(tmp_path_factory) -> Iterator[Studio]:
    """An account with one L40S for training and drawing, and an A10G for training only."""
    quotas = [
        f"--quota=ml.{machine}.2xlarge for {use} job usage=1"
        for machine, use in (("g6e", "training"), ("g6e", "processing"), ("g5", "training"))
    ]
    with running_endpoint(tmp_path_factory.mktemp("gpu") / "data", (*FAST, *quotas)) as endpoint:
        yield Studio.opened(endpoint)


def test_a_new_account_has_no_gpu_and_is_told_which_quotas_to_request(studio):
    check = answer(studio, "machines")
    assert check.state == "fail"
    assert (
        "the quota 'ml.g6e.2xlarge for processing job usage' and "
        "'ml.g6e.2xlarge for training job usage' is 0"
    ) in check.finding
    assert "Request the quotas in the Service Quotas console" in check.remedy


def test_machines_with_memory_and_quotas_are_taken_by_preference(gpu_studio):
    check = answer(gpu_studio, "machines")
    assert check.state == "pass"
    assert check.finding.startswith("ml.g6e.2xlarge (NVIDIA L40S); the quota 'ml.g5.2xlarge for")
    assert [one.type for one in usable_machines(gpu_studio.tools(trainer="sagemaker"))[0]] == [
        "ml.g6e.2xlarge"
    ]


def test_spot_instances_have_a_quota_of_their_own(gpu_studio):
    check = answer(gpu_studio, "machines", spot=True)
    assert check.state == "fail"
    assert "'ml.g6e.2xlarge for spot training job usage' is 0" in check.finding


def test_too_little_memory_is_known_before(gpu_studio):
    given = {"open_model": "flux2-klein-base-9b", "instance_types": ["ml.g5.2xlarge"]}
    check = answer(gpu_studio, "machines", **given)
    assert check.state == "fail"
    assert (
        "ml.g5.2xlarge has 24 GB of GPU memory, FLUX.2 [klein] base 9B needs 44 GB" in check.finding
    )


def test_a_small_model_trains_without_a_gpu(studio):
    check = answer(studio, "machines", open_model="small-flow")
    assert (check.state, check.finding) == ("pass", "ml.m5.xlarge (no GPU).")


def test_a_machine_that_is_not_listed_is_refused(studio):
    check = answer(studio, "machines", instance_types=["ml.p9.48xlarge"])
    assert check.state == "fail"
    assert check.finding.startswith("The instance type ml.p9.48xlarge is not known.")


def test_the_weights_of_the_score_must_be_there_before_a_job_is_paid(studio):
    check = answer(studio, "weights of the score")
    assert check.state == "fail"
    assert check.finding == (
        f"s3://{studio.bucket}/models/dinov2-small/ has no config.json, model.safetensors, "
        "preprocessor_config.json."
    )
    assert check.remedy == "Copy the folder of facebook/dinov2-small there."
    for name in ("config.json", "model.safetensors", "preprocessor_config.json"):
        put(studio, f"models/dinov2-small/{name}", 2)
    assert answer(studio, "weights of the score").state == "pass"


def test_the_small_model_is_scored_without_weights(studio):
    check = answer(studio, "weights of the score", open_model="small-flow")
    assert check.finding == "colour-and-edges is part of the training program."


def test_with_an_unknown_model_only_the_model_is_checked(studio):
    tools = studio.tools(trainer="sagemaker", open_model="flux9")
    assert [name for name, _ in open_model_checks(tools)] == ["base model"]
