"""Models of detection, captions and embeddings: by which id they are called, or why they cannot."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from storyboard_ops.domain.models.model_routes import ModelRoutes
from storyboard_ops.domain.preflight.preflight_report import Finding
from storyboard_ops.domain.utc_time import utc_now
from storyboard_ops.steps.preflight.models.model_checks import check_models
from tests.studio.endpoint_fixture import running_endpoint
from tests.studio.studio_fixture import Studio

NOVA_PRO = "amazon.nova-pro-v1:0"
NOVA_2_LITE = "amazon.nova-2-lite-v1:0"
TITAN = "amazon.titan-embed-image-v1"


def checked(studio: Studio, **params) -> tuple[ModelRoutes, Finding]:
    return check_models(studio.tools(**params))


def called(studio: Studio, model: str) -> str:
    routes, found = checked(studio, caption_model_id=model)
    assert found.state == "pass", found
    return routes.called(model)


def test_a_model_with_on_demand_throughput_is_called_by_its_own_id(studio):
    routes, found = checked(studio)
    assert found.finding == f"{NOVA_PRO} is active; {TITAN} is active."
    assert [(one.model_id, one.called) for one in routes.routes] == [
        (NOVA_PRO, NOVA_PRO),
        (TITAN, TITAN),
    ]


def test_the_profile_of_the_geography_comes_before_the_global_one(studio):
    assert called(studio, NOVA_2_LITE) == f"us.{NOVA_2_LITE}"


@pytest.mark.parametrize("profile", [f"global.{NOVA_2_LITE}", f"us.{NOVA_PRO}"])
def test_a_profile_that_is_named_is_used(studio, profile):
    assert called(studio, profile) == profile
    routes, found = checked(studio, caption_model_id=profile)
    assert routes.model_id(profile) == profile.partition(".")[2]
    assert f"by {profile} is active" in found.finding


def test_an_application_profile_is_called_by_its_arn_and_stands_for_its_model(studio):
    bedrock = studio.client("bedrock")
    source = f"arn:aws:bedrock:us-east-1::foundation-model/{NOVA_PRO}"
    arn = bedrock.create_inference_profile(
        inferenceProfileName=studio.bucket, modelSource={"copyFrom": source}
    )["inferenceProfileArn"]
    assert called(studio, arn) == arn
    routes, _ = checked(studio, caption_model_id=arn)
    assert routes.model_id(arn) == NOVA_PRO
    assert arn in next(one.arns for one in routes.routes if one.chosen == arn)


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ("vendor.model-v1:0", "vendor.model-v1:0 is not offered by Bedrock in us-east-1"),
        (f"eu.{NOVA_PRO}", f"the inference profile eu.{NOVA_PRO} does not exist in us-east-1"),
        (f"us.{TITAN}", f"the inference profile us.{TITAN} does not exist in us-east-1"),
    ],
)
def test_a_model_that_cannot_be_called_is_refused_with_the_parameter(studio, model, reason):
    _, found = checked(studio, caption_model_id=model)
    assert found.state == "fail"
    assert reason in found.finding
    assert found.remedy.startswith("Set caption_model_id to a model that Bedrock offers")


def test_both_parameters_of_one_model_are_named(studio):
    model = "vendor.model-v1:0"
    _, found = checked(studio, caption_model_id=model, detection_model_id=model)
    assert found.remedy.startswith("Set detection_model_id and caption_model_id to a model")


def test_only_the_models_that_a_run_calls_are_checked(studio):
    chosen = {"detectors": ["faces"], "caption_model_id": NOVA_2_LITE}
    routes, _ = checked(studio, **chosen, trainer="dataset_only")
    assert [one.model_id for one in routes.routes] == [NOVA_2_LITE, TITAN]
    routes, _ = checked(studio, **chosen, trainer="bedrock")
    assert [one.model_id for one in routes.routes] == [NOVA_PRO, NOVA_2_LITE, TITAN], "for panels"


class Bedrock:
    """Bedrock of an account that may not call a model, or of a model near its end."""

    meta = SimpleNamespace(region_name="us-east-1")

    def __init__(self, authorization: str = "AUTHORIZED", **cycle: object) -> None:
        self.authorization, self.cycle = authorization, {"status": "ACTIVE", **cycle}

    def get_foundation_model(self, modelIdentifier: str) -> dict:  # noqa: N803
        details = {
            "modelArn": f"arn:aws:bedrock:us-east-1::foundation-model/{modelIdentifier}",
            "modelLifecycle": self.cycle,
            "inferenceTypesSupported": ["ON_DEMAND"],
        }
        return {"modelDetails": details}

    def get_foundation_model_availability(self, modelId: str) -> dict:  # noqa: N803
        return {
            "modelId": modelId,
            "agreementAvailability": {"status": "NOT_AVAILABLE"}
            if self.authorization != "AUTHORIZED"
            else {"status": "AVAILABLE"},
            "authorizationStatus": self.authorization,
            "entitlementAvailability": "AVAILABLE",
            "regionAvailability": "AVAILABLE",
        }


def checked_with(studio: Studio, bedrock: Bedrock) -> Finding:
    clients = {"bedrock": bedrock}.__getitem__
    return check_models(replace(studio.tools(), clients=clients))[1]


def test_a_model_that_is_not_open_to_the_account_is_refused(studio):
    found = checked_with(studio, Bedrock("NOT_AUTHORIZED"))
    assert found.state == "fail"
    lacking = "(agreement NOT_AVAILABLE, authorization NOT_AUTHORIZED)"
    assert f"{NOVA_PRO} is not open to this account in us-east-1 {lacking}" in found.finding


def test_a_legacy_model_is_a_warning_with_its_end(studio):
    found = checked_with(studio, Bedrock(status="LEGACY", legacyTime=utc_now()))
    assert found.state == "warn"
    assert f"{NOVA_PRO} is LEGACY since 20" in found.finding


def test_elsewhere_the_geography_decides(tmp_path):
    with running_endpoint(tmp_path / "data", ("--region", "ap-southeast-2")) as endpoint:
        studio = Studio.opened(endpoint)
        assert called(studio, NOVA_PRO) == f"apac.{NOVA_PRO}"
        assert called(studio, NOVA_2_LITE) == f"global.{NOVA_2_LITE}"
