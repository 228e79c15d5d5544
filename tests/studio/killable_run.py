"""A whole run, task by task, in processes that can be told to kill themselves at a paid call.

``python -m tests.studio.killable_run`` imports everything once, then reads one order per line from
its input: a JSON object of ``Order``. It forks a process that continues the run where the last one
ended, and answers with one line: its exit status, as ``os.waitpid`` returns it.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import boto3

from storyboard_ops.domain.detection.detector_facts import ModelWait
from storyboard_ops.domain.error_tree import NotFinished
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.settings.run import RunSettings, parse_settings
from storyboard_ops.domain.training.model_facts import TrainedModel, Wait
from storyboard_ops.gateways.aws import call_pool
from storyboard_ops.steps.dataset.assemble_dataset import assemble_dataset
from storyboard_ops.steps.dataset.crop_characters import crop_characters
from storyboard_ops.steps.dataset.drop_near_duplicates import drop_near_duplicates
from storyboard_ops.steps.dataset.embedder import PictureEmbedder
from storyboard_ops.steps.dataset.publish_dataset import publish_dataset
from storyboard_ops.steps.dataset.write_captions import write_captions
from storyboard_ops.steps.detection.custom_inference import stop_inference
from storyboard_ops.steps.detection.detect_characters import detect_characters
from storyboard_ops.steps.detection.prepare_detectors import prepare_detectors
from storyboard_ops.steps.preflight.check_preflight import check_preflight
from storyboard_ops.steps.release.release_resources import release_everything
from storyboard_ops.steps.review.apply_review import apply_review
from storyboard_ops.steps.review.open_review import open_review
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.sampling.plan_shards import plan_shards
from storyboard_ops.steps.sampling.sample_frames import sample_frames
from storyboard_ops.steps.storyboard.measure_consistency import measure_consistency
from storyboard_ops.steps.storyboard.painters import painter_of
from storyboard_ops.steps.training.trainers import trainer_of

Done = TypeVar("Done")

PATIENCE_SECONDS = 60.0
BEFORE, AFTER = "before", "after"
#: Calls that only look begin and end no charge.
READS = ("Get", "List", "Describe", "Head")


@dataclass(frozen=True)
class Order:
    """One life of a run."""

    run_key: str
    params: dict[str, Any]
    folder: str  # where the run's progress and trace lie
    deadly: list[str]  # operations at which it dies
    survived: list[str]  # moments of calls at which an earlier life has died already

    def line(self) -> str:
        return json.dumps(asdict(self)) + "\n"


@dataclass(frozen=True)
class Moment:
    """A line of the trace: one AWS call, before it is sent or after it is answered."""

    when: str  # BEFORE or AFTER
    operation: str
    question: str  # digest of everything that is asked, tags apart: they carry the time
    arns: tuple[str, ...]  # that the request and, afterwards, the answer name
    death: bool = False  # the process ended here

    @property
    def key(self) -> str:
        return f"{self.when} {self.operation} {self.question}"

    @property
    def changes(self) -> bool:
        """Whether the call may begin or end a charge."""
        return not self.operation.startswith(READS)


def moments(folder: Path) -> list[Moment]:
    """The trace of all lives so far."""
    lines = (folder / "trace.jsonl").read_text().splitlines()
    return [Moment(**{**one, "arns": tuple(one["arns"])}) for one in map(json.loads, lines)]


class Watch:
    """Writes every call down, and ends the process at the first deadly one not yet survived."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._trace = (Path(order.folder) / "trace.jsonl").open("a", encoding="utf-8")
        self._asked: Mapping[str, Any] = {}

    def client(self, service: str) -> Any:
        """A boto3 client that is watched."""
        made = boto3.client(service)
        events = made.meta.events
        events.register_first("provide-client-params", self._remember)
        events.register_last("before-send", self._before)
        events.register_last("after-call", self._after)
        return made

    def _remember(self, params: Mapping[str, Any], **_: Any) -> None:
        self._asked = dict(params)

    def _before(self, event_name: str, **_: Any) -> None:
        self._meet(BEFORE, event_name, {})

    def _after(self, event_name: str, parsed: Mapping[str, Any], **_: Any) -> None:
        self._meet(AFTER, event_name, parsed)

    def _meet(self, when: str, event_name: str, answer: Mapping[str, Any]) -> None:
        operation = event_name.rpartition(".")[2]
        asked = {name: value for name, value in self._asked.items() if "tags" not in name.lower()}
        question = hashlib.sha256(repr(sorted(asked.items())).encode()).hexdigest()[:16]
        arns = (*_arns(self._asked), *_arns(answer))
        moment = Moment(when, operation, question, arns)
        death = operation in self._order.deadly and moment.key not in self._order.survived
        self._trace.write(json.dumps(asdict(replace(moment, death=death))) + "\n")
        self._trace.flush()
        if death:
            os.kill(os.getpid(), signal.SIGKILL)


