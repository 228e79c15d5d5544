"""Plausible records of what a report shows: model, capacity, training, figures, run.

Every function returns a valid record from few arguments; equal arguments give equal records.
"""

from __future__ import annotations

from typing import Any

from storyboard_ops.core.report.facts.report_facts import ReportFacts
from storyboard_ops.core.storyboard.consistency import (
    CharacterFigures,
    ConsistencyFigures,
    Interval,
    Sighting,
)
from storyboard_ops.core.storyboard.measured_storyboard import MeasuredStoryboard
from storyboard_ops.core.storyboard.method_check import MethodCheck
from storyboard_ops.domain.image_records import (
    CropDrop,
    Drop,
    Frame,
    FrameDetections,
)
from storyboard_ops.domain.report.report_facts import RunFacts
from storyboard_ops.domain.sampling.shards import QuarantinedVideo
from storyboard_ops.domain.training.model_facts import Capacity, TrainedModel
from storyboard_ops.domain.training.program_results import TrainingFacts
from tests.material.cost_factories import ACCOUNT, preflight, price_table, receipt
from tests.material.factories import (
    CAST,
    MODEL_ARN,
    WORKSPACE,
    caption,
    detection,
    failed_panel,
    frame,
    image,
    near_duplicate,
    panel,
    production,
    rejected,
    settings,
    sha,
)


def customized_model() -> TrainedModel:
    return TrainedModel(
        job_arn=f"{ACCOUNT}:model-customization-job/amazon.nova-canvas-v1/9f8e",
        job_name="storyboard-customize-1f2e3d4c",
        model_arn=MODEL_ARN,
        base_model_id="amazon.nova-canvas-v1:0",
        metrics={"training_loss": 0.1241},
        images_seen=4_000,
    )


def capacity() -> Capacity:
    return Capacity(
        arn=f"{ACCOUNT}:provisioned-model/0a1b2c",
        name="storyboard-capacity-1f2e3d4c",
        model_arn=MODEL_ARN,
        model_units=1,
        created_at="2026-11-20T11:00:00+00:00",
    )


def training_loss() -> tuple[tuple[float, float], ...]:
    """(step, loss) of 500 steps, every tenth."""
    return tuple((step, round(0.9 * 0.994**step + 0.08, 4)) for step in range(0, 500, 10))


def training_facts(**changes: Any) -> TrainingFacts:
    """Two checkpoints of the small model, the first of which was taken, with four samples."""
    values: dict[str, Any] = {
        "base": {"id": "small-flow"},
        "chosen_step": 500,
        "chosen_because": "the highest likeness to held-out pictures, 0.61",
        "images_seen": 12_000,
        "checkpoints": [
            {"step": 1000, "likeness": 0.53, "low": -0.04, "high": 0.89},
            {"step": 500, "likeness": 0.61, "low": 0.03, "high": 0.95},
            {"step": 0, "likeness": None},
        ],
        "recipe": {"steps": 1000, "batch_size": 12, "learning_rate": 0.002},
        "training_pictures": 43,
        "held_out_pictures": 15,
        "curve": [{"step": 10, "loss": 2.04}, {"step": 1000, "loss": 0.25}],
        "wrong_names": {"mira": {"mira": 3, "pip": 1}, "pip": {"pip": 3, "": 1}},
        "samples": [
            {"character": name, "file": f"{name}_{n}.png"}
            for name in ("mira", "pip")
            for n in (0, 1)
        ],
    }
    return TrainingFacts.model_validate(values | changes)


def measured_storyboard(**changes: Any) -> MeasuredStoryboard:
    """Three panels of Mira and one of Pip, who is also missing once."""
    values: dict[str, Any] = {
        "figures": ConsistencyFigures(
            characters=(
                CharacterFigures(
                    "mira", panels=3, found=3, references=5, similarity=0.81, ceiling=0.88,
                    likeness=Interval(0.85, 0.72, 0.93, 3), lead=0.12,
                    self_similarity=0.84, diversity=0.11, cast_match=0.9, copied=1 / 3,
                ),
                CharacterFigures(
                    "pip", panels=2, found=1, references=5, similarity=0.74, ceiling=0.86,
                    likeness=Interval(0.33, panels=1), lead=0.2, cast_match=0.85,
                ),
            ),
            sightings=(
                Sighting("panel 1", "mira", 0, 0.8, 0.83, 0.1, "mira", 2, copied=True),
                Sighting("panel 2", "mira", 0, 0.8, 0.83, 0.1, "mira", 1, copied=False),
                Sighting("panel 3", "mira", 1, 0.83, 0.9, 0.16, "pip", 1, copied=False),
                Sighting("panel 3", "pip", 0, 0.74, 0.66, 0.2, "pip"),
                Sighting("panel 2", "pip", likeness=0.0),
            ),
            likeness=Interval(0.64, 0.4, 0.82, 3),
            lead=Interval(0.14, 0.1, 0.18, 3),
            cast_match=0.9,
            copied=1 / 3,
            confusion={"mira": {"mira": 2, "pip": 1}, "pip": {"": 1, "pip": 1}},
        ),
        "check": MethodCheck(0.98, 0.95, 0.03, -0.2, copies_found=1.0),
        "nearest": {"panel 1": {"mira": sha("mira", 1)}},
        "embedding_model": "amazon.titan-embed-image-v1",
        "detection_model": "amazon.nova-pro-v1:0",
        "summary": "Likeness 0.64 (95 % interval 0.40 to 0.82); the film's own pictures have 1.",
    }  # fmt: skip
    return MeasuredStoryboard(**(values | changes))


