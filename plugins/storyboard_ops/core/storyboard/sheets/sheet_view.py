"""What the sheets say, ready to be set: every text, every size, every panel on its page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from storyboard_ops.core.storyboard.board import Board, BoardPanel, BoardScene
from storyboard_ops.core.storyboard.sheets import layout as measures
from storyboard_ops.core.storyboard.sheets.layout import SheetLayout, fit, place_frame
from storyboard_ops.core.storyboard.sheets.letters import Letters
from storyboard_ops.core.text.wording import pluralize, running_time
from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.report.run_figures import count_panels
from storyboard_ops.domain.storyboard.board_revision import BoardRevision, OmittedPanel
from storyboard_ops.domain.storyboard.panel_card import SpokenLine
from storyboard_ops.domain.storyboard.sheet_fonts import Fonts

#: Letters of the attribution at the foot of a sheet, and of the reason in place of a picture; the
#: report has the whole of both.
MOST_FOOT, MOST_REASON = 400, 300
#: Pale tints of revision colours; a colour without one leaves its sheets white.
TINTS = {
    "white": "#ffffff", "blue": "#cfe0f3", "pink": "#f8d3dc", "yellow": "#f8eeb4",
    "green": "#d0e8c8", "goldenrod": "#f0d48f", "buff": "#f0dcb8", "salmon": "#f7c3ae",
    "cherry": "#efb3bb", "tan": "#e2cdb0", "ivory": "#f7f2dd", "grey": "#dedede",
}  # fmt: skip


@dataclass(frozen=True)
class SheetFacts:
    """What the title and the foot of the sheets say."""

    production: str
    date: str
    model: str
    attribution: str
    names: Mapping[str, str]  # display name by character id
    style: str = ""
    likeness: str = ""  # of the panels to the characters, or why there is no figure
    caution: str = ""  # e.g. that a stand-in drew the panels
    revision: BoardRevision | None = None


View = dict[str, Any]


def board_view(
    board: Board,
    pictures: Mapping[str, str],
    sheet: SheetFacts,
    layout: SheetLayout,
    fonts: Fonts,
) -> tuple[View, Letters]:
    """Return the view of a board, and its letters. ``pictures`` are paths by SHA-256 of the panel.

    A panel that failed, or whose picture is not there, keeps its place with the reason.
    """
    letters = Letters.of(board_texts(board), fonts)
    maker = _CellMaker(letters, sheet, layout, pictures)
    cells = [*maker.cells(board)]
    size = layout.per_sheet
    pages = [cells[start : start + size] for start in range(0, len(cells), size)]
    view = {
        **page_view(layout),
        **title_view(board, sheet, letters),
        "pages": [
            {
                "cells": page,
                "cell": layout.cell(is_first=number == 0)._asdict(),
                "is_revised": any(cell["mark"] for cell in page),
            }
            for number, page in enumerate(pages)
        ],
        "form_fonts": letters.set("カット画面")["fonts"],
        "headings": measures.HEADINGS,
        "safe_areas": layout.safe_areas,
        "text_size": measures.TEXT_SIZES[layout.panels],
    }
    return view, letters


def page_view(layout: SheetLayout) -> View:
    """Return the measures that every kind of sheet has."""
    columns, rows = layout.grid
    return {
        "kind": "vertical" if layout.is_vertical else "grid",
        "page": layout.page._asdict(),
        "columns": columns,
        "rows": rows,
        "side": measures.SIDE,
        "top": measures.TOP,
        "foot": measures.FOOT,
        "gutter": measures.GUTTER,
        "title_height": measures.TITLE,
        "head_height": measures.HEAD,
        "inset": measures.INSET,
    }


def title_view(board: Board, sheet: SheetFacts, letters: Letters) -> View:
    """Return what a sheet says besides its panels."""
    revision = sheet.revision
    version = (
        f"Version {revision.version}, {revision.colour}, {revision.date[:10]}" if revision else ""
    )
    foot = "  ·  ".join(filter(None, (sheet.date, sheet.attribution)))
    return {
        "plain_title": letters.set(f"{sheet.production}: storyboard"),
        "title": letters.set(sheet.production),
        "facts": [letters.set(fact) for fact in board_facts(board, sheet) if fact],
        "caution": letters.set(sheet.caution) if sheet.caution else None,
        "version": letters.set(version) if version else None,
        "tint": TINTS.get(revision.colour.lower(), "#ffffff") if revision else "#ffffff",
        "attribution": letters.set(cut(foot, MOST_FOOT)),
    }


def board_facts(board: Board, sheet: SheetFacts) -> tuple[str, ...]:
    """Return what sums a board up; "" where a fact is not known."""
    count = f"{_panel_count(board)}  ·  {running_time(board.seconds)} min"
    return count, sheet.model, sheet.style, sheet.likeness


def cut(text: str, most: int) -> str:
    """Return a text of at most that many letters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def length_of(placed: BoardPanel) -> str:
    """Return how long a panel stands."""
    return f"{placed.seconds:.1f} s"


