"""Load the panel board of a run, and build the document that the page shows.

Light to import: the web server shows the page and must not load OpenCV.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from storyboard_ops.domain.error_tree import ObjectMissing
from storyboard_ops.domain.image_records import Candidate, Panel
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.settings.storyboard import LARGEST_SEED
from storyboard_ops.domain.storyboard.panel_board import (
    MOST_CHOICES,
    EarlierPicture,
    PanelBoard,
    ReferencePicture,
)
from storyboard_ops.domain.storyboard.redraw import MOST_NOTE
from storyboard_ops.steps.run.tool_box import ToolBox

BOARD, THUMBS = "storyboard/panel_board.json", "storyboard/thumbs"
#: Candidates that keys choose; a run draws no more.
MOST_CANDIDATES = 8

INSTRUCTIONS = (
    "Every panel shows the candidate that the pipeline chose. Open a panel to compare all of them, "
    "choose another, or ask for a redraw. Nothing is bought here: publishing starts a run, and "
    "shows its price first."
)


@dataclass(frozen=True)
class LaidOut:
    """A board and its panels."""

    board: PanelBoard
    panels: tuple[Panel, ...]

    @cached_property
    def by_key(self) -> Mapping[str, Panel]:
        return {panel.key: panel for panel in self.panels}

    @cached_property
    def references(self) -> Mapping[str, ReferencePicture]:
        return {one.id: one for one in self.board.references}

    @cached_property
    def pictures(self) -> Mapping[str, str]:
        """URI of every picture of the board, by its SHA-256."""
        return {
            **{one.sha256: one.uri for one in self.board.earlier},
            **{one.id: one.uri for one in self.board.references},
            **{one.sha256: one.uri for panel in self.panels for one in panel.choosable},
        }

    @cached_property
    def earlier(self) -> Mapping[str, list[EarlierPicture]]:
        """What each panel showed before, by key, the latest first."""
        found: dict[str, list[EarlierPicture]] = {}
        for one in self.board.earlier:
            found.setdefault(one.panel_id, []).append(one)
        return found


def load_panels(tools: ToolBox[Any]) -> LaidOut:
    """Load the board; raises ObjectMissing before the run has laid it out."""
    board = tools.read_record(BOARD, PanelBoard)
    if board is None:
        raise ObjectMissing(
            f"There is no panel board in {tools.run_root} yet. The page opens when the run has "
            "drawn its storyboard and written its report."
        )
    return LaidOut(board, tools.manifests.read(board.panels, Panel, "panels").records)


def board_document(production: Production, laid_out: LaidOut) -> dict[str, Any]:
    """Build the document that the page shows, but for what people chose and may do."""
    return {
        "run": {"title": production.production, "opened_at": laid_out.board.laid_out_at},
        "instructions": INSTRUCTIONS,
        "items": _items(production, laid_out),
        "references": [
            {
                "id": one.id,
                "character": production.display_name(one.character),
                "approved": one.approved,
                **_links(one.id),
            }
            for one in laid_out.board.references
        ],
        "no_references": laid_out.board.no_references,
        "limits": {
            "note_max": MOST_NOTE,
            "seed_max": LARGEST_SEED,
            "batch_max": MOST_CHOICES,
            "candidates_max": MOST_CANDIDATES,
        },
    }


def _items(production: Production, laid_out: LaidOut) -> list[dict[str, Any]]:
    ordered = sorted(laid_out.panels, key=lambda panel: panel.number)
    scenes = _scene_keys(ordered)
    return [
        {**_item(production, panel, laid_out), "scene_key": scene}
        for panel, scene in zip(ordered, scenes, strict=True)
    ]


def _scene_keys(panels: Sequence[Panel]) -> list[str]:
    """Return a key for each panel's scene: consecutive ones under one heading are one."""
    keys: list[str] = []
    count, last = 0, None
    for panel in panels:
        if (panel.scene_number, panel.scene) != last:
            count, last = count + 1, (panel.scene_number, panel.scene)
        keys.append(str(count))
    return keys


def _item(production: Production, panel: Panel, laid_out: LaidOut) -> dict[str, Any]:
    cast = set(panel.characters)
    return {
        "id": panel.key,
        "label": panel.panel_id if panel.panel else str(panel.number),
        "number": panel.number,
        "scene": " ".join(filter(None, (panel.scene_number, panel.scene))),
        "description": panel.description,
        "cast": [production.display_name(one) for one in panel.characters],
        "seconds": panel.seconds,
        "seed": panel.seed,
        "prompt": panel.prompt,
        "shown": panel.sha256,
        "why": panel.chosen_because,
        "failure": panel.failure,
        "notes": [*panel.marks, *panel.notes],
        "marked": bool(panel.marks),
        "drawn_by": panel.drawn_by,
        "redraw": panel.redraw.model_dump(mode="json") if panel.redraw else None,
        "candidates": [_candidate(one) for one in panel.choosable],
        "references": [one.id for one in laid_out.board.references if one.character in cast],
        "earlier": [
            {"run": one.run_key, "seed": one.seed, "chosen_by": one.chosen_by, **_links(one.sha256)}
            for one in laid_out.earlier.get(panel.key, ())
        ],
    }


def _candidate(one: Candidate) -> dict[str, Any]:
    return {
        "id": one.sha256,
        "seed": one.seed,
        "likeness": one.likeness,
        "cast_match": one.cast_match,
        "sharpness": one.sharpness,
        **_links(one.sha256),
    }


def _links(digest: str) -> dict[str, str]:
    """Return links of the app, relative to the page, in place of S3 URIs."""
    place = f"pictures/{digest}"
    return {"picture_url": f"{place}/picture", "thumb_url": f"{place}/thumb"}
