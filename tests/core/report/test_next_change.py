"""Which hyperparameter to change next: steps first, then the rate, from measured checkpoints."""

from __future__ import annotations

import pytest

from storyboard_ops.core.report.next_change import advise_change
from storyboard_ops.domain.report.report_facts import Advice
from storyboard_ops.domain.training.program_results import TrainingFacts
from tests.material import reports


def training(*likeness: float | None, steps: int = 1500) -> TrainingFacts:
    """A training whose checkpoints are spread evenly over its steps; step 0 is the base model."""
    every = steps // len(likeness)
    points = [{"step": 0, "likeness": 0.05}] + [
        {"step": every * n, "likeness": one} for n, one in enumerate(likeness, 1)
    ]
    recipe = {"steps": steps, "batch_size": 1, "accumulate": 4, "learning_rate": 1e-4}
    return reports.training_facts(checkpoints=points, recipe=recipe)


@pytest.mark.parametrize(
    ("likeness", "parameter", "value", "reason"),
    [
        ((0.2, 0.4, 0.6), "open_steps", 2250, "still rises at the last checkpoint, step 1,500"),
        ((0.2, 0.6, 0.6), "", None, "levelled off by step 1,000"),
        ((0.2, 0.6, 0.61), "", None, "levelled off by step 1,500"),
        ((0.3, 0.7, 0.5), "open_learning_rate", 5e-5, "falls again after step 1,000"),
        ((0.7, 0.5, 0.2), "open_learning_rate", 5e-5, "falls again after step 500"),
        ((0.2, None, 0.4, 0.6), "open_steps", 2250, "still rises"),
    ],
)
def test_the_curve_of_the_checkpoints_decides(likeness, parameter, value, reason):
    advice = advise_change(training(*likeness), copied=0.0)
    assert (advice.parameter, advice.value) == (parameter, value)
    assert reason in advice.reason


def test_copies_ask_for_fewer_steps_whatever_the_likeness_says():
    advice = advise_change(training(0.2, 0.4, 0.6), copied=0.25)
    assert (advice.parameter, advice.value) == ("open_steps", 1000)
    assert advice.reason == "25% of the figures repeat a training picture"


@pytest.mark.parametrize("likeness", [(0.2, 0.6), (None, None, None), (0.2, None, None)])
def test_too_few_measured_checkpoints_give_no_advice(likeness):
    assert advise_change(training(*likeness), copied=None) is None


def test_advice_is_a_sentence_with_its_price():
    tried = Advice(parameter="open_steps", value=2250, reason="it still rises", usd=6.2)
    assert tried.sentence == (
        "Try open_steps 2,250 next: it still rises. Such a training costs about 6.20 USD."
    )
    assert Advice(reason="it has levelled off").sentence == (
        "No change is advised: it has levelled off."
    )
    free = Advice(parameter="open_learning_rate", value=5e-5, reason="it falls again")
    assert free.sentence == "Try open_learning_rate 5e-05 next: it falls again."
