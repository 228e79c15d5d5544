"""What the terminal says while a job trains or draws."""

from __future__ import annotations

import json
from typing import Any

import pytest

from launcher.aws.job_progress import LINE_SECONDS, LOOK_SECONDS, JobProgress
from launcher.product import S3Uri
from tests.studio.studio_fixture import Studio

CHECKPOINTS = "runs/run-1/model/checkpoints/0a1b2c3d"


class Terminal:
    """The lines that were printed, at a clock that the test moves."""

    def __init__(self, studio: Studio) -> None:
        self.studio, self.now, self.lines = studio, 0.0, []
        self.jobs = JobProgress(
            studio.client("s3"), S3Uri(studio.bucket, "runs/run-1"), self.lines.append, self.clock
        )

    def clock(self) -> float:
        return self.now

    def after(self, seconds: float, folder: str = CHECKPOINTS, **progress: Any) -> list[str]:
        """The lines once a program has written this, some seconds later."""
        body = json.dumps({"steps": 1000, **progress})
        self.studio.client("s3").put_object(
            Bucket=self.studio.bucket, Key=f"{folder}/progress.json", Body=body
        )
        self.now += seconds
        self.jobs.report()
        return self.lines


@pytest.fixture
def terminal(studio: Studio) -> Terminal:
    return Terminal(studio)


def test_a_line_says_how_far_the_training_is(terminal):
    facts = {"loss": 0.5, "pictures_per_second": 2.0, "seconds_left": 65}
    assert terminal.after(LOOK_SECONDS, phase="training", step=250, **facts) == [
        "training, step 250 of 1,000, loss 0.5000, 2.00 pictures/s, 1:05 left"
    ]


def test_lines_of_one_phase_keep_their_distance(terminal):
    terminal.after(LOOK_SECONDS, phase="training", step=1)
    assert len(terminal.after(LINE_SECONDS - 1, phase="training", step=2)) == 1
    assert len(terminal.after(LOOK_SECONDS, phase="training", step=3)) == 2


def test_a_new_phase_is_told_at_once_and_the_end_only_once(terminal):
    terminal.after(LOOK_SECONDS, phase="training", step=1)
    assert terminal.after(LOOK_SECONDS, phase="done", step=1000)[1:] == [
        "done, step 1,000 of 1,000"
    ]
    assert len(terminal.after(LINE_SECONDS, phase="done", step=1000)) == 2


def test_a_drawing_is_told_of_too(terminal):
    folder = "runs/run-1/storyboard/candidates/job"
    assert terminal.after(LOOK_SECONDS, folder, phase="drawing", step=3, steps=24) == [
        "drawing, step 3 of 24"
    ]


def test_half_a_file_and_a_missing_bucket_are_looked_at_again_later(terminal):
    terminal.studio.client("s3").put_object(
        Bucket=terminal.studio.bucket, Key=f"{CHECKPOINTS}/progress.json", Body=b'{"phase'
    )
    terminal.now += LOOK_SECONDS
    terminal.jobs.report()
    terminal.jobs.run_root = S3Uri("no-such-bucket", "runs/run-1")
    terminal.now += LOOK_SECONDS
    terminal.jobs.report()
    assert terminal.lines == []
