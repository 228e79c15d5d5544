"""A production file that cannot be used, or decides too much, is refused by name."""

import pytest

from tests.films.tiny_film import tiny_production
from tests.steps.preflight.answers import refusal


def test_an_unknown_production_is_named(studio, ready):
    message = refusal(studio, **{**ready, "production": "no-such-production"})
    assert "productions/no-such-production.yaml is missing" in message


def test_a_script_with_an_unknown_character_is_refused(studio, ready):
    production = tiny_production(studio, in_script="kai")
    message = refusal(studio, **{**ready, "production": production})
    assert "unknown character 'kai'; known are" in message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("budget_usd", 1_000_000),
        ("review_desk", "without_people"),
        ("over_budget", "ask"),
        ("commitment", "SixMonths"),
        ("keep_model", False),
        ("role_arn", "arn:aws:iam::123456789012:role/other"),
        ("workspace", "s3://other"),
    ],
)
def test_a_production_file_cannot_decide_about_money_or_people(studio, ready, name, value):
    production = tiny_production(studio, **{name: value})
    message = refusal(studio, **{**ready, "production": production})
    assert f"A production file cannot set {name}. Those who start a run decide" in message
