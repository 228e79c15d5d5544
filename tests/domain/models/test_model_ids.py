"""Which model an identifier stands for."""

import pytest

from storyboard_ops.domain.models.model_ids import is_foundation_model, is_profile, model_of

NOVA = "amazon.nova-pro-v1:0"
ACCOUNT = "arn:aws:bedrock:eu-central-1:123456789012"


@pytest.mark.parametrize(
    ("identifier", "profile"),
    [
        (NOVA, False),
        (f"arn:aws:bedrock:us-east-1::foundation-model/{NOVA}", False),
        *((f"{geography}.{NOVA}", True) for geography in ("us", "eu", "apac", "jp", "au")),
        (f"us-gov.{NOVA}", True),
        (f"global.{NOVA}", True),
        (f"{ACCOUNT}:inference-profile/eu.{NOVA}", True),
    ],
)
def test_a_profile_stands_for_its_model(identifier, profile):
    assert model_of(identifier) == NOVA
    assert (is_profile(identifier), is_foundation_model(identifier)) == (profile, not profile)


@pytest.mark.parametrize(
    ("identifier", "profile"),
    [
        (f"{ACCOUNT}:application-inference-profile/a1b2c3", True),
        (f"{ACCOUNT}:provisioned-model/a1b2c3", False),
    ],
)
def test_an_arn_that_does_not_name_its_model_stands_for_itself(identifier, profile):
    assert model_of(identifier) == identifier
    assert is_profile(identifier) == profile
    assert not is_foundation_model(identifier)


def test_a_provider_is_not_taken_for_a_geography():
    assert model_of("usa.some-model-v1:0") == "usa.some-model-v1:0"
    assert model_of("ai21.jamba-1-5-large-v1:0") == "ai21.jamba-1-5-large-v1:0"
