"""Draw the panels of the production's script with the customized model."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from storyboard_ops.core.pictures.codec import decode_rgb
from storyboard_ops.core.text.prompts import panel_prompt
from storyboard_ops.domain.base_record import Record, digest_of
from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.manifest_codec import ManifestRef, sha256_hex
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.production_sheet import ScriptPanel
from storyboard_ops.domain.settings.storyboard import LARGEST_SEED
from storyboard_ops.domain.training.model_facts import Capacity
from storyboard_ops.gateways.aws.call_pool import Outcome, call_each
from storyboard_ops.gateways.models.bedrock_runtime import DrawRequest
from storyboard_ops.gateways.models.limits_file import drawing_limits
from storyboard_ops.steps.run.lost_share import check_lost_share
from storyboard_ops.steps.run.manifest_step import Made, find_or_make
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)

VERSION = 1
#: One model unit draws one picture at a time.
PANELS_AT_ONCE = 1


@dataclass(frozen=True)
class Slot:
    """Where a panel stands in the board."""

    number: int  # from 1, through the whole board
    scene: str
    scene_number: int  # from 1
    panel: ScriptPanel


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
    slots = list(_slots(tools))
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


def _slots(tools: ToolBox) -> Iterator[Slot]:
    number = 0
    for scene_number, scene in enumerate(tools.production.storyboard, start=1):
        for panel in scene.panels:
            number += 1
            yield Slot(number, scene.scene, scene_number, panel)


def _draw(tools: ToolBox, capacity: Capacity, slot: Slot) -> Panel:
    blank = _blank(tools, capacity, slot)
    name = f"storyboard/panels/scene{slot.scene_number:02d}_panel{slot.number:02d}"
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
    most = drawing_limits().prompt_characters[1]
    if len(panel_prompt(tools.production, slot.panel)) > most:
        log.warning(
            "The description of panel %d is shortened: the model accepts prompts of %d characters.",
            slot.number,
            most,
        )
    return Panel(
        scene=slot.scene,
        number=slot.number,
        description=slot.panel.description,
        characters=slot.panel.characters,
        seconds=slot.panel.seconds,
        prompt=panel_prompt(tools.production, slot.panel, most),
        seed=(tools.settings.seed + slot.number - 1) % (LARGEST_SEED + 1),
        uri="",
        sha256="",
        width=tools.settings.panel_width,
        height=tools.settings.panel_height,
        model_arn=capacity.model_arn,
    )
