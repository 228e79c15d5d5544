"""Estimate how long the jobs of a trainer run: an upper bound from the facts of model and machine.

Times include the start of the machine, because it is billed from the download of the image on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from storyboard_ops.domain.money.paid_usage import HOURS_PER_MONTH, Usage
from storyboard_ops.domain.settings.common import CommonSettings, TrainingSettings
from storyboard_ops.domain.training.base_models import BaseModel, InstanceType

#: Of the estimate: times are facts of another machine or another resolution, so they are rough.
RESERVE = 1.25
#: GB of disk that a job rents beside its weights.
SPARE_GB = 50


def volume_gb(model: BaseModel) -> int:
    """Return the GB of disk that a job rents for weights, checkpoints and pictures."""
    return math.ceil(2 * model.weights_gb) + SPARE_GB


@dataclass(frozen=True)
class JobPlan:
    """A base model, the machine that trains it and draws with it, and the minutes to its start."""

    model: BaseModel
    instance: InstanceType
    start_minutes: float

    def training_hours(self, settings: TrainingSettings, pictures: int, cast: int) -> float:
        """Return the billed hours of a training on pictures of a number of characters."""
        recipe = self.model.recipe
        steps = settings.open_steps or recipe.steps_for(pictures)
        scale = self._scale(settings.open_resolution)
        samples = cast * recipe.samples_per_character * math.ceil(steps / recipe.checkpoint_every)
        seconds = steps * self.model.speed.step_seconds * scale
        return self._hours(seconds + samples * self.model.speed.picture_seconds * scale)

    def drawing_hours(self, pictures: int) -> float:
        """Return the billed hours of drawing a number of pictures, all in one job."""
        return self._hours(pictures * self.model.speed.picture_seconds)

    def usages(
        self, settings: CommonSettings, drawn: int, pictures: int | None, cast: int
    ) -> list[Usage]:
        """Return what drawing a number of pictures buys, and training where there is one.

        ``pictures``: number of pictures to train on, of a ``cast``; None: nothing is trained.
        """
        hours = [("processing_hour", self.drawing_hours(drawn))]
        if pictures is not None and isinstance(settings, TrainingSettings):
            hours.insert(0, ("training_hour", self.training_hours(settings, pictures, cast)))
        months = sum(hour for _, hour in hours) * volume_gb(self.model) / HOURS_PER_MONTH
        billed = [
            Usage(service="sagemaker", item=self.instance.type, unit=unit, amount=round(amount, 2))
            for unit, amount in hours
        ]
        volume = Usage(service="sagemaker", item="volume", unit="gb_month", amount=round(months, 3))
        return [*billed, volume]

    def _hours(self, seconds: float) -> float:
        return self.start_minutes / 60 + RESERVE * seconds / 3600 / self.instance.relative_speed

    def _scale(self, resolution: int | None) -> float:
        """Return how much longer a picture of another resolution takes: by its pixels."""
        return ((resolution or self.model.recipe.resolution) / self.model.recipe.resolution) ** 2
