"""Settings shared by all runs that draw a storyboard with a customized model."""

from __future__ import annotations

from storyboard_ops.domain.settings.films import LossSection, ProductionSection
from storyboard_ops.domain.settings.money import MoneySection
from storyboard_ops.domain.settings.storyboard import StoryboardSection
from storyboard_ops.domain.settings.training import (
    BaseModelSection,
    OpenModelSection,
    OpenTrainingSection,
    TrainingSection,
)


class CommonSettings(
    MoneySection,
    StoryboardSection,
    OpenModelSection,
    BaseModelSection,
    LossSection,
    ProductionSection,
):
    """Production, allowed losses, base models, storyboard and money."""

    @property
    def draws(self) -> bool:
        """Whether a customized model draws a storyboard in this run."""
        return True


class TrainingSettings(CommonSettings, OpenTrainingSection, TrainingSection):
    """Common settings, and how the base model is trained before it draws."""
