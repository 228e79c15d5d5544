"""Draw the panels of the production's script with a customized model of Bedrock, by calls."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from storyboard_ops.core.pictures.codec import decode_rgb
from storyboard_ops.domain.base_record import Record, digest_of
from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.manifest_codec import ManifestRef, sha256_hex
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.settings.storyboard import LARGEST_SEED
from storyboard_ops.domain.training.model_facts import Capacity, TrainedModel, Wait
from storyboard_ops.gateways.aws.call_pool import Outcome, call_each
from storyboard_ops.gateways.models.bedrock_runtime import DrawRequest
from storyboard_ops.gateways.models.limits_file import drawing_limits
from storyboard_ops.steps.run.lost_share import check_lost_share
from storyboard_ops.steps.run.manifest_step import Made, find_or_make
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.painter import Painter
from storyboard_ops.steps.storyboard.slots import Slot, blank_panel, script_slots
from storyboard_ops.steps.training.bedrock.provide_capacity import (
    finish_capacity,
    serves,
    start_capacity,
)

log = logging.getLogger(__name__)

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
    slots = list(script_slots(tools.production))
    digest = digest_of(
        VERSION,
        capacity.model_arn,
        [(slot.scene, slot.panel.model_dump(mode="json")) for slot in slots],
        [tools.settings.seed, tools.settings.cfg_scale],
        [tools.settings.panel_width, tools.settings.panel_height],
    )
    return find_or_make(
        tools.manifests,
        tools.run_root / "storyboard/panels.jsonl",
        "panels",
        digest,
        lambda digest: _panels(tools, capacity, slots),
    )


def _panels(tools: ToolBox, capacity: Capacity, slots: Sequence[Slot]) -> Made:
    drawn = call_each(slots, lambda slot: _draw(tools, capacity, slot), threads=PANELS_AT_ONCE)
    panels = [_panel_or_gap(tools, capacity, outcome) for outcome in drawn]
    failed = [panel.failure for panel in panels if panel.failure]
    check_lost_share(tools, "panels could not be drawn", len(panels), failed)
    log.info("Drew %d of %d panels.", len(panels) - len(failed), len(panels))
    return Made(panels, {"panels": len(panels), "failed": len(failed)})


def _draw(tools: ToolBox, capacity: Capacity, slot: Slot) -> Panel:
    blank = _blank(tools, capacity, slot)
    name = f"storyboard/panels/{slot.name}"
    question = digest_of(VERSION, blank, tools.settings.cfg_scale)
    if drawn := _find_drawn(tools, f"{name}.json", question):
        return drawn
    png = tools.runtime.draw(
        capacity.arn,
        DrawRequest(
            prompt=blank.prompt,
            width=tools.settings.panel_width,
            height=tools.settings.panel_height,
            seed=blank.seed,
            cfg_scale=tools.settings.cfg_scale,
        ),
    )
    height, width = decode_rgb(png).shape[:2]
    uri = tools.objects.put(tools.run_root / f"{name}.png", png, "image/png")
    update = {"uri": uri, "sha256": sha256_hex(png), "width": width, "height": height}
    panel = blank.model_copy(update=update)
    tools.write_record(f"{name}.json", DrawnPanel(question=question, panel=panel))
    return panel


def _find_drawn(tools: ToolBox, name: str, question: str) -> Panel | None:
    """Find the panel that an earlier try of this run has drawn."""
    drawn = tools.read_record(name, DrawnPanel)
    if drawn is None or drawn.question != question:
        return None
    return drawn.panel if tools.objects.head(S3Uri.parse(drawn.panel.uri)) else None


def _panel_or_gap(tools: ToolBox, capacity: Capacity, drawn: Outcome[Slot, Panel]) -> Panel:
    if drawn.value is not None:
        return drawn.value
    return _blank(tools, capacity, drawn.item).model_copy(update={"failure": drawn.failure})


def _blank(tools: ToolBox, capacity: Capacity, slot: Slot) -> Panel:
    return blank_panel(
        tools.production,
        slot,
        most=drawing_limits().prompt_characters[1],
        seed=(tools.settings.seed + slot.number - 1) % (LARGEST_SEED + 1),
        size=(tools.settings.panel_width, tools.settings.panel_height),
        model_arn=capacity.model_arn,
    )
