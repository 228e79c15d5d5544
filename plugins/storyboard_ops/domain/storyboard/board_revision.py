"""A revision of a storyboard: its numbered panels, and what changed since the one before."""

from __future__ import annotations

from pydantic import Field

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.production_sheet import ScriptScene


class OmittedPanel(Record):
    """A panel that is on the board no more; its number is not given again."""

    panel_id: str
    scene: str  # heading
    description: str
    since: int = Field(ge=1)  # the version that left it out


class BoardRevision(Record):
    """One version of a board. Panels are named by their ids, ``12A-010-020``."""

    board: str
    version: int = Field(ge=1)
    date: str  # ISO 8601
    colour: str  # of the pages, as screenplays count revisions: white, blue, pink
    run_key: str
    scenes: tuple[ScriptScene, ...]
    omitted: tuple[OmittedPanel, ...] = ()
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    omitted_now: tuple[str, ...] = ()
