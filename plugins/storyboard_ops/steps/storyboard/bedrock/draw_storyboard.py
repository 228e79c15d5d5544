"""Draw the panels of the production's script with a customized model of Bedrock, by calls."""

from __future__ import annotations

from dataclasses import dataclass

from storyboard_ops.domain.base_record import Record, digest_of
from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.training.model_facts import Capacity, TrainedModel, Wait
from storyboard_ops.gateways.models.drawing_forms import CanvasRequest
from storyboard_ops.gateways.models.limits_file import drawing_limits
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.bedrock.drawn_by_calls import (
    Blank,
    blank_panels,
    draw_by_calls,
    picture_name,
    store_picture,
)
from storyboard_ops.steps.storyboard.painter import Painter
from storyboard_ops.steps.training.bedrock.provide_capacity import (
    finish_capacity,
    serves,
    start_capacity,
)

VERSION = 1
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

    def start(self, model: TrainedModel, capacity: Capacity | None) -> ManifestRef | Wait:
        if capacity is None or not serves(self.tools, capacity):
            # The run has released it, and this task was cleared: the release runs again, too.
            return self.provide(model)
        return draw_storyboard(self.tools, capacity)

    def finish(self, model: TrainedModel, name: str) -> ManifestRef:
        return draw_storyboard(self.tools, self.provided(name))

    def stop(self) -> None:
        """Do nothing: a call ends by itself, and the release deletes the capacity."""


class DrawnPanel(Record):
    """A panel, with the digest of everything that decides its picture."""

    question: str
    panel: Panel


def draw_storyboard(tools: ToolBox, capacity: Capacity) -> ManifestRef:
    """Draw the panels of the script into a "panels" manifest.

    A panel that cannot be drawn keeps its place; raises BatchFailed when too many cannot. Each is
    recorded next to its picture as soon as it is drawn, so that a repeated task draws the others
    only.
    """
    settings, cfg_scale = tools.settings, tools.settings.cfg_scale
    blanks = blank_panels(tools, capacity.model_arn, drawing_limits().prompt_characters[1])

    def draw(blank: Blank) -> Panel:
        slot, panel = blank
        record = f"{picture_name(slot)}.json"
        question = digest_of(VERSION, panel, cfg_scale)
        if drawn := _find_drawn(tools, record, question):
            return drawn
        request = CanvasRequest(panel.prompt, panel.width, panel.height, panel.seed, cfg_scale)
        drawn = store_picture(tools, blank, tools.runtime.draw(capacity.arn, request))
        tools.write_record(record, DrawnPanel(question=question, panel=drawn))
        return drawn

    digest = digest_of(
        VERSION,
        capacity.model_arn,
        [(slot.scene, slot.panel.model_dump(mode="json")) for slot, _ in blanks],
        [settings.seed, cfg_scale],
        [settings.panel_width, settings.panel_height],
    )
    return draw_by_calls(tools, digest, blanks, draw, PANELS_AT_ONCE)


def _find_drawn(tools: ToolBox, name: str, question: str) -> Panel | None:
    """Find the panel that an earlier try of this run has drawn."""
    drawn = tools.read_record(name, DrawnPanel)
    if drawn is None or drawn.question != question:
        return None
    return drawn.panel if tools.objects.head(S3Uri.parse(drawn.panel.uri)) else None
