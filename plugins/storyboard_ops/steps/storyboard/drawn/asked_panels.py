"""Panels before they are drawn, with everything that decides their pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from storyboard_ops.core.storyboard.panel_seeds import following_seeds, panel_seeds
from storyboard_ops.core.text.panel_prompt import PromptLimit
from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.image_records import Candidate, Panel
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.storyboard.drawn_picture import DrawnPicture
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.board.revise_board import board_of_run
from storyboard_ops.steps.storyboard.choosing.carry import slots_to_draw
from storyboard_ops.steps.storyboard.slots import Slot, blank_panel, board_slots

VERSION = 1


@dataclass(frozen=True)
class AskedPanel:
    """A panel to draw once for each seed."""

    blank: Panel
    seeds: Sequence[int]
    how: Any  # what decides a picture besides the panel: model, strength; as plain data
    references: Sequence[S3Uri] = ()  # pictures that the model is shown; named by their digests
    keeps_candidates: bool = True  # False: the only picture of a panel is no choice

    @property
    def name(self) -> str:
        """The name of its files; panels of a run that differ in what draws them have others."""
        return f"{self.blank.panel_id}_{self.blank.source}"

    @property
    def pictures(self) -> Iterator[AskedPicture]:
        """What is asked for with each seed."""
        return (AskedPicture(self, seed) for seed in self.seeds)


@dataclass(frozen=True)
class AskedPicture:
    """One candidate of a panel."""

    panel: AskedPanel
    seed: int

    @property
    def name(self) -> str:
        """The name of its file, without the ending."""
        return f"{self.panel.name}_seed{self.seed}"

    @property
    def question(self) -> str:
        """The digest of everything that decides the picture: equal ones are drawn once.

        It does not cover where the panel stands, what it is called, what is said in it, or how
        long it is shown.
        """
        blank = self.panel.blank
        return digest_of(
            VERSION,
            self.panel.how,
            [blank.source, blank.prompt, self.seed, blank.width, blank.height],
            [reference.name for reference in self.panel.references],
        )


@dataclass
class Drawing:
    """What became of the pictures that were asked for, by question."""

    drawn: dict[str, DrawnPicture] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


def slots_of_run(tools: ToolBox) -> list[Slot]:
    """Return the slots that the run draws, of its board, which is kept as a revision."""
    return slots_to_draw(tools, list(board_slots(board_of_run(tools))))


def ask_panels(
    tools: ToolBox,
    production: Production,
    slots: Iterable[Slot],
    *,
    limit: PromptLimit,
    model_arn: str,
    how: Any,
    candidates: int,
    size: tuple[int, int] | None = None,
    fit_seed: Callable[[int], int] = int,
    **fields: Any,
) -> list[AskedPanel]:
    """Return the panels of some slots, with the seeds that follow from their ids.

    ``limit``: of the model's prompts. ``size``: width and height in px, by default the run's.
    ``fit_seed`` returns the seed that the model accepts in the place of another. ``fields`` replace
    those of the panels. Raises SettingsError when not even the style fits.
    """
    settings = tools.settings
    asked = []
    for slot in slots:
        seeds = list(map(fit_seed, _seeds(settings.seed, slot, candidates)))
        blank = blank_panel(
            production,
            slot,
            limit=limit,
            seed=seeds[0],
            size=size or (settings.panel_width, settings.panel_height),
            model_arn=model_arn,
        )
        asked.append(
            AskedPanel(
                blank.model_copy(update=fields),
                seeds,
                how=[production.slug, how],
                keeps_candidates=candidates > 1,
            )
        )
    return asked


def _seeds(seed: int, slot: Slot, count: int) -> list[int]:
    """Return the seeds of a panel; one that is drawn again has others."""
    if slot.redraw is None or slot.redraw.seed is None:
        return panel_seeds(seed, slot.name, count)
    return following_seeds(slot.redraw.seed, count)


def drawn_panel(asked: AskedPanel, drawing: Drawing, run_key: str) -> Panel:
    """Return a panel with its pictures, showing the first: nothing has measured them yet.

    ``run_key``: of the run that shows it. A panel without a picture has the reason.
    """
    pictures = {one.seed: drawing.drawn.get(one.question) for one in asked.pictures}
    found = {seed: picture for seed, picture in pictures.items() if picture is not None}
    if not found:
        reasons = (drawing.failures.get(one.question) for one in asked.pictures)
        reason = next(filter(None, reasons), "the job has not drawn it")
        return asked.blank.model_copy(update={"failure": reason})
    candidates = [_candidate(seed, one, run_key) for seed, one in found.items()]
    first = next(iter(found.values()))
    notes = dict.fromkeys(note for picture in found.values() for note in picture.notes)
    update: Mapping[str, Any] = {
        "candidates": tuple(candidates) if asked.keeps_candidates else (),
        "notes": (*asked.blank.notes, *notes),
        "width": first.width,
        "height": first.height,
    }
    return asked.blank.model_copy(update=update).showing(candidates[0])


def _candidate(seed: int, picture: DrawnPicture, run_key: str) -> Candidate:
    drawn_by = picture.run_key if picture.run_key != run_key else ""
    return Candidate(seed=seed, uri=picture.uri, sha256=picture.sha256, drawn_by=drawn_by)
