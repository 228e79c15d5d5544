"""Draw the panels of the production's script by one call each, whatever model is called."""

from __future__ import annotations

import logging
from collections.abc import Callable

from storyboard_ops.core.pictures.codec import decode_rgb, opaque_png
from storyboard_ops.core.pictures.ground import GROUND_NAME
from storyboard_ops.core.text.panel_prompt import PromptLimit
from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.manifest_codec import ManifestRef, sha256_hex
from storyboard_ops.domain.settings.storyboard import LARGEST_SEED
from storyboard_ops.gateways.aws.call_pool import call_each
from storyboard_ops.steps.run.lost_share import check_lost_share
from storyboard_ops.steps.run.manifest_step import Made, find_or_make
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.slots import Slot, blank_panel, script_slots

log = logging.getLogger(__name__)

#: What the board says of a picture that came with transparent parts.
CUT_OUT_NOTE = f"Transparent parts of the picture are laid on {GROUND_NAME}."
#: What pictures that are paid for one by one are booked under.
PURPOSE = "storyboard"
#: A panel before it is drawn, with its slot.
Blank = tuple[Slot, Panel]


def draw_by_calls(
    tools: ToolBox, digest: str, blanks: list[Blank], draw: Callable[[Blank], Panel], at_once: int
) -> ManifestRef:
    """Draw panels into a "panels" manifest, ``at_once`` at a time.

    ``digest``: of everything that decides them. A panel that cannot be drawn keeps its place;
    raises BatchFailed when too many cannot.
    """

    def make(_: str) -> Made:
        with tools.booking(PURPOSE):
            outcomes = call_each(blanks, draw, threads=at_once)
        panels = [
            one.value or one.item[1].model_copy(update={"failure": one.failure}) for one in outcomes
        ]
        failed = [panel.failure for panel in panels if panel.failure]
        check_lost_share(tools, "panels could not be drawn", len(panels), failed)
        log.info("Drew %d of %d panels.", len(panels) - len(failed), len(panels))
        return Made(panels, {"panels": len(panels), "failed": len(failed)})

    place = tools.run_root / "storyboard/panels.jsonl"
    return find_or_make(tools.manifests, place, "panels", digest, make)


def blank_panels(tools: ToolBox, model_arn: str, most: int) -> list[Blank]:
    """Return the panels of the script before they are drawn, with seeds that follow each other.

    ``most``: characters of a prompt that the model accepts. Raises SettingsError when not even the
    style fits.
    """
    settings = tools.settings
    return [
        (
            slot,
            blank_panel(
                tools.production,
                slot,
                limit=PromptLimit(most),
                seed=(settings.seed + slot.number - 1) % (LARGEST_SEED + 1),
                size=(settings.panel_width, settings.panel_height),
                model_arn=model_arn,
            ),
        )
        for slot in script_slots(tools.production)
    ]


def picture_name(slot: Slot) -> str:
    """Return the name of a slot's files within the run, without their ending."""
    return f"storyboard/panels/{slot.name}"


def store_picture(tools: ToolBox, blank: Blank, png: bytes) -> Panel:
    """Store the picture of a panel, and return the panel with it; raises BadInput for none."""
    slot, panel = blank
    png, was_cut_out = opaque_png(png)
    height, width = decode_rgb(png).shape[:2]
    uri = tools.objects.put(tools.run_root / f"{picture_name(slot)}.png", png, "image/png")
    update = {"uri": uri, "sha256": sha256_hex(png), "width": width, "height": height}
    notes = (*panel.notes, CUT_OUT_NOTE) if was_cut_out else panel.notes
    return panel.model_copy(update={**update, "notes": notes})
