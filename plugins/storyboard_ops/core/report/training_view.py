"""What the page shows of a training, and of figures that repeat training pictures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from storyboard_ops.core.report.consistency_tables import ConsistencyView, confusion_table
from storyboard_ops.core.report.contact_sheet import ShownPicture, image_picture, panel_picture
from storyboard_ops.core.report.even_choice import evenly
from storyboard_ops.core.report.facts.report_facts import ReportFacts
from storyboard_ops.core.storyboard.board import Board
from storyboard_ops.core.storyboard.chosen_candidates import name_of
from storyboard_ops.core.text.visible import isolated
from storyboard_ops.domain.training.program_results import Checkpoint, TrainingFacts

#: Checkpoints whose samples are shown, and how many of each: 12 kB each, so 0.6 MB.
MOST_STRIPS, MOST_SAMPLES = 6, 6
MOST_COPIES = 6
SAMPLE_SIDE = 160  # px


@dataclass(frozen=True)
class Strip:
    """The same samples, as a checkpoint draws them."""

    step: int
    is_chosen: bool
    pictures: tuple[ShownPicture, ...]


@dataclass(frozen=True)
class CopyPair:
    """A panel beside the training picture that a figure in it repeats."""

    drawn: ShownPicture
    picture: ShownPicture
    text: str


@dataclass(frozen=True)
class TrainingView:
    """What the page shows of a training by the training program."""

    facts: ReportFacts

    @property
    def checkpoints(self) -> tuple[Checkpoint, ...]:
        """The checkpoints by step; step 0 is the base model."""
        training = self.facts.training
        return tuple(sorted(training.checkpoints, key=lambda c: c.step)) if training else ()

    @property
    def wrong_names(self) -> pd.DataFrame | None:
        """Whom the samples at the chosen step look like, as counts; None with one character."""
        counts = self.facts.training.wrong_names if self.facts.training else None
        if not counts or len(counts) < 2:
            return None
        return confusion_table(counts, self.facts.production.display_name)

    @cached_property
    def strips(self) -> tuple[Strip, ...]:
        """Samples by checkpoint: the first, the last, some between, and the chosen one."""
        training, model = self.facts.training, self.facts.model
        if training is None or model is None or not training.samples:
            return ()
        steps = [checkpoint.step for checkpoint in self.checkpoints]
        shown = {*evenly(steps, MOST_STRIPS), *({training.chosen_step} & set(steps))}
        return tuple(_strip(self.facts, training, model.model_arn, step) for step in sorted(shown))


def copy_pairs(facts: ReportFacts, board: Board) -> tuple[CopyPair, ...]:
    """Return panels with a copied figure, beside the training picture that is nearest to it."""
    return tuple(evenly(tuple(_copies(facts, board)), MOST_COPIES))


def pictures_of_model(facts: ReportFacts, board: Board) -> tuple[ShownPicture, ...]:
    """List every picture that these parts of the page show."""
    pairs = copy_pairs(facts, board)
    return (
        *(picture for strip in TrainingView(facts).strips for picture in strip.pictures),
        *(picture for pair in pairs for picture in (pair.drawn, pair.picture)),
    )


def copied_pictures(facts: ReportFacts) -> set[str]:
    """Return the ids of the pictures that panels may repeat, to be found."""
    measured = ConsistencyView(facts).measured
    by_panel = measured.nearest.values() if measured else ()
    return {image_id for nearest in by_panel for image_id in nearest.values()}


def _strip(facts: ReportFacts, training: TrainingFacts, folder: str, step: int) -> Strip:
    by_character: dict[str, list[str]] = defaultdict(list)
    for sample in training.samples:
        by_character[sample.character].append(sample.file)
    each = max(1, MOST_SAMPLES // len(by_character))
    files = [(name, file) for name, own in by_character.items() for file in own[:each]]
    pictures = tuple(
        ShownPicture(
            key=f"sample {step} {file}",
            uri=f"{folder}/samples/step_{step:06d}/{file}",
            alt=f"{isolated(facts.production.display_name(name))}, drawn at step {step}",
            side=SAMPLE_SIDE,
        )
        for name, file in files[:MOST_SAMPLES]
    )
    return Strip(step, step == training.chosen_step, pictures)


def _copies(facts: ReportFacts, board: Board) -> Iterator[CopyPair]:
    measured = ConsistencyView(facts).measured
    # Panels of earlier versions are measured by their place; the board has given them names.
    placed_at = {placed.panel.number: placed for placed in board.drawn}
    panels = {name_of(panel): placed_at.get(panel.number) for panel in facts.panels or ()}
    images = facts.images.found if facts.images else {}
    for one in measured.figures.sightings if measured else ():
        nearest = measured.nearest.get(one.panel, {}).get(one.character) if measured else None
        placed, image = panels.get(one.panel), images.get(nearest or "")
        drawn = panel_picture(placed) if placed else None
        if one.copied and placed and drawn and image:
            name = isolated(facts.production.display_name(one.character))
            yield CopyPair(drawn, image_picture(facts, image), f"Panel {placed.label}: {name}")
