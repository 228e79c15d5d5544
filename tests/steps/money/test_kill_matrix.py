"""SIGKILL before and after every paid call of a run, then the task again: one of everything.

Which calls are paid is read from the endpoint's bill after a run that nobody disturbed, not from a
list: operations that the bill names, and changing calls that name something it charges.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import av
import numpy as np
import pytest
import yaml

from local_aws.vision.picture_codec import encode_png
from tests.local_aws.vision.drawn_pictures import bolt, meadow, mira, paste
from tests.studio.endpoint_fixture import PROJECT_ROOT, running_endpoint
from tests.studio.killable_run import AFTER, BEFORE, Moment, Order, moments
from tests.studio.studio_fixture import QUICK, Studio
from tests.studio.trainers.open_training import (
    OPEN,
    PLAYS_JOBS,
    SMALL_PROGRAM,
    job_names,
    store_weights,
)

RUN_KEY = "run-1"
PARAMS = {
    **QUICK,
    "detectors": ["multimodal", "labels", "custom_labels"],
    "review_desk": "without_people",
    "keep_model": False,
    "max_enlargement": 8,  # the film is small
    "duplicate_above": 1,  # and shows the same two again and again
}
#: What the trainers need besides, and the calls by which they buy.
TRAINERS = {
    "bedrock": {"trainer": "bedrock"},
    "sagemaker": {**OPEN, "instance_types": ["ml.m5.xlarge"]},
}
BUYS = {
    "bedrock": {
        "CreateModelCustomizationJob",
        "CreateProvisionedModelThroughput",
        "DeleteProvisionedModelThroughput",
    },
    "sagemaker": {"CreateTrainingJob", "CreateProcessingJob"},
}
SCENES = 3
#: What AWS lets nobody ask for twice: a client token, a name, or an end.
ASKED_ONCE = {"training_image", "model_unit_hour", "month", "hour"}
MOST_LIVES = 400
#: Objects of the dataset that a trainer reads. Cards and lineage tell when people have decided.
TRAINED_ON = (".png", ".txt", "train.jsonl")


def scene(number: int) -> np.ndarray:
    """A frame of 640 x 360 with both characters, BGR."""
    picture = meadow(seed=number)
    paste(picture, mira(190), 30 + 20 * number, 130)
    paste(picture, bolt(180), 400 - 15 * number, 150)
    return picture


def small_film(path: Path) -> Path:
    """An H.264 film of 4 frames a second; every second is another scene."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=4, options={"crf": "12"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for number in range(SCENES):
            for _ in range(4):
                frame = av.VideoFrame.from_ndarray(scene(number), format="bgr24")
                container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def small_production(studio: Studio) -> str:
    """Upload the two characters, each with three reference pictures; returns the sheet's URI."""
    grey = [(210, 190, 150), (200, 200, 200), (180, 210, 190)]
    cast = {"mira": mira, "bolt": bolt}
    s3, folder = studio.client("s3"), "productions/two"
    for name, draw in cast.items():
        for number, background in enumerate(grey):
            body = encode_png(draw(160, background))
            s3.put_object(Bucket=studio.bucket, Key=f"{folder}/{name}{number}.png", Body=body)
    sheet = {
        "production": "Two",
        "slug": "two",
        "source": {"title": "Drawn for tests", "licence": "CC0"},
        "characters": [
            {
                "id": name,
                "name": name.title(),
                "description": "A figure.",
                "references": [f"{name}{number}.png" for number in range(len(grey))],
            }
            for name in cast
        ],
        "storyboard": [
            {"scene": "EXT. MEADOW", "panels": [{"description": "Mira.", "characters": ["mira"]}]}
        ],
    }
    key = f"{folder}/two.yaml"
    s3.put_object(Bucket=studio.bucket, Key=key, Body=yaml.safe_dump(sheet).encode())
    return f"s3://{studio.bucket}/{key}"


