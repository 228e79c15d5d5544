"""The look of a run: the production's own, or a choice in its words or in ours."""

from __future__ import annotations

import pytest

from storyboard_ops.core.text.panel_prompt import panel_prompt
from storyboard_ops.domain.error_tree import ProductionError
from storyboard_ops.domain.production_sheet import parse_production
from storyboard_ops.steps.storyboard.board.chosen_style import in_chosen_style
from tests.material import factories


def test_without_a_choice_the_production_keeps_its_style() -> None:
    sheet = factories.production()
    assert in_chosen_style(sheet, factories.settings()) == sheet


@pytest.mark.parametrize("choice", ["thumbnail", "clean_line", "tone", "colour"])
def test_a_choice_has_words_of_ours_and_the_production_may_have_others(choice: str) -> None:
    settings = factories.settings(style=choice)
    ours = in_chosen_style(factories.production(), settings)
    assert ours.style not in ("", factories.production().style)
    assert len(ours.style) <= 300
    own = in_chosen_style(factories.production(styles={choice: "in red chalk"}), settings)
    prompt = panel_prompt(own, own.storyboard[0].panels[0]).text
    assert prompt == "Mira walks along the quay. in red chalk"


def test_a_look_that_no_parameter_chooses_is_refused() -> None:
    sheet = factories.production().model_dump(mode="json") | {"styles": {"inked": "ink"}}
    with pytest.raises(ProductionError, match=r"styles\.inked.*'thumbnail', 'clean_line'"):
        parse_production(sheet, "p.yaml")
