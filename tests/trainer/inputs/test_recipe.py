"""Hyperparameters come as strings, with ranges and defaults."""

from __future__ import annotations

import pytest

from trainer.errors import JobFailed
from trainer.inputs.recipe import Recipe, read_recipe


def test_missing_hyperparameters_have_defaults() -> None:
    assert read_recipe({}) == Recipe()


def test_hyperparameters_are_read_as_numbers() -> None:
    recipe = read_recipe({"steps": "30", "learning_rate": "2e-4", "method": "full"})
    assert recipe == Recipe(steps=30, learning_rate=2e-4, method="full")


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"steps": "0"}, "steps is '0'; it must be a whole number from 1 to 20000"),
        ({"rank": "1.5"}, "rank is '1.5'; it must be a whole number from 1 to 256"),
        ({"learning_rate": "nan"}, "learning_rate is 'nan'"),
        ({"prior_preservation": "0.5", "method": "full"}, "prior_preservation needs method lora"),
    ],
)
def test_a_wrong_one_is_named(values: dict[str, str], fault: str) -> None:
    with pytest.raises(JobFailed, match=fault):
        read_recipe(values)


def test_the_last_step_is_always_a_checkpoint() -> None:
    recipe = Recipe(steps=700, checkpoint_every=300)
    assert [step for step in range(1, 701) if recipe.is_checkpoint(step)] == [300, 600, 700]
