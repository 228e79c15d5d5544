"""Train nothing: the panels are drawn by a model as its makers publish it."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.domain.training.model_facts import TrainedModel
from storyboard_ops.domain.training.panel_sources import NAMES
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.training.open_model import find_weights, uses_open_model
from storyboard_ops.steps.training.trainer import Trainer

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Untrained(Trainer):
    """The cheap choices of a run: prompts, or reference pictures, instead of a training."""

    tools: ToolBox[RunSettings]

    def start(self, dataset: TrainingSet) -> TrainedModel:
        settings = self.tools.settings
        log.info("Nothing is trained: the panels come from %s.", NAMES[settings.panels_from])
        weights, model_id = settings.prompt_model_id, settings.prompt_model_id
        if uses_open_model(self.tools):
            weights, model_id = str(find_weights(self.tools)), settings.open_model
        return TrainedModel(
            trainer=settings.trainer,
            panels_from=settings.panels_from,
            job_arn="",
            job_name="",
            model_arn=weights,
            base_model_id=model_id,
            images_seen=0,
        )

    def finish(self, dataset: TrainingSet, name: str) -> TrainedModel:
        return self.start(dataset)

    def stop(self) -> None:
        """Do nothing: no job was started."""
