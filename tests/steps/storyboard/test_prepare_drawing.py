"""Drawing by itself: a model that is there."""

import pytest

from storyboard_ops.domain.error_tree import ObjectMissing
from storyboard_ops.domain.settings.model import DrawingSettings
from storyboard_ops.steps.storyboard.prepare_drawing import find_model
from tests.films.tiny_film import tiny_production
from tests.material import factories
from tests.material.approved_runs import started


def test_a_model_that_does_not_exist_is_named(studio):
    given = {"production": tiny_production(studio), "model": factories.MODEL_ARN}
    tools = started(studio.tools_of(DrawingSettings, "draw-1", **given))
    with pytest.raises(ObjectMissing, match=r"abc123def456 does not exist in this account"):
        find_model(tools)
