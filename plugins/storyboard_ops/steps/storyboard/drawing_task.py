"""What a drawing job must know, wherever it runs, and how its panels are collected."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter

from storyboard_ops.core.text.panel_prompt import PromptLimit
from storyboard_ops.core.text.wording import pluralize
from storyboard_ops.domain.base_record import canonical_json, digest_of
from storyboard_ops.domain.image_records import Candidate, Panel
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.settings.storyboard import LARGEST_SEED
from storyboard_ops.domain.training.base_models import BaseModel
from storyboard_ops.domain.training.model_facts import TrainedModel
from storyboard_ops.domain.training.panel_sources import (
    AnySource,
    drawn_sources,
    is_trained,
    shows_references,
)
from storyboard_ops.domain.training.program_results import DrawnCandidate
from storyboard_ops.gateways.training.model_files import base_models
from storyboard_ops.steps.run.lost_share import check_lost_share
from storyboard_ops.steps.run.manifest_step import Made, find_or_make
from storyboard_ops.steps.storyboard.reference_choice import choose_references
from storyboard_ops.steps.storyboard.slots import Slot, blank_panel, script_slots
from storyboard_ops.steps.training.jobs.job_task import JobTask
from storyboard_ops.steps.training.open_model import find_weights

log = logging.getLogger(__name__)

VERSION = 2
#: How strongly the trained weights count; 0 is the base model.
STRENGTH = 1.0

#: Manifests of the panels that the run shows, and of those that they are compared with.
SHOWN, COMPARED = "storyboard/panels.jsonl", "storyboard/compared.jsonl"

_DRAWN = TypeAdapter(tuple[DrawnCandidate, ...])


@dataclass(frozen=True)
class AskedPanel:
    """A panel before it is drawn, with the seeds and the reference pictures to draw it with."""

    slot: Slot
    blank: Panel
    seeds: list[int]
    references: list[S3Uri]

    @property
    def name(self) -> str:
        """The name of its files; each of a job has another."""
        return f"{self.slot.name}_{self.blank.source}"


@dataclass(frozen=True)
class DrawingTask(JobTask):
    """The panels of the script, to be drawn by a job."""

    model: TrainedModel

    purpose = "draw"
    task_id = "draw_storyboard"
    input_folder = "processing/input"
    entry_point = "processing/input/code/draw.py"
    live_folder = "processing/output"
    result_folder = "processing/output"
    result_mark = "drawn.json"

    @cached_property
    def base(self) -> BaseModel:
        return base_models().find(self.model.base_model_id)

    @property
    def hours(self) -> float:
        return self.tools.settings.lease_h

    @property
    def inputs(self) -> Any:
        # The reference pictures are named by their digests.
        return [VERSION, self.model.model_arn, self.facts, str(find_weights(self.tools))]

    @cached_property
    def sources(self) -> tuple[AnySource, ...]:
        """What the panels are drawn with: what the run shows first, then what it compares with."""
        wanted = self.tools.settings.compare_with
        return drawn_sources(self.model.panels_from, wanted, self.base.takes_references)

    @cached_property
    def asked(self) -> tuple[AskedPanel, ...]:
        """The panels to draw: with what the run shows, then once each to compare."""
        slots = list(script_slots(self.tools.production))
        return tuple(self._ask(slot, source) for source in self.sources for slot in slots)

    @cached_property
    def facts(self) -> dict[str, Any]:
        """The panels to draw, and how: ``job.json``."""
        return {
            "run_key": self.tools.run_key,
            "base": self.base.model_dump(mode="json"),
            **self.base.drawing.model_dump(),
            "panels": [
                {
                    "slot": one.name,
                    "prompt": one.blank.prompt,
                    "width": one.blank.width,
                    "height": one.blank.height,
                    "seeds": one.seeds,
                    "strength": STRENGTH if is_trained(one.blank.source) else 0.0,
                    "references": [uri.name for uri in one.references],
                }
                for one in self.asked
            ],
        }

    def _ask(self, slot: Slot, source: AnySource) -> AskedPanel:
        settings, production = self.tools.settings, self.tools.production
        count = settings.candidates if source == self.sources[0] else 1
        first = settings.seed + (slot.number - 1) * settings.candidates
        seeds = [(first + each) % (LARGEST_SEED + 1) for each in range(count)]
        blank = blank_panel(
            production,
            slot,
            limit=PromptLimit(self.base.text_tokens, "tokens"),
            seed=seeds[0],
            size=self.base.fit_panel(settings.panel_width, settings.panel_height),
            model_arn=self.model.model_arn,
        ).model_copy(update={"source": source})
        cast = slot.panel.characters if shows_references(source) else ()
        return AskedPanel(slot, blank, seeds, choose_references(production, cast))

    def live_uri(self, name: str) -> S3Uri:
        """Return the prefix that a job's candidates are copied to as they are drawn."""
        return self.tools.run_root / f"storyboard/candidates/{name}"

    def result_uri(self, name: str) -> S3Uri:
        return self.live_uri(name)

    def _job_folder(self, name: str) -> S3Uri:
        return self.tools.run_root / f"storyboard/job/{name}"

    def write_inputs(self, name: str) -> None:
        objects, folder = self.tools.objects, self._job_folder(name)
        for uri in self._references:
            objects.copy(uri, folder / f"references/{uri.name}")
        objects.put(
            folder / "panels/job.json", canonical_json(self.facts).encode(), "application/json"
        )

    @property
    def _references(self) -> list[S3Uri]:
        return list(dict.fromkeys(uri for one in self.asked for uri in one.references))

    def channels(self, name: str, program: S3Uri) -> dict[str, S3Uri]:
        folder = self._job_folder(name)
        channels = {"code": program, "job": folder / "panels", "base": find_weights(self.tools)}
        if self.model.panels_from == "trained":
            channels["model"] = S3Uri.parse(self.model.model_arn)
        if self._references:
            channels["references"] = folder / "references"
        return channels


