"""Before a storyboard is drawn by itself: which script, and which model."""

from __future__ import annotations

import logging

from storyboard_ops.core.script.formats import decode_script
from storyboard_ops.core.script.panels import read_scenes
from storyboard_ops.core.text.wording import pluralize
from storyboard_ops.domain.error_tree import BadInput, ObjectMissing
from storyboard_ops.domain.input_limits import MOST_PANELS, MOST_SCENES, MOST_SCRIPT_BYTES
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.production_sheet import Production, parse_production
from storyboard_ops.domain.script_record import ScriptRecord
from storyboard_ops.domain.settings.model import DrawingSettings
from storyboard_ops.domain.training.model_facts import TrainedModel
from storyboard_ops.gateways.training.bedrock_control import BedrockControl
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.training.model_files import has_weights
from storyboard_ops.steps.training.model_line import chosen_model

RECORD = "script.json"

log = logging.getLogger(__name__)


def read_script(tools: ToolBox[DrawingSettings]) -> Production:
    """Return the production with the script that the run names, written for the tasks that follow.

    What was read, and what is in no panel, is written to ``script.json``. Raises ObjectMissing when
    the script does not exist, BadInput when it cannot be read, ProductionError when a panel cannot
    be drawn.
    """
    production, record = with_script(tools, tools.production)
    if record is not None:
        tools.write_record("production.json", production)
        where = tools.write_record(RECORD, record)
        log.info("%s: %s", record.origin, record)
        for reason, count in record.reasons.items():
            log.info("In no panel: %s (%s)", pluralize(count, "paragraph"), reason)
        log.info("All are listed in %s.", where)
    panels = sum(len(scene.panels) for scene in production.storyboard)
    log.info("The script has %d scenes, %d panels.", len(production.storyboard), panels)
    return production


def with_script(
    tools: ToolBox[DrawingSettings], production: Production
) -> tuple[Production, ScriptRecord | None]:
    """Return the production with the script of the run, and what was read of it.

    None: the run names no script; the production's own is drawn. Raises as ``read_script`` does.
    """
    named = tools.settings.script
    origin = named or "of the parameter panels"
    text = _script(tools)
    if text is None:
        return production, None
    scenes, record = read_scenes(text, production.characters, origin)
    for number, most, things in (
        (record.scenes, MOST_SCENES, "scenes"),
        (record.panels, MOST_PANELS, "panels"),
    ):
        if number > most:
            raise BadInput(
                f"{origin} has {number:,} {things}; at most {most:,} are drawn by one run. Split "
                "the script."
            )
    sheet = production.model_dump(mode="json") | {"storyboard": scenes}
    return parse_production(sheet, origin), record


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
        body = tools.objects.get(S3Uri.parse(settings.script), MOST_SCRIPT_BYTES)
        return decode_script(body, settings.script)
    return "\n\n".join(settings.panels) or None
