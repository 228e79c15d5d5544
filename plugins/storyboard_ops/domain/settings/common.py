"""Settings shared by all runs that draw a storyboard with a customized model."""

from __future__ import annotations

from storyboard_ops.domain.settings.editorial import EditorialSection
from storyboard_ops.domain.settings.films import LossSection, ProductionSection
from storyboard_ops.domain.settings.money import MoneySection
from storyboard_ops.domain.settings.sheets import SheetSection
from storyboard_ops.domain.settings.storyboard import StoryboardSection
from storyboard_ops.domain.settings.training import (
    BaseModelSection,
    OpenModelSection,
    OpenTrainingSection,
    TrainingSection,
)
from storyboard_ops.domain.training.panel_sources import PanelSource


class CommonSettings(
    MoneySection,
    EditorialSection,
    SheetSection,
    StoryboardSection,
    OpenModelSection,
    BaseModelSection,
    LossSection,
    ProductionSection,
):
    """Production, allowed losses, base models, storyboard, sheets, editorial files, money."""

    @property
    def draws(self) -> bool:
        """Whether a storyboard is drawn in this run."""
        return True

    @property
    def panel_source(self) -> PanelSource:
        """What the panels are drawn with."""
        return "trained"

    @property
    def trains(self) -> bool:
        """Whether a model is trained in this run before it draws."""
        return False


class TrainingSettings(CommonSettings, OpenTrainingSection, TrainingSection):
    """Common settings, and how the base model is trained before it draws."""

    @property
    def trains(self) -> bool:
        """Whether a model is trained in this run before it draws."""
        return self.draws and self.panel_source == "trained"
