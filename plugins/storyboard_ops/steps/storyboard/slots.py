"""The slots of a board: where each panel of the script stands, and the panel before it is drawn."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from storyboard_ops.core.text.panel_prompt import PromptLimit, panel_prompt
from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.storyboard.panel_card import PanelCard

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Slot:
    """Where a panel stands in the board."""

    number: int  # from 1, through the whole board
    scene: str
    scene_number: int  # from 1
    scene_label: str  # its number as the script has it
    sequence: str
    panel: PanelCard

    @property
    def name(self) -> str:
        """The slot in file names."""
        return f"scene{self.scene_number:02d}_panel{self.number:02d}"


def script_slots(production: Production) -> Iterator[Slot]:
    """Yield the slots of a production's script in order."""
    number = 0
    for scene_number, scene in enumerate(production.storyboard, start=1):
        for panel in scene.panels:
            number += 1
            yield Slot(number, scene.scene, scene_number, scene.number, scene.sequence, panel)


def blank_panel(
    production: Production,
    slot: Slot,
    *,
    limit: PromptLimit,
    seed: int,
    size: tuple[int, int],
    model_arn: str,
) -> Panel:
    """Return a panel that is not drawn yet, with its request.

    ``limit``: of the model's prompts; ``size``: width and height in px. Raises SettingsError when
    not even the style fits.
    """
    prompt = panel_prompt(production, slot.panel, limit)
    if prompt.note:
        log.warning("Panel %d: %s", slot.number, prompt.note)
    return Panel(
        **slot.panel.model_dump(),
        scene=slot.scene,
        scene_number=slot.scene_label,
        sequence=slot.sequence,
        number=slot.number,
        prompt=prompt.text,
        notes=(prompt.note,) if prompt.note else (),
        seed=seed,
        uri="",
        sha256="",
        width=size[0],
        height=size[1],
        model_arn=model_arn,
    )
