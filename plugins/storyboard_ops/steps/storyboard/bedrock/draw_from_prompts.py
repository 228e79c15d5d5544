"""Draw the panels of the production's script from prompts alone, with a model that nobody trained.

It does not know the production's characters: a cheap choice, and the baseline of a training.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storyboard_ops.core.pictures.codec import decode_rgb, encode_png, fit_shape
from storyboard_ops.core.text.panel_prompt import PromptLimit
from storyboard_ops.domain.error_tree import AnswerUnusable, BadInput
from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.models.call_limits import PromptedLimits
from storyboard_ops.domain.models.model_ids import FOUNDATION_MODEL, model_of
from storyboard_ops.domain.money.paid_usage import Usage
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.training.model_facts import Capacity, TrainedModel
from storyboard_ops.gateways.models.bedrock_runtime import BedrockRuntime
from storyboard_ops.gateways.models.drawing_forms import StabilityRequest, decode_drawing
from storyboard_ops.gateways.models.limits_file import limits_table
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.bedrock.drawn_by_calls import Drawn, draw_by_calls
from storyboard_ops.steps.storyboard.drawn.asked_panels import (
    AskedPanel,
    AskedPicture,
    ask_panels,
    slots_of_run,
)
from storyboard_ops.steps.storyboard.painter import Painter
from storyboard_ops.steps.storyboard.slots import Slot
from storyboard_ops.steps.training.open_model import uses_open_model

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
    """Draw the panels of the board into a "panels" manifest.

    A picture is paid for once: later tries and runs reuse it for the same request. A panel that the
    service filters is a gap with the reason; raises BatchFailed when there are too many.
    """
    model = prompted_model(tools)
    runtime = BedrockRuntime(tools.client_in(model.region, "bedrock-runtime"))

    def draw(one: AskedPicture) -> Drawn:
        blank = one.panel.blank
        ratio = model.limits.closest_ratio(blank.width, blank.height)
        answer, usages = runtime.draw_on_demand(
            model.id, StabilityRequest(blank.prompt, ratio, one.seed)
        )
        return _fit(_decode(answer, usages), blank), usages

    return draw_by_calls(
        tools, ask_prompted(tools, tools.production, slots_of_run(tools)), draw, PANELS_AT_ONCE
    )


def ask_prompted(tools: ToolBox, production: Production, slots: Iterable[Slot]) -> list[AskedPanel]:
    """Return what is asked of each panel; raises SettingsError when the model is not known."""
    model = prompted_model(tools)
    return ask_panels(
        tools,
        production,
        slots,
        limit=PromptLimit(model.limits.prompt_characters[1]),
        model_arn=model.arn,
        how=model.arn,
        candidates=tools.settings.candidates_by(job=False),
        fit_seed=model.limits.fit_seed,
        source="prompts",
    )


def _decode(answer: Any, billed: tuple[Usage, ...]) -> NDArray[np.uint8]:
    """Return the picture of an answer; raises AnswerUnusable when it cannot be read."""
    try:
        return decode_rgb(decode_drawing(answer))
    except AnswerUnusable as error:
        raise AnswerUnusable(str(error), billed=billed) from error
    except BadInput as error:
        message = f"{error} Clear the task to draw it again."
        raise AnswerUnusable(message, billed=billed) from error


def _fit(picture: NDArray[np.uint8], panel: Panel) -> bytes:
    """Return the picture as PNG in the shape of its panel, at most as large."""
    return encode_png(fit_shape(picture, panel.width, panel.height))
