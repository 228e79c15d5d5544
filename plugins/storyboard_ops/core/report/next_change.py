"""Advise which hyperparameter of a training to change next, from its measured checkpoints.

The number of steps comes first, because the checkpoints answer it; then the learning rate. It is
advice to people: nothing changes by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from storyboard_ops.domain.report.report_facts import Advice
from storyboard_ops.domain.training.program_results import TrainingFacts

#: Fewer measured checkpoints of the trained model say nothing about a trend.
LEAST_CHECKPOINTS = 3
#: How many more steps are tried when the likeness still rises, and their granularity.
MORE, ROUND_TO = 1.5, 50
#: A likeness changes when it does by more than this; 1 is the likeness of the film's own pictures.
NOISE = 0.03
#: Share of copied figures from which the training has gone too far.
TOO_MANY_COPIES = 0.25


def advise_change(training: TrainingFacts, copied: float | None) -> Advice | None:
    """Return what to change next and why; None: too little was measured to say.

    ``copied``: share of the storyboard's figures that repeat a training picture.
    """
    measured = [one for one in sorted(training.checkpoints, key=lambda c: c.step) if one.step]
    curve = [(one.step, one.likeness) for one in measured if one.likeness is not None]
    recipe = training.recipe
    if recipe is None or len(curve) < LEAST_CHECKPOINTS:
        return None
    steps, last = recipe.steps, curve[-1][1]
    best_step, best = max(curve, key=lambda point: point[1])
    if (copied or 0.0) >= TOO_MANY_COPIES and best_step > curve[0][0]:
        fewer = _earlier(curve, best_step)
        return Advice(
            parameter="open_steps",
            value=fewer,
            reason=f"{copied:.0%} of the figures repeat a training picture",
        )
    if best_step == curve[-1][0] and best - _middle(curve) > NOISE:
        more = round(steps * MORE / ROUND_TO) * ROUND_TO
        return Advice(
            parameter="open_steps",
            value=more,
            reason=f"the likeness still rises at the last checkpoint, step {best_step:,}",
        )
    if best - last > NOISE and recipe.learning_rate:
        return Advice(
            parameter="open_learning_rate",
            value=recipe.learning_rate / 2,
            reason=f"the likeness falls again after step {best_step:,}: it learns too fast",
        )
    return Advice(reason=f"the likeness has levelled off by step {best_step:,}")


def _middle(curve: Sequence[tuple[int, float]]) -> float:
    """Return the likeness at the checkpoint in the middle."""
    return curve[(len(curve) - 1) // 2][1]


def _earlier(curve: Sequence[tuple[int, float]], step: int) -> int:
    """Return the step of the checkpoint before one."""
    return max(at for at, _ in curve if at < step)
