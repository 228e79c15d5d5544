"""Draw the panels of the production's script from prompts alone, with a model that nobody trained.

It does not know the production's characters: a cheap choice, and the baseline of a training.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from storyboard_ops.core.pictures.codec import decode_rgb, encode_png, fit_shape
from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.error_tree import AnswerUnusable, BadInput
from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.models.call_limits import PromptedLimits
from storyboard_ops.domain.models.model_ids import FOUNDATION_MODEL, model_of
from storyboard_ops.domain.training.model_facts import Capacity, TrainedModel
from storyboard_ops.gateways.models.bedrock_runtime import BedrockRuntime
from storyboard_ops.gateways.models.drawing_forms import StabilityRequest, decode_drawing
from storyboard_ops.gateways.models.limits_file import limits_table
from storyboard_ops.gateways.storage.answer_store import Bought
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.bedrock.drawn_by_calls import (
    Blank,
    blank_panels,
    draw_by_calls,
    store_picture,
)
from storyboard_ops.steps.storyboard.painter import Painter
from storyboard_ops.steps.training.open_model import uses_open_model

VERSION = 1
#: Bedrock's quotas of these models are low, and botocore waits when it is throttled.
PANELS_AT_ONCE = 2


def buys_pictures(tools: ToolBox) -> bool:
    """Return whether a run buys its panels one by one; ``prompt_checks`` looks at its requests."""
    return tools.settings.panel_source == "prompts" and not uses_open_model(tools)


@dataclass(frozen=True)
class PromptedModel:
    """The model that the settings name, and where it is called."""

    id: str
    region: str
    limits: PromptedLimits
    arn: str


def prompted_model(tools: ToolBox) -> PromptedModel:
    """Return the model that draws from prompts; raises SettingsError when it is not known."""
    model_id = model_of(tools.settings.prompt_model_id)
    limits = limits_table().of_prompted(model_id)
    region = limits.region_for(tools.region)
    arn = f"arn:{tools.partition}:bedrock:{region}::{FOUNDATION_MODEL}{model_id}"
    return PromptedModel(model_id, region, limits, arn)


@dataclass(frozen=True)
class BedrockPromptPainter(Painter):
    """Draws by calls on demand, without a trained model."""

    tools: ToolBox

    draws_by_itself = "Bedrock draws on demand by calls, so no capacity is provided."

    def start(self, model: TrainedModel, capacity: Capacity | None) -> ManifestRef:
        return draw_from_prompts(self.tools)

    def finish(self, model: TrainedModel, name: str) -> ManifestRef:
        return draw_from_prompts(self.tools)

    def stop(self) -> None:
        """Do nothing: a call ends by itself."""


def draw_from_prompts(tools: ToolBox) -> ManifestRef:
    """Draw the panels of the script into a "panels" manifest, one picture each.

    A picture is paid for once: later tries and runs reuse it for the same panel. A panel that the
    service filters is a gap with the reason; raises BatchFailed when there are too many.
    """
    model = prompted_model(tools)
    runtime = BedrockRuntime(tools.client_in(model.region, "bedrock-runtime"))
    blanks = [
        (slot, panel.model_copy(update=_own_fields(model, panel)))
        for slot, panel in blank_panels(tools, model.arn, model.limits.prompt_characters[1])
    ]

    def draw(blank: Blank) -> Panel:
        _, panel = blank
        request = StabilityRequest(
            panel.prompt, model.limits.closest_ratio(panel.width, panel.height), panel.seed
        )

        def buy() -> Bought:
            return runtime.draw_on_demand(model.id, request)

        question = digest_of(VERSION, model.id, request.body())
        drawn = tools.answers.ask("bedrock.draw", question, buy, check=_decode)
        return store_picture(tools, blank, _fit(_decode(drawn), panel))

    digest = digest_of(VERSION, *(panel for _, panel in blanks))
    return draw_by_calls(tools, digest, blanks, draw, PANELS_AT_ONCE)


def _own_fields(model: PromptedModel, panel: Panel) -> dict[str, Any]:
    """Return what a panel from prompts has besides those of a trained model."""
    return {"source": "prompts", "seed": model.limits.fit_seed(panel.seed)}


def _decode(drawn: Any) -> bytes:
    """Return the encoded picture of an answer; raises AnswerUnusable when it cannot be read."""
    encoded = decode_drawing(drawn)
    try:
        decode_rgb(encoded)
    except BadInput as error:
        raise AnswerUnusable(f"{error} Clear the task to draw it again.") from error
    return encoded


def _fit(encoded: bytes, panel: Panel) -> bytes:
    """Return the picture as PNG in the shape of its panel, at most as large."""
    return encode_png(fit_shape(decode_rgb(encoded), panel.width, panel.height))