def _arns(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _arns(each)
    elif isinstance(value, list):
        for each in value:
            yield from _arns(each)
    elif isinstance(value, str) and value.startswith("arn:"):
        yield value


Returned = Mapping[str, Any]
#: The DAG's tasks in their order: from the tool box and what earlier ones returned to a value.
TASKS: Mapping[str, Callable[[ToolBox, Returned], Any]] = {
    "preflight": lambda tools, _: check_preflight(tools),
    "plan_shards": lambda tools, _: plan_shards(tools),
    "sample_frames": lambda tools, r: [sample_frames(tools, one) for one in r["plan_shards"]],
    "prepare_detectors": lambda tools, _: until(lambda: _ready(prepare_detectors(tools))),
    "detect": lambda tools, r: [detect_characters(tools, ref) for ref in r["sample_frames"]],
    "stop_detectors": lambda tools, _: stop_inference(tools),
    "crop": lambda tools, r: crop_characters(tools, r["detect"]),
    "distinct": lambda tools, r: drop_near_duplicates(tools, r["crop"], PictureEmbedder(tools)),
    "captions": lambda tools, r: write_captions(tools, r["distinct"]),
    "candidates": lambda tools, r: assemble_dataset(tools, r["captions"]),
    "open_review": lambda tools, r: open_review(tools, r["candidates"]),
    "review": lambda tools, r: apply_review(tools, r["candidates"], r["open_review"]),
    "dataset": lambda tools, r: publish_dataset(tools, r["review"]),
    "start_training": lambda tools, r: trainer_of(tools).start(r["dataset"]).name,
    "model": lambda tools, r: until(
        lambda: trainer_of(tools).finish(r["dataset"], r["start_training"])
    ),
    "start_capacity": lambda tools, r: _start_capacity(tools, r["model"]),
    "capacity": lambda tools, r: (
        r["start_capacity"]
        and until(lambda: painter_of(tools, r["model"]).provided(r["start_capacity"]))
    ),
    "start_drawing": lambda tools, r: _start_drawing(tools, r["model"], r["capacity"]),
    "panels": lambda tools, r: _panels(tools, r["model"], r["start_drawing"]),
    "consistency": lambda tools, r: measure_consistency(tools, r["panels"], r["dataset"]),
    "release": lambda tools, _: release_everything(tools),
}


def live(order: Order) -> None:
    """Go on with the run from its first unfinished task to its end, or to a death."""
    # One call at a time: an answer that is on its way at a death would be paid and lost as well.
    call_pool.ThreadPoolExecutor = lambda max_workers: ThreadPoolExecutor(1)  # type: ignore
    progress = Path(order.folder) / "progress.pickle"
    returned: dict[str, Any] = pickle.loads(progress.read_bytes()) if progress.exists() else {}
    given = ToolBox(order.run_key, parse_settings(order.params), cache(Watch(order).client))
    for name, task in TASKS.items():
        if name in returned:
            continue
        settled = given.read_record("settings.json", RunSettings)
        returned[name] = task(replace(given, settings=settled or given.settings), returned)
        progress.with_suffix(".new").write_bytes(pickle.dumps(returned))
        progress.with_suffix(".new").replace(progress)


def until(finish: Callable[[], Done]) -> Done:
    """Wait as a trigger does: ask again while the service is not done."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with suppress(NotFinished):
            return finish()
        time.sleep(0.05)
    return finish()


def _start_capacity(tools: ToolBox, model: TrainedModel) -> str:
    painter = painter_of(tools, model)
    return "" if painter.draws_by_itself else painter.provide(model).name


def _start_drawing(tools: ToolBox, model: TrainedModel, capacity: Any) -> ManifestRef | Wait:
    return painter_of(tools, model).start(model, capacity or None)


def _panels(tools: ToolBox, model: TrainedModel, drawn: ManifestRef | Wait) -> Any:
    if not isinstance(drawn, Wait):
        return drawn
    return until(lambda: painter_of(tools, model).finish(model, drawn.name))


def _ready(found: Any) -> Any:
    if isinstance(found, ModelWait):
        raise NotFinished(f"{found.version} is not {found.goal} yet")
    return found


def main() -> None:
    """Serve orders until the input ends."""
    for line in sys.stdin:
        order = Order(**json.loads(line))
        child = os.fork()
        if child == 0:
            live(order)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{status}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