def frames_of(placed: BoardPanel) -> str:
    """Return how many frames a panel stands: ``60 f``."""
    return f"{placed.frames} f"


def seconds_and_frames_of(placed: BoardPanel) -> str:
    """Return how long a panel stands as Japanese forms say it: ``2+12``, seconds and frames."""
    seconds, frames = divmod(placed.frames, placed.frame_rate.nominal)
    return f"{seconds}+{frames:02d}"


def camera_of(panel: Panel) -> str:
    """Return size, angle, lens and move of the camera."""
    return ", ".join(filter(None, (panel.size, panel.angle, panel.lens, panel.move)))


def light_of(panel: Panel) -> str:
    """Return time of day and light."""
    return ", ".join(filter(None, (panel.time, panel.light)))


def speaker_of(line: SpokenLine) -> str:
    """Return who speaks and how: ``MIRA (O.S.), whispering``."""
    off = f"{line.speaker} ({line.off})" if line.off else line.speaker
    return f"{off}, {line.parenthetical.strip('()')}" if line.parenthetical else off


def scene_heading(scene: BoardScene) -> str:
    """Return number and heading of a scene."""
    return f"{scene.number}. {scene.heading}"


def mark_of(name: str, revision: BoardRevision | None) -> str:
    """Return what the last revision did to a panel: NEW, CHANGED, MOVED, or ""."""
    if revision is None or revision.version == 1:
        return ""
    kinds = {"NEW": revision.new, "CHANGED": revision.changed, "MOVED": revision.moved}
    return next((kind for kind, names in kinds.items() if name in names), "")


def _panel_count(board: Board) -> str:
    missing = len(board.panels) - len(board.drawn)
    wrong = count_panels(placed.panel for placed in board.panels).remark
    told = ", ".join(filter(None, (f"{missing} not drawn" if missing else "", wrong)))
    drawn = f" ({told})" if told else ""
    panels = pluralize(len(board.panels), "panel")
    return f"{panels}{drawn} in {pluralize(len(board.scenes), 'scene')}"


def board_texts(board: Board) -> Iterator[str]:
    """Return what a board says in its own language."""
    for placed in board.panels:
        yield placed.panel.scene
        yield placed.panel.description
        yield from (line.text for line in placed.panel.dialogue)


