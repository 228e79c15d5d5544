"""The board of a run whose panels can be counted before anything is bought."""

import pytest

from storyboard_ops.steps.preflight.check_preflight import preflight_report
from tests.studio.studio_fixture import Studio

DRAWN = "The board main is version 1 (white), with 1 panel. 1 picture left to draw."


def board_of(studio: Studio, **params) -> list[tuple[str, str]]:
    checks = preflight_report(studio.tools(**params)).checks
    return [(check.state, check.finding) for check in checks if check.name == "board"]


@pytest.mark.parametrize(
    ("panels_from", "expected"), [("prompts", [("pass", DRAWN)]), ("trained", [])]
)
def test_pictures_are_counted_where_no_model_is_trained_first(studio, ready, panels_from, expected):
    assert board_of(studio, **ready, trainer="bedrock", panels_from=panels_from) == expected
