"""What a drawing job must know, wherever it runs, and how its pictures are collected."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

from pydantic import TypeAdapter

from storyboard_ops.core.text.panel_prompt import PromptLimit
from storyboard_ops.core.text.wording import pluralize
from storyboard_ops.domain.base_record import canonical_json, digest_of
from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.storyboard.drawn_picture import DrawnPicture
from storyboard_ops.domain.training.base_models import BaseModel
from storyboard_ops.domain.training.model_facts import TrainedModel
from storyboard_ops.domain.training.panel_sources import (
    AnySource,
    drawn_sources,
    is_trained,
    shows_references,
)
from storyboard_ops.domain.training.program_results import DrawnCandidate
from storyboard_ops.gateways.aws.call_pool import call_each
from storyboard_ops.gateways.training.model_files import base_models
from storyboard_ops.steps.run.lost_share import check_lost_share
from storyboard_ops.steps.run.manifest_step import Made, find_or_make
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.choosing.carry import complete_board
from storyboard_ops.steps.storyboard.drawn.asked_panels import (
    AskedPanel,
    AskedPicture,
    Drawing,
    ask_panels,
    drawn_panel,
    slots_of_run,
)
from storyboard_ops.steps.storyboard.drawn.drawn_pictures import DrawnPictures
from storyboard_ops.steps.storyboard.drawn.shown_panels import SHOWN
from storyboard_ops.steps.storyboard.reference_choice import MOST_REFERENCES, choose_references
from storyboard_ops.steps.storyboard.slots import Slot
from storyboard_ops.steps.training.jobs.job_task import JobTask
from storyboard_ops.steps.training.open_model import find_weights

log = logging.getLogger(__name__)

VERSION = 3
#: How strongly the trained weights count; 0 is the base model.
STRENGTH = 1.0

#: Manifest of the panels that the shown ones are compared with.
COMPARED = "storyboard/compared.jsonl"
#: Prefixes, in the run, of what jobs are given and of what they draw; then the job's name.
JOBS, CANDIDATES = "storyboard/job", "storyboard/candidates"

_DRAWN = TypeAdapter(tuple[DrawnCandidate, ...])

Task = TypeVar("Task", bound="DrawingTask")


@dataclass(frozen=True)
class DrawingTask(JobTask):
    """The panels of the board that are not drawn yet, to be drawn by a job."""

    model: TrainedModel
    #: Questions about pictures that the job need not draw.
    answered: frozenset[str] = frozenset()

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
        return sources_of(self.tools, self.model, self.base)

    @cached_property
    def asked(self) -> list[AskedPanel]:
        """Every panel: with what the run shows, then once each to compare."""
        return ask_by_job(self.tools, self.tools.production, self.model, slots_of_run(self.tools))

    @cached_property
    def left(self) -> list[tuple[AskedPanel, list[int]]]:
        """The panels that the job draws, with the seeds that are left."""
        left = [
            (one, [each.seed for each in one.pictures if each.question not in self.answered])
            for one in self.asked
        ]
        return [(one, seeds) for one, seeds in left if seeds]

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
                    "seeds": seeds,
                    "strength": STRENGTH if is_trained(one.blank.source) else 0.0,
                    "references": [uri.name for uri in one.references],
                }
                for one, seeds in self.left
            ],
        }

    @property
    def digest(self) -> str:
        """The digest of everything that decides the "panels" manifests."""
        questions = [one.question for panel in self.asked for one in panel.pictures]
        blanks = [panel.blank.model_dump(mode="json") for panel in self.asked]
        return digest_of(VERSION, questions, blanks)

    def live_uri(self, name: str) -> S3Uri:
        """Return the prefix that a job's candidates are copied to as they are drawn."""
        return self.tools.run_root / f"{CANDIDATES}/{name}"

    def result_uri(self, name: str) -> S3Uri:
        return self.live_uri(name)

    def _job_folder(self, name: str) -> S3Uri:
        return self.tools.run_root / f"{JOBS}/{name}"

    def write_inputs(self, name: str) -> None:
        objects, folder = self.tools.objects, self._job_folder(name)
        for uri in self._references:
            objects.copy(uri, folder / f"references/{uri.name}")
        objects.put(
            folder / "panels/job.json", canonical_json(self.facts).encode(), "application/json"
        )

    def was_given(self, name: str) -> dict[str, Any]:
        """Return what a job of this run was given as its facts; nothing when it never was."""
        place = self._job_folder(name) / "panels/job.json"
        if self.tools.objects.head(place) is None:
            return {}
        return dict(self.tools.objects.json(place))

    @property
    def _references(self) -> list[S3Uri]:
        return list(dict.fromkeys(uri for one, _ in self.left for uri in one.references))

    def channels(self, name: str, program: S3Uri) -> dict[str, S3Uri]:
        folder = self._job_folder(name)
        channels = {"code": program, "job": folder / "panels", "base": find_weights(self.tools)}
        if self.model.panels_from == "trained":
            channels["model"] = S3Uri.parse(self.model.model_arn)
        if self._references:
            channels["references"] = folder / "references"
        return channels