@dataclass(frozen=True)
class _CellMaker:
    """Makes the cells of a board's panels."""

    letters: Letters
    sheet: SheetFacts
    layout: SheetLayout
    pictures: Mapping[str, str]

    def cells(self, board: Board) -> Iterator[View]:
        names = [placed.label for placed in board.panels]
        omitted = omitted_after(names, self.sheet.revision)
        index = 0
        for scene in board.scenes:
            for placed in scene.panels:
                yield {
                    **self._cell(placed, is_first=index < self.layout.per_sheet),
                    **self._scene(scene, placed),
                    "omitted": [*map(self._omitted, omitted.get(names[index], ()))],
                    "omitted_before": [
                        *map(self._omitted, omitted.get("", ()) if index == 0 else ())
                    ],
                }
                index += 1

    def _scene(self, scene: BoardScene, placed: BoardPanel) -> View:
        return {
            "scene": self.letters.set(scene_heading(scene)),
            "scene_length": running_time(scene.seconds),
            "opens_scene": placed is scene.panels[0],
        }

    def _cell(self, placed: BoardPanel, *, is_first: bool) -> View:
        panel, name = placed.panel, placed.label
        picture = self.pictures.get(panel.sha256, "")
        failure = panel.failure or ("" if picture else "Its picture is not there.")
        aspect = self.layout.frame_aspect(panel.width, panel.height)
        return {
            "name": self.letters.set(name),
            "mark": mark_of(name, self.sheet.revision),
            "length": length_of(placed),
            "frames": frames_of(placed),
            "seconds_and_frames": seconds_and_frames_of(placed),
            "from": running_time(placed.start_s),
            "until": running_time(placed.start_s + placed.seconds),
            "picture": "" if failure else picture,
            "failure": self.letters.set(cut(failure, MOST_REASON)) if failure else None,
            **self._frame(aspect, is_first=is_first),
            "fields": [*self._fields(panel)],
        }

    def _frame(self, aspect: float, *, is_first: bool) -> View:
        cell = self.layout.cell(is_first=is_first)
        if self.layout.is_vertical:
            width, height = 0.41 * cell.width - 2 * measures.INSET, cell.height - 2 * measures.INSET
            return {"frame": fit(aspect, width, height)._asdict(), "beside": True}
        placed = place_frame(cell, aspect)
        return {"frame": placed.frame._asdict(), "beside": placed.beside}

    def _fields(self, panel: Panel) -> Iterator[View]:
        """Return the texts of a panel under their headings, without empty ones."""
        names = ", ".join(self.sheet.names.get(one, one) for one in panel.characters)
        prompt = panel.prompt if self.layout.prompts else ""
        yield from self._field("action", "Action", panel.description)
        spoken = [
            {"speaker": self.letters.set(speaker_of(line)), "text": self.letters.set(line.text)}
            for line in panel.dialogue
        ]
        if spoken:
            yield {"key": "dialogue", "label": "Dialogue", "lines": spoken}
        yield from self._field("sound", "Sound", panel.sound)
        yield from self._field("camera", "Camera", camera_of(panel))
        yield from self._field("light", "Light", light_of(panel))
        yield from self._field("cast", "In frame", names)
        yield from self._field("transition", "Transition", panel.transition)
        yield from self._field("note", "Note", panel.note)
        yield from self._field("prompt", "Prompt", prompt)
        for note in (*panel.marks, *panel.notes):
            yield from self._field("drawing", "Drawing", note)

    def _field(self, key: str, label: str, text: str) -> Iterator[View]:
        if text.strip():
            lines = [{"speaker": None, "text": self.letters.set(text)}]
            yield {"key": key, "label": label, "lines": lines}

    def _omitted(self, panel: OmittedPanel) -> View:
        return {
            "name": self.letters.set(panel.panel_id),
            "since": f"since version {panel.since}",
        }


def omitted_after(
    names: Iterable[str], revision: BoardRevision | None
) -> Mapping[str, list[OmittedPanel]]:
    """Return the omitted panels by the name of the panel after which they stood; "": the first."""
    omitted: defaultdict[str, list[OmittedPanel]] = defaultdict(list)
    listed = [*names]
    for panel in sorted(revision.omitted, key=lambda one: one.panel_id) if revision else ():
        scene = panel.panel_id.rsplit("-", 2)[0]
        in_scene = [name for name in listed if name.rsplit("-", 2)[0] == scene]
        before = [name for name in in_scene if name < panel.panel_id]
        omitted[_last(before) or _before(listed, in_scene) or _last(listed)].append(panel)
    return omitted


def _last(names: list[str]) -> str:
    return names[-1] if names else ""


def _before(names: list[str], scene: list[str]) -> str:
    """Return the panel before the first of a scene; "" where there is none."""
    return next((one for one, following in pairwise(names) if scene and following == scene[0]), "")
