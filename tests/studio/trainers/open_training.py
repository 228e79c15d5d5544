"""An account that trains and draws by SageMaker's jobs, with a stand-in for the program."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.error_tree import NotFinished
from storyboard_ops.domain.manifest_codec import ManifestRef, sha256_hex
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.domain.training.model_facts import Wait
from storyboard_ops.gateways.training.program_files import PROGRAM, program_files
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.material import factories
from tests.studio.endpoint_fixture import FAST, quick_folder, running_endpoint
from tests.studio.studio_fixture import Studio

SMALL_PROGRAM = Path(__file__).parents[2] / "material" / "small_program"
#: Arguments of an endpoint that plays jobs quickly.
PLAYS_JOBS = (
    *FAST,
    *("--training-python", sys.executable),
    *("--job-start-seconds", "0.05", "--job-stop-seconds", "2"),
)
#: The parameters of a run whose trainer preflight has settled.
OPEN: dict[str, Any] = {
    "trainer": "sagemaker",
    "open_model": "small-flow",
    "open_steps": 10,
    "instance_types": ["ml.m5.xlarge", "ml.m5.2xlarge"],
    "candidates": 2,
}
PATIENCE_SECONDS = 30.0
#: Of each of the two files: preflight compares their sum with the documented size.
WEIGHTS_BYTES = 1_000_000

T = TypeVar("T")


@contextmanager
def small_program_installed() -> Iterator[None]:
    """Let the stand-in be what is installed as the training program, while the block runs."""
    # A program that other tests have imported would be found first.
    real = sys.modules.pop(PROGRAM, None)
    sys.path.insert(0, str(SMALL_PROGRAM))
    program_files.cache_clear()
    try:
        yield
    finally:
        sys.path.remove(str(SMALL_PROGRAM))
        program_files.cache_clear()
        if real is not None:
            sys.modules[PROGRAM] = real


@contextmanager
def open_studio(*arguments: str) -> Iterator[Studio]:
    """A studio on an endpoint of its own that plays jobs."""
    with (
        quick_folder() as folder,
        running_endpoint(folder / "data", (*PLAYS_JOBS, *arguments)) as endpoint,
    ):
        yield Studio.opened(endpoint)


def store_weights(studio: Studio, step_seconds: float = 0.0) -> None:
    """Upload the weights of the base model: the stand-in reads from them how long a step takes."""
    for name in ("model.safetensors", "config.json"):
        key, body = f"models/small-flow/{name}", f"{step_seconds} ".ljust(WEIGHTS_BYTES).encode()
        studio.client("s3").put_object(Bucket=studio.bucket, Key=key, Body=body)


def open_run(studio: Studio, run_key: str = "run-1", **params: Any) -> ToolBox[RunSettings]:
    """A run that preflight has let pass, with its production and the weights in place."""
    tools = studio.tools(run_key, **{**OPEN, **params})
    tools.write_record("production.json", factories.production())
    tools.write_record("settings.json", tools.settings)
    store_weights(studio)
    return tools


def published_set(tools: ToolBox, pictures: int = 6) -> TrainingSet:
    """Pictures of Mira, published for Bedrock and for the training program."""
    root, lines, listed = tools.run_root / "dataset", [], []
    for k in range(pictures):
        png = encode_png(factories.picture(k))
        uri = tools.objects.put(root / f"images/{k}.png", png, "image/png")
        caption = f"Mira stands on hill {k}."
        lines.append({"image-ref": uri, "caption": caption})
        facts = {"sha256": sha256_hex(png), "caption": caption, "characters": ["mira"]}
        listed.append({"file": f"images/{k}.png", **facts, "split": "training", "take": f"{k}"})
    bodies = {
        name: "".join(f"{json.dumps(line)}\n" for line in rows).encode()
        for name, rows in (("train.jsonl", lines), ("pictures.jsonl", listed))
    }
    for name, body in bodies.items():
        tools.objects.put(root / name, body)
    return TrainingSet(
        images=ManifestRef(uri="s3://x/y", count=0, sha256="0" * 64),
        training_uri=str(root / "train.jsonl"),
        training_sha256=sha256_hex(bodies["train.jsonl"]),
        training=pictures,
        evaluation=0,
    )


def until(finish: Callable[[], T | Wait]) -> T:
    """Call as a trigger does, until there is a result."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            found = finish()
            if not isinstance(found, Wait):
                return found
        except NotFinished:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.05)


class Killed(BaseException):
    """Ends a task as SIGKILL does: no handler of errors sees it."""


def dying(studio: Studio, tools: ToolBox[Any], moment: str, operation: str) -> ToolBox[Any]:
    """A tool box whose task dies at a call of SageMaker: at "before-send", or "after-call"."""

    def die(**_: Any) -> None:
        raise Killed

    client = studio.endpoint.client("sagemaker")
    client.meta.events.register(f"{moment}.sagemaker.{operation}", die)
    mortal = {"sagemaker": client}
    return replace(tools, clients=lambda name: mortal.get(name) or studio.client(name))


def job_names(studio: Studio, kind: str) -> list[str]:
    """The names of the account's training or processing jobs."""
    sagemaker, word = studio.client("sagemaker"), kind.title()
    pages = sagemaker.get_paginator(f"list_{kind}_jobs").paginate()
    return [one[f"{word}JobName"] for page in pages for one in page[f"{word}JobSummaries"]]
