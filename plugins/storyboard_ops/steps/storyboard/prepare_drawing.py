"""Before a storyboard is drawn by itself: which script, and which model."""

from __future__ import annotations

import logging

from storyboard_ops.core.storyboard.script import script_scenes
from storyboard_ops.domain.error_tree import ObjectMissing
from storyboard_ops.domain.input_limits import MOST_SCRIPT_BYTES
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.production_sheet import Production, parse_production
from storyboard_ops.domain.settings.model import DrawingSettings
from storyboard_ops.domain.training.model_facts import TrainedModel
from storyboard_ops.gateways.training.bedrock_control import BedrockControl
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.training.model_files import has_weights
from storyboard_ops.steps.training.model_line import chosen_model

log = logging.getLogger(__name__)


def read_script(tools: ToolBox[DrawingSettings]) -> Production:
    """The production with the script that the run names, written for the tasks that follow.

    Raises ObjectMissing when the script is not there, ProductionError when a panel cannot be.
    """
    production = tools.production
    text = _script(tools)
    if text is not None:
        scenes = script_scenes(text, production.characters)
        origin = tools.settings.script or "of the parameter panels"
        sheet = production.model_dump(mode="json") | {"storyboard": scenes}
        production = parse_production(sheet, origin)
        tools.write_record("production.json", production)
    panels = sum(len(scene.panels) for scene in production.storyboard)
    log.info("The script has %d scenes, %d panels.", len(production.storyboard), panels)
    return production


def find_model(tools: ToolBox[DrawingSettings]) -> TrainedModel:
    """The model to draw with; raises ObjectMissing when there is none, or it was deleted."""
    model = chosen_model(tools, tools.production.slug)
    if model.trainer == "bedrock":
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


def _script(tools: ToolBox[DrawingSettings]) -> str | None:
    """The script that the run names; None: the production's own."""
    settings = tools.settings
    if settings.script:
        # Scripts come from any editor: a byte order mark is no part of the first heading.
        body = tools.objects.get(S3Uri.parse(settings.script), MOST_SCRIPT_BYTES)
        return body.decode("utf-8-sig", "replace")
    return "\n\n".join(settings.panels) or None