def collect_panels(task: DrawingTask, name: str) -> ManifestRef:
    """Write the "panels" manifests of what a job has drawn: to show, and to compare.

    A panel without a candidate keeps its place; raises BatchFailed when too many have none.
    """
    digest = digest_of(task.inputs, name)
    if len(task.sources) > 1:
        _make_panels(task, name, COMPARED, digest, _compared)
    return _make_panels(task, name, SHOWN, digest, _shown)


def _make_panels(
    task: DrawingTask,
    name: str,
    file: str,
    digest: str,
    panels: Callable[[DrawingTask, Sequence[Panel]], Made],
) -> ManifestRef:
    tools = task.tools
    return find_or_make(
        tools.manifests,
        tools.run_root / file,
        "panels",
        digest,
        lambda _: panels(task, _read_drawn(task, name)),
    )


def _read_drawn(task: DrawingTask, name: str) -> list[Panel]:
    folder = task.result_uri(name)
    drawn: dict[str, list[DrawnCandidate]] = defaultdict(list)
    for one in _DRAWN.validate_python(task.tools.objects.json(folder / "drawn.json")):
        drawn[one.slot].append(one)
    return [_choose_first(one.blank, drawn[one.name], folder) for one in task.asked]


def _shown(task: DrawingTask, every: Sequence[Panel]) -> Made:
    panels = [panel for panel in every if panel.source == task.sources[0]]
    failed = [panel.failure for panel in panels if panel.failure]
    check_lost_share(task.tools, "panels could not be drawn", len(panels), failed)
    candidates = sum(len(panel.candidates) for panel in panels)
    log.info("Drew %d candidates of %d panels.", candidates, len(panels))
    return Made(panels, {"panels": len(panels), "failed": len(failed), "candidates": candidates})


def _compared(task: DrawingTask, every: Sequence[Panel]) -> Made:
    panels = [panel for panel in every if panel.source != task.sources[0]]
    failed = sum(bool(panel.failure) for panel in panels)
    return Made(panels, {"panels": len(panels), "failed": failed})


def _choose_first(blank: Panel, drawn: Sequence[DrawnCandidate], folder: S3Uri) -> Panel:
    """Return a panel with its candidates, showing the first: nothing has measured them yet."""
    candidates = tuple(
        Candidate(seed=one.seed, uri=str(folder / one.file), sha256=one.sha256)
        for one in drawn
        if not one.failure
    )
    if not candidates:
        reasons = [one.failure for one in drawn] or ["the job has not drawn it"]
        return blank.model_copy(update={"failure": reasons[0]})
    update: dict[str, Any] = {"candidates": candidates}
    if cut := max(one.cut_tokens for one in drawn):
        note = f"The model does not read the last {pluralize(cut, 'token')} of the prompt."
        update["notes"] = (*blank.notes, note)
        log.warning("Panel %d: %s", blank.number, note)
    return blank.model_copy(update=update).showing(candidates[0])
