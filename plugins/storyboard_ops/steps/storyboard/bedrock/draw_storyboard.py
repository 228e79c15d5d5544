"""Draw the panels of the production's script with a customized model of Bedrock, by calls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from storyboard_ops.core.text.panel_prompt import PromptLimit
from storyboard_ops.core.text.wording import pluralize
from storyboard_ops.domain.error_tree import ObjectMissing
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.training.model_facts import Capacity, TrainedModel, Wait
from storyboard_ops.gateways.models.drawing_forms import CanvasRequest
from storyboard_ops.gateways.models.limits_file import drawing_limits
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.bedrock.drawn_by_calls import Drawn, draw_by_calls, is_drawn
from storyboard_ops.steps.storyboard.drawn.asked_panels import (
    AskedPanel,
    AskedPicture,
    ask_panels,
    slots_of_run,
)
from storyboard_ops.steps.storyboard.painter import Painter
from storyboard_ops.steps.storyboard.slots import Slot
from storyboard_ops.steps.training.bedrock.provide_capacity import (
    finish_capacity,
    serves,
    start_capacity,
)

#: One model unit draws one picture at a time.
PANELS_AT_ONCE = 1
#: Provisioning takes minutes; after these hours something is wrong.
CAPACITY_HOURS = 2.0


@dataclass(frozen=True)
class BedrockPainter(Painter):
    """Draws by calls to provisioned throughput."""

    tools: ToolBox

    def provide(self, model: TrainedModel) -> Wait:
        name = start_capacity(self.tools, model)
        return Wait(kind="provisioned throughput", name=name, hours=CAPACITY_HOURS)

    def provided(self, name: str) -> Capacity:
        return finish_capacity(self.tools, name)

    def why_nothing_is_provided(self, model: TrainedModel) -> str:
        asked = ask_customized(
            self.tools, self.tools.production, model.model_arn, slots_of_run(self.tools)
        )
        if not is_drawn(self.tools, asked):
            return ""
        return f"All {pluralize(len(asked), 'panel')} were drawn before, so no capacity is bought."

    def start(self, model: TrainedModel, capacity: Capacity | None) -> ManifestRef | Wait:
        if self.why_nothing_is_provided(model):
            return _draw(self.tools, model.model_arn, "")
        if capacity is None or not serves(self.tools, capacity):
            # The run has released it, and this task was cleared: the release runs again, too.
            return self.provide(model)
        return draw_storyboard(self.tools, capacity)

    def finish(self, model: TrainedModel, name: str) -> ManifestRef:
        return draw_storyboard(self.tools, self.provided(name))

    def stop(self) -> None:
        """Do nothing: a call ends by itself, and the release deletes the capacity."""


def draw_storyboard(tools: ToolBox, capacity: Capacity) -> ManifestRef:
    """Draw the panels of the board into a "panels" manifest.

    A panel that cannot be drawn keeps its place; raises BatchFailed when too many cannot.
    """
    return _draw(tools, capacity.model_arn, capacity.arn)


def _draw(tools: ToolBox, model_arn: str, capacity_arn: str) -> ManifestRef:
    """Draw with capacity, by its ARN; empty: every picture was drawn before."""

    def draw(one: AskedPicture) -> Drawn:
        blank, scale = one.panel.blank, tools.settings.cfg_scale
        if not capacity_arn:
            raise ObjectMissing(
                f"A picture of {blank.panel_id} was deleted meanwhile; clear draw_storyboard to "
                "draw it again."
            )
        request = CanvasRequest(blank.prompt, blank.width, blank.height, one.seed, scale)
        return tools.runtime.draw(capacity_arn, request), ()

    asked = ask_customized(tools, tools.production, model_arn, slots_of_run(tools))
    return draw_by_calls(tools, asked, draw, PANELS_AT_ONCE)


def ask_customized(
    tools: ToolBox, production: Production, model_arn: str, slots: Iterable[Slot]
) -> list[AskedPanel]:
    """Return what is asked of each panel; raises SettingsError when not even the style fits."""
    return ask_panels(
        tools,
        production,
        slots,
        limit=PromptLimit(drawing_limits().prompt_characters[1]),
        model_arn=model_arn,
        how=[model_arn, tools.settings.cfg_scale],
        candidates=tools.settings.candidates_by(job=False),
    )