def sources_of(tools: ToolBox, model: TrainedModel, base: BaseModel) -> tuple[AnySource, ...]:
    """Return what a job draws the panels with, what the run shows first."""
    return drawn_sources(model.panels_from, tools.settings.compare_with, base.takes_references)


def ask_by_job(
    tools: ToolBox, production: Production, model: TrainedModel, slots: Sequence[Slot]
) -> list[AskedPanel]:
    """Return what is asked of each panel, for what the run shows and then for the others."""
    base = base_models().find(model.base_model_id)
    sources = sources_of(tools, model, base)
    return [
        _with_references(production, one)
        for source in sources
        for one in ask_panels(
            tools,
            production,
            slots,
            limit=PromptLimit(base.text_tokens, "tokens"),
            model_arn=model.model_arn,
            how=[
                *(base.id, base.family, base.drawing.model_dump(), str(find_weights(tools))),
                [model.model_arn, STRENGTH] if is_trained(source) else [],
            ],
            candidates=tools.settings.candidates_by(job=True) if source == sources[0] else 1,
            size=base.fit_panel(tools.settings.panel_width, tools.settings.panel_height),
            source=source,
        )
    ]


def _with_references(production: Production, asked: AskedPanel) -> AskedPanel:
    cast = asked.blank.characters if shows_references(asked.blank.source) else ()
    references = choose_references(production, cast)
    if asked.blank.redraw and asked.blank.redraw.reference:
        first = S3Uri.parse(asked.blank.redraw.reference)
        references = list(dict.fromkeys([first, *references]))[:MOST_REFERENCES]
    return replace(asked, references=references, keeps_candidates=True)


def plan_drawing(task: Task, is_running: Callable[[str], bool]) -> Task:
    """Return the task with only those pictures that are left to draw.

    ``is_running`` says whether a job of this run is under way: what it was given is left, so that
    it is adopted. What other jobs of the run have drawn is recorded, also of those that failed.
    """
    for name in filter(is_running, _names_of_jobs(task)):
        if (adopted := as_given(task, name)) is not None:
            return adopted
    drawing = collect_drawing(task)
    every = {one.question for panel in task.asked for one in panel.pictures}
    answered = every & (drawing.drawn.keys() | drawing.failures.keys())
    log.info("%d of %s left to draw.", len(every - answered), pluralize(len(every), "picture"))
    return replace(task, answered=frozenset(answered))


def as_given(task: Task, name: str) -> Task | None:
    """Return the task as a job of this run was given it; None when it was given another."""
    facts = task.was_given(name)
    given = {(one["slot"], seed) for one in facts.get("panels", ()) for seed in one["seeds"]}
    others = (
        one.question
        for panel in task.asked
        for one in panel.pictures
        if (panel.name, one.seed) not in given
    )
    same = replace(task, answered=frozenset(others))
    return same if canonical_json(same.facts) == canonical_json(facts) else None


def _names_of_jobs(task: DrawingTask) -> list[str]:
    return list(task.tools.objects.folders(task.tools.run_root / JOBS))


def collect_drawing(task: DrawingTask) -> Drawing:
    """Record what the jobs of the run have drawn; return every picture there is, and failures."""
    drawing = Drawing()
    for name in _names_of_jobs(task):
        keep_drawn(task, name, drawing)
    drawing.drawn.update(DrawnPictures(task.tools).find_each(task.asked))
    return drawing


