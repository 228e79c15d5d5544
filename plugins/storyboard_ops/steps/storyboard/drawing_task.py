"""What a drawing job must know, wherever it runs, and how its panels are collected."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter

from storyboard_ops.domain.base_record import canonical_json, digest_of
from storyboard_ops.domain.image_records import Candidate, Panel
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.settings.storyboard import LARGEST_SEED
from storyboard_ops.domain.training.base_models import BaseModel
from storyboard_ops.domain.training.model_facts import TrainedModel
from storyboard_ops.domain.training.program_results import DrawnCandidate
from storyboard_ops.gateways.training.model_files import base_models
from storyboard_ops.steps.run.lost_share import check_lost_share
from storyboard_ops.steps.run.manifest_step import Made, find_or_make
from storyboard_ops.steps.storyboard.slots import Slot, blank_panel, script_slots
from storyboard_ops.steps.training.jobs.job_task import JobTask
from storyboard_ops.steps.training.open_model import find_weights

log = logging.getLogger(__name__)

VERSION = 1
#: Characters of a prompt for each token that the base model reads, rather few.
CHARACTERS_PER_TOKEN = 3
#: How strongly the trained weights count; 0 is the base model.
STRENGTH = 1.0

_DRAWN = TypeAdapter(tuple[DrawnCandidate, ...])


@dataclass(frozen=True)
class DrawingTask(JobTask):
    """The panels of the script, to be drawn with a trained model."""

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
        return [VERSION, self.model.model_arn, self.facts, str(find_weights(self.tools))]

    @cached_property
    def slots(self) -> Sequence[tuple[Slot, Panel]]:
        """The slots of the script, each with its panel before it is drawn."""
        return [(slot, self._blank(slot)) for slot in script_slots(self.tools.production)]

    @cached_property
    def facts(self) -> dict[str, Any]:
        """The panels to draw, and how: ``job.json``."""
        return {
            "run_key": self.tools.run_key,
            "base": self.base.model_dump(mode="json"),
            **self.base.drawing.model_dump(),
            "strength": STRENGTH,
            "panels": [
                {
                    "slot": slot.name,
                    "prompt": blank.prompt,
                    "width": blank.width,
                    "height": blank.height,
                    "seeds": self._seeds(slot),
                    "references": [],
                }
                for slot, blank in self.slots
            ],
        }

    def _seeds(self, slot: Slot) -> list[int]:
        settings = self.tools.settings
        first = settings.seed + (slot.number - 1) * settings.candidates
        return [(first + each) % (LARGEST_SEED + 1) for each in range(settings.candidates)]

    def _blank(self, slot: Slot) -> Panel:
        settings = self.tools.settings
        return blank_panel(
            self.tools.production,
            slot,
            most=CHARACTERS_PER_TOKEN * self.base.text_tokens,
            seed=self._seeds(slot)[0],
            size=self.base.fit_panel(settings.panel_width, settings.panel_height),
            model_arn=self.model.model_arn,
        )

    def live_uri(self, name: str) -> S3Uri:
        """Return the prefix that a job's candidates are copied to as they are drawn."""
        return self.tools.run_root / f"storyboard/candidates/{name}"

    def result_uri(self, name: str) -> S3Uri:
        return self.live_uri(name)

    def _job_folder(self, name: str) -> S3Uri:
        return self.tools.run_root / f"storyboard/job/{name}"

    def write_inputs(self, name: str) -> None:
        body = canonical_json(self.facts).encode()
        self.tools.objects.put(self._job_folder(name) / "job.json", body, "application/json")

    def channels(self, name: str, program: S3Uri) -> dict[str, S3Uri]:
        return {
            "code": program,
            "job": self._job_folder(name),
            "base": find_weights(self.tools),
            "model": S3Uri.parse(self.model.model_arn),
        }


def collect_panels(task: DrawingTask, name: str) -> ManifestRef:
    """Write the "panels" manifest of what a job has drawn.

    A panel without a candidate keeps its place; raises BatchFailed when too many have none.
    """
    tools = task.tools
    return find_or_make(
        tools.manifests,
        tools.run_root / "storyboard/panels.jsonl",
        "panels",
        digest_of(task.inputs, name),
        lambda _: _panels(task, name),
    )


def _panels(task: DrawingTask, name: str) -> Made:
    folder = task.result_uri(name)
    drawn: dict[str, list[DrawnCandidate]] = defaultdict(list)
    for one in _DRAWN.validate_python(task.tools.objects.json(folder / "drawn.json")):
        drawn[one.slot].append(one)
    panels = [_choose_first(blank, drawn[slot.name], folder) for slot, blank in task.slots]
    failed = [panel.failure for panel in panels if panel.failure]
    check_lost_share(task.tools, "panels could not be drawn", len(panels), failed)
    candidates = sum(len(panel.candidates) for panel in panels)
    log.info("Drew %d candidates of %d panels.", candidates, len(panels))
    return Made(panels, {"panels": len(panels), "failed": len(failed), "candidates": candidates})


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
    return blank.model_copy(update={"candidates": candidates}).showing(candidates[0])