def run_facts(**changes: Any) -> RunFacts:
    values: dict[str, Any] = {
        "run_key": "manual-2026-11-20t10-00-00-b9f7ac21",
        "status": "succeeded",
        "started_at": "2026-11-20T10:00:00+00:00",
        "finished_at": "2026-11-20T12:12:00+00:00",
    }
    return RunFacts(**(values | changes))


def film_frames() -> tuple[Frame, ...]:
    """60 samples: 3 black, 2 blurred and 7 near-identical ones were dropped."""
    reasons = dict.fromkeys((0, 1, 59), ("black", 0.03)) | dict.fromkeys((20, 21), ("blurred", 6.5))
    reasons |= dict.fromkeys(range(40, 47), ("near-identical", 0.998))
    return tuple(
        frame(k, Drop(stage="sample", reason=reasons[k][0], score=reasons[k][1]))
        if k in reasons
        else frame(k)
        for k in range(60)
    )


def report_facts(**changes: Any) -> ReportFacts:
    """A finished run, see ``finished_run``."""
    return ReportFacts(**(finished_run() | changes))


def finished_run() -> dict[str, Any]:
    """A finished run: 60 samples, 48 usable, 44 characters found, 41 pictures, 32 approved."""
    frames = film_frames()
    usable = [f for f in frames if f.dropped is None]
    small = Drop(
        stage="crop", reason="too small", detail="would need ×3.1, at most ×1.5", score=3.1
    )
    unsure = Drop(stage="detect", reason="unsure", detail="Mira or Bram", score=0.48)
    images = [image(k, CAST[k % 3]) for k in range(2, 34)]
    images[4] = image(
        6, "mira", caption=caption("Mira in her red coat", "repeats the trait 'red coat'")
    )
    images += [near_duplicate(k, CAST[k % 3]) for k in range(34, 40)]
    images += [rejected(k, "bram") for k in range(47, 50)]
    return {
        "run": run_facts(),
        "production": production(),
        "settings": settings(),
        "lost_videos": (
            QuarantinedVideo(uri=f"{WORKSPACE}/videos/broken.mp4", reason="no decodable picture"),
        ),
        "frames": frames,
        "detections": tuple(
            FrameDetections(frame=f, detections=(detection(CAST[f.k % 3]),) if n < 44 else ())
            for n, f in enumerate(usable)
        ),
        "crop_drops": (
            *(CropDrop(frame=frame(k), detection=detection("pip"), drop=small) for k in (50, 51)),
            CropDrop(frame=frame(52), detection=detection("bram", 0.48), drop=unsure),
        ),
        "images": tuple(images),
        "model": customized_model(),
        "capacity": capacity(),
        "training_loss": training_loss(),
        "panels": (
            panel(1),
            failed_panel(2),
            panel(3, "Inside the lighthouse", characters=("pip", "mira"), seconds=4.5),
        ),
        "consistency": measured_storyboard().model_dump(mode="json"),
        "preflight": preflight(),
        "receipt": receipt(),
        "prices": price_table(),
    }


def long_run(pictures: int, panels: int) -> dict[str, Any]:
    """A long run: of every ten pictures seven are approved, two are doubles, one is refused."""
    images = []
    for k in range(pictures):
        made = rejected if k % 10 == 9 else near_duplicate if k % 10 > 6 else image
        images.append(made(k, CAST[k % 3]))
    return finished_run() | {
        "frames": tuple(frame(k) for k in range(pictures)),
        "detections": tuple(
            FrameDetections(frame=i.frame, detections=(detection(i.character),)) for i in images
        ),
        "images": tuple(images),
        "panels": tuple(panel(n, f"Scene {n // 9}") for n in range(1, panels + 1)),
    }
