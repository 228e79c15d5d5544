"""Before a storyboard is drawn by itself: which model."""

from __future__ import annotations

import logging

from storyboard_ops.domain.error_tree import ObjectMissing
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.settings.model import DrawingSettings
from storyboard_ops.domain.training.model_facts import TrainedModel
from storyboard_ops.gateways.training.bedrock_control import BedrockControl
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.training.model_files import has_weights
from storyboard_ops.steps.training.model_line import chosen_model

log = logging.getLogger(__name__)


def find_model(tools: ToolBox[DrawingSettings]) -> TrainedModel:
    """The model to draw with; raises ObjectMissing when there is none, or it was deleted."""
    model = chosen_model(tools, tools.production.slug)
    if not tools.settings.draws or model.panels_from != "trained":
        exists = True  # nothing draws with it, or preflight has checked what does
    elif model.trainer == "bedrock":
        exists = BedrockControl(tools.clients("bedrock")).find_model(model.model_arn) is not None
    else:
        exists = has_weights(tools, S3Uri.parse(model.model_arn))
    if not exists:
        raise ObjectMissing(
            f"The model {model.model_arn} does not exist in this account and region; name another "
            "in the parameter model."
        )
    tools.write_record("model/model.json", model)
    log.info("Drawing with %s.", model.model_arn)
    return model