def keep_drawn(task: DrawingTask, name: str, drawing: Drawing) -> None:
    """Record the pictures that a job has drawn, whether it was completed or not.

    Reasons for which it could not draw some are added to ``drawing``.
    """
    folder, objects = task.result_uri(name), task.tools.objects
    stored = {head.uri.name: head for head in objects.list(folder.folder)}
    told = {(one.slot, one.seed): one for one in _read_records(task, folder, stored)}
    pictures = DrawnPictures(task.tools)

    def keep(one: AskedPicture) -> None:
        record = told.get((one.panel.name, one.seed))
        if record is None or pictures.find(one) is not None:
            return
        if record.failure or record.file not in stored:
            drawing.failures[one.question] = record.failure or "the job has not stored it"
            return
        head, blank = stored[record.file], one.panel.blank
        pictures.keep(
            one,
            DrawnPicture(
                uri=str(head.uri),
                etag=head.etag,
                sha256=record.sha256,
                width=blank.width,
                height=blank.height,
                run_key=task.tools.run_key,
                notes=_cut(record),
            ),
        )

    wanted = [one for panel in task.asked for one in panel.pictures]
    for outcome in call_each(wanted, keep):
        if outcome.failure:
            drawing.failures[outcome.item.question] = outcome.failure


def _read_records(
    task: DrawingTask, folder: S3Uri, stored: Mapping[str, Any]
) -> Iterable[DrawnCandidate]:
    """Return the records of a job: all together at its end, else those next to its pictures."""
    if task.result_mark in stored:
        return _DRAWN.validate_python(task.tools.objects.json(folder / task.result_mark))
    wanted = [f"{one.name}.json" for panel in task.asked for one in panel.pictures]

    def read(name: str) -> DrawnCandidate:
        return task.tools.objects.record(folder / name, DrawnCandidate)

    outcomes = call_each([name for name in wanted if name in stored], read)
    return [one.value for one in outcomes if one.value is not None]


def _cut(record: DrawnCandidate) -> tuple[str, ...]:
    if not record.cut_tokens:
        return ()
    cut = pluralize(record.cut_tokens, "token")
    return (f"The model does not read the last {cut} of the prompt.",)


def find_panels(task: DrawingTask) -> ManifestRef | None:
    """Return the "panels" manifest of this task; None while it is not made."""
    found = task.tools.manifests.find(task.tools.run_root / SHOWN, task.digest)
    return found[0] if found else None


def collect_panels(task: DrawingTask) -> ManifestRef:
    """Write the "panels" manifests: to show, and to compare.

    A panel without a candidate keeps its place; raises BatchFailed when too many have none.
    """
    if found := find_panels(task):
        return found
    drawing = collect_drawing(task)
    pictures = DrawnPictures(task.tools)

    def take(one: AskedPicture) -> None:
        if found := drawing.drawn.get(one.question):
            drawing.drawn[one.question] = pictures.take(one, found)

    for outcome in call_each([one for panel in task.asked for one in panel.pictures], take):
        if outcome.failure:
            drawing.drawn.pop(outcome.item.question, None)
            drawing.failures[outcome.item.question] = outcome.failure
    panels = [drawn_panel(one, drawing, task.tools.run_key) for one in task.asked]
    for panel in panels:
        for note in panel.notes:
            log.warning("Panel %s: %s", panel.panel_id, note)
    if len(task.sources) > 1:
        _make_panels(task, COMPARED, lambda: _compared(task, panels))
    return _make_panels(task, SHOWN, lambda: _shown(task, panels))


def _make_panels(task: DrawingTask, file: str, make: Callable[[], Made]) -> ManifestRef:
    tools = task.tools
    place = tools.run_root / file
    return find_or_make(tools.manifests, place, "panels", task.digest, lambda _: make())


def _shown(task: DrawingTask, every: Sequence[Panel]) -> Made:
    drawn = [panel for panel in every if panel.source == task.sources[0]]
    panels = complete_board(task.tools, drawn)
    failed = [panel.failure for panel in panels if panel.failure]
    check_lost_share(task.tools, "panels could not be drawn", len(panels), failed)
    candidates = [one for panel in panels for one in panel.candidates]
    before = sum(bool(one.drawn_by) for one in candidates)
    log.info(
        "%d candidates of %d panels; %d were drawn by earlier runs.",
        len(candidates),
        len(panels),
        before,
    )
    return Made(
        panels,
        {
            "panels": len(panels),
            "failed": len(failed),
            "candidates": len(candidates),
            "drawn_before": before,
        },
    )


def _compared(task: DrawingTask, every: Sequence[Panel]) -> Made:
    panels = [panel for panel in every if panel.source != task.sources[0]]
    failed = sum(bool(panel.failure) for panel in panels)
    return Made(panels, {"panels": len(panels), "failed": failed})