@dataclass
class Lives:
    """A run in an account of its own, and the process that gives it one life after the other."""

    studio: Studio
    server: subprocess.Popen[str]
    order: Order
    statuses: list[int] = field(default_factory=list)

    def live(self) -> int:
        """One life; its exit status, as ``os.waitpid`` gives it."""
        assert self.server.stdin is not None and self.server.stdout is not None
        self.server.stdin.write(self.order.line())
        self.server.stdin.flush()
        self.statuses.append(int(self.server.stdout.readline()))
        return self.statuses[-1]

    def live_until_the_end(self, deadly: set[str]) -> None:
        """Die before and after each deadly call, once, and live on."""
        self.order = replace(self.order, deadly=sorted(deadly))
        while self.live() == signal.SIGKILL:
            survived = [moment.key for moment in self.trace if moment.death]
            self.order = replace(self.order, survived=survived)
            assert len(self.statuses) < MOST_LIVES, "it dies at the same call again and again"
        assert self.statuses[-1] == 0, "the last life ended by itself"

    @property
    def trace(self) -> list[Moment]:
        return moments(Path(self.order.folder))

    def bill(self) -> list[dict]:
        """The priced lines of the endpoint's bill."""
        lines = self.studio.endpoint.admin("GET", "bill")["lines"]
        return [line for line in lines if line["usd_per_unit"] is not None]

    def billed(self) -> Counter[tuple[str, str, str]]:
        """What was charged by the call: quantity by operation, model and unit."""
        lines = [line for line in self.bill() if not line["resource"].startswith("arn:")]
        return Counter(
            {(line["item"], line["resource"], line["unit"]): line["quantity"] for line in lines}
        )

    def charged(self) -> Counter[tuple[str, str]]:
        """How many things were charged by the hour or the month: by item and unit."""
        lines = [line for line in self.bill() if line["resource"].startswith("arn:")]
        return Counter((line["item"], line["unit"]) for line in lines)

    def dataset(self) -> dict[str, bytes]:
        """What is trained on, by key: pictures, captions, manifest; without the bucket's name."""
        bucket = self.studio.bucket.encode()
        found = self._objects("dataset/", TRAINED_ON)
        return {key: body.replace(bucket, b"BUCKET") for key, body in found.items()}

    def panels(self) -> dict[str, bytes]:
        """The drawn pictures by file name: the names of jobs contain the bucket's."""
        found = self._objects("storyboard/", (".png",))
        return {key.rpartition("/")[2]: body for key, body in found.items()}

    def _objects(self, folder: str, endings: tuple[str, ...]) -> dict[str, bytes]:
        s3, prefix = self.studio.client("s3"), f"runs/{RUN_KEY}/{folder}"
        listed = s3.list_objects_v2(Bucket=self.studio.bucket, Prefix=prefix)["Contents"]
        return {
            one["Key"]: s3.get_object(Bucket=self.studio.bucket, Key=one["Key"])["Body"].read()
            for one in listed
            if one["Key"].endswith(endings)
        }


@contextmanager
def lives(folder: Path, film: Path, trainer: str) -> Iterator[Lives]:
    """A run of the film that has not begun yet."""
    folder.mkdir()
    with running_endpoint(folder / "data", (*PLAYS_JOBS, "--no-quotas")) as endpoint:
        studio = Studio.opened(endpoint)
        store_weights(studio)
        params = {
            **PARAMS,
            **TRAINERS[trainer],
            "workspace": f"s3://{studio.bucket}",
            "videos": [studio.upload(film)],
            "production": small_production(studio),
        }
        server = subprocess.Popen(
            [sys.executable, "-P", "-m", "tests.studio.killable_run"],
            cwd=PROJECT_ROOT,
            env={**os.environ, **endpoint.environment, "PYTHONPATH": f"{SMALL_PROGRAM}:plugins:."},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield Lives(studio, server, Order(RUN_KEY, params, str(folder), [], []))
        finally:
            server.communicate()  # the end of its input ends it


def paid_operations(undisturbed: Lives) -> set[str]:
    """The calls that begin or end a charge, as the bill of an undisturbed run tells."""
    bill = undisturbed.bill()
    named = {line["item"] for line in bill}
    charged = {line["resource"] for line in bill if line["resource"].startswith("arn:")}
    return {
        moment.operation
        for moment in undisturbed.trace
        if moment.operation in named or (moment.changes and charged & set(moment.arns))
    }


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("trainer", TRAINERS)
def test_a_kill_before_and_after_every_paid_call_buys_one_of_everything(
    tmp_path, record_property, trainer
):
    film = small_film(tmp_path / "film.mp4")
    with lives(tmp_path / "undisturbed", film, trainer) as undisturbed:
        assert undisturbed.live() == 0
        deadly = paid_operations(undisturbed)
        once, charged = undisturbed.billed(), undisturbed.charged()
        dataset, panels = undisturbed.dataset(), undisturbed.panels()
    assert {
        "Converse",
        "InvokeModel",
        "DetectLabels",
        "CreateProjectVersion",
        "StartProjectVersion",
        *BUYS[trainer],
    } <= deadly

    with lives(tmp_path / "killed", film, trainer) as killed:
        killed.live_until_the_end(deadly)
        deaths = [moment for moment in killed.trace if moment.death]
        again, billing = killed.billed(), killed.studio.endpoint.admin("GET", "bill")["running"]
        bedrock = killed.studio.client("bedrock")
        jobs = len(bedrock.list_model_customization_jobs()["modelCustomizationJobSummaries"])
        jobs += len(job_names(killed.studio, "training"))
        drawings = len(job_names(killed.studio, "processing"))
        assert killed.charged() == charged, "one of each, and one running detector"
        assert killed.dataset() == dataset
        assert killed.panels() == panels

    by_moment = Counter(moment.when for moment in deaths)
    assert by_moment[BEFORE] == by_moment[AFTER] == len(deaths) / 2
    record_property("kill points", len(deaths))
    assert (jobs, drawings) == (1, 1 if trainer == "sagemaker" else 0)
    assert billing == []
    # An answer that was paid and not kept before the kill is asked for again, once: AWS has no
    # token for these calls. What has one is charged once.
    lost = Counter(moment.operation for moment in deaths if moment.when == AFTER)
    assert again == {
        line: quantity if line[2] in ASKED_ONCE else 2 * quantity for line, quantity in once.items()
    }
    assert set(lost) == deadly
