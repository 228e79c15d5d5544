"""The slots of a board: where each panel stands, and the panel before it is drawn."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from storyboard_ops.core.text.panel_prompt import PromptLimit, panel_prompt
from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.storyboard.board_revision import BoardRevision
from storyboard_ops.domain.storyboard.panel_card import PanelCard, panel_id
from storyboard_ops.domain.storyboard.redraw import Redraw

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Slot:
    """Where a panel stands in the board, and what it is called."""

    number: int  # from 1, through the whole board
    scene: str  # heading
    scene_number: str
    sequence: str
    panel: PanelCard
    redraw: Redraw | None = None  # what to change when it is drawn again

    @property
    def described(self) -> PanelCard:
        """The card to draw: a note comes first, so that no limit of a prompt cuts it."""
        note = self.redraw.note if self.redraw else ""
        told = " ".join(filter(None, (note, self.panel.description)))
        return self.panel.model_copy(update={"description": told})

    @property
    def name(self) -> str:
        """The panel's id, which file names begin with."""
        return panel_id(self.scene_number, self.panel.shot, self.panel.panel)


def board_slots(board: BoardRevision) -> Iterator[Slot]:
    """Yield the slots of a board in order."""
    number = 0
    for scene in board.scenes:
        for panel in scene.panels:
            number += 1
            yield Slot(number, scene.scene, scene.number, scene.sequence, panel)


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
    prompt = panel_prompt(production, slot.described, limit)
    if prompt.note:
        log.warning("Panel %s: %s", slot.name, prompt.note)
    return Panel(
        **slot.panel.model_dump(),
        scene=slot.scene,
        scene_number=slot.scene_number,
        sequence=slot.sequence,
        number=slot.number,
        prompt=prompt.text,
        notes=(prompt.note,) if prompt.note else (),
        seed=seed,
        redraw=slot.redraw,
        uri="",
        sha256="",
        width=size[0],
        height=size[1],
        model_arn=model_arn,
    )
