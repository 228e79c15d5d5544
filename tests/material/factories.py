"""Plausible records for tests: one production, its film, pictures, panels, receipt and prices.

Every function returns a valid record from few arguments; equal arguments give equal records.
"""

from __future__ import annotations

import colorsys
import hashlib
from typing import Any

import cv2
import numpy as np

from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.core.storyboard.consistency import (
    CharacterFigures,
    ConsistencyFigures,
    Interval,
    Sighting,
)
from storyboard_ops.core.storyboard.measured_storyboard import MeasuredStoryboard
from storyboard_ops.core.storyboard.method_check import MethodCheck
from storyboard_ops.domain.image_records import (
    Box,
    CaptionFacts,
    CropDrop,
    CropFacts,
    Detection,
    Drop,
    DuplicateFacts,
    Frame,
    FrameDetections,
    FrameScores,
    ImageRecord,
    Panel,
    ReviewFacts,
    VideoRef,
)
from storyboard_ops.domain.production_sheet import Production, parse_production
from storyboard_ops.domain.report.report_facts import ReportFacts, RunFacts
from storyboard_ops.domain.sampling.shards import QuarantinedVideo
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.domain.training.model_facts import Capacity, TrainedModel
from storyboard_ops.domain.training.program_results import TrainingFacts
from tests.material.cost_factories import ACCOUNT, preflight, price_table, receipt

WORKSPACE = "s3://storyboard-studio"
VIDEO_URI = f"{WORKSPACE}/videos/lantern-keepers.mp4"
MODEL_ARN = f"{ACCOUNT}:custom-model/amazon.nova-canvas-v1/abc123def456"
CAST = ("mira", "bram", "pip")
FRAMINGS = ("full", "medium", "close")


def sha(*parts: object) -> str:
    """A digest that stands for some content."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def picture(seed: int, width: int = 512, height: int = 512) -> np.ndarray:
    """(H, W, 3) RGB: a night sky, a hill, and a round figure with a lantern; differs by seed."""
    dice = np.random.default_rng(seed)
    hue = dice.random()
    sky, ground, body, glow = (
        tuple(round(255 * c) for c in colorsys.hsv_to_rgb((hue + turn) % 1, depth, light))
        for turn, depth, light in (
            (0, 0.5, 0.5),
            (0.05, 0.6, 0.25),
            (0.5, 0.55, 0.8),
            (0.1, 0.4, 1),
        )
    )
    fade = np.linspace(0.55, 1.25, height)[:, None, None]
    canvas = np.clip(np.full((height, width, 3), sky) * fade, 0, 255).astype(np.uint8)
    canvas = np.ascontiguousarray(canvas)
    x, y, size = dice.uniform(0.35, 0.65) * width, dice.uniform(0.5, 0.6) * height, height * 0.16
    circle = _circle(canvas)
    circle((width * dice.random(), height * 1.6), height * 0.85, ground)
    cv2.ellipse(
        canvas,
        (round(x), round(y + size * 1.4)),
        (round(size * 0.9), round(size * 1.5)),
        0,
        0,
        360,
        body,
        -1,
        cv2.LINE_AA,
    )
    circle((x, y), size, (244, 214, 188))
    for side in (-0.35, 0.35):
        circle((x + side * size, y - size * 0.1), size * 0.12, (40, 30, 40))
    circle((x + size * 1.5, y + size * 1.3), size * 0.45, glow)
    return canvas


def noise(width: int, height: int) -> bytes:
    """PNG that compresses as badly as a picture can."""
    dice = np.random.default_rng(0)
    return encode_png(dice.integers(0, 256, (height, width, 3), dtype=np.uint8))


def _circle(canvas: np.ndarray) -> Any:
    def draw(centre: tuple[float, float], radius: float, colour: tuple[int, ...]) -> None:
        x, y = map(round, centre)
        cv2.circle(canvas, (x, y), max(1, round(radius)), colour, -1, cv2.LINE_AA)

    return draw


def production(**changes: Any) -> Production:
    """The Lantern Keepers, with three characters and two scenes."""
    document: dict[str, Any] = {
        "production": "The Lantern Keepers",
        "slug": "lantern-keepers",
        "style": "soft painted animation, evening light",
        "source": {
            "title": "The Lantern Keepers",
            "licence": "CC BY 4.0",
            "attribution": "The Lantern Keepers, drawn for this project",
        },
        "characters": [
            _character("mira", "Mira", "a girl in a red coat with a brass lantern"),
            _character("bram", "Bram", "a tall man with a grey beard and a blue cap"),
            _character("pip", "Pip", "a small round owl with yellow eyes"),
        ],
        "storyboard": [
            {
                "scene": "The harbour at dusk",
                "panels": [
                    {"description": "Mira walks along the quay.", "characters": ["mira"]},
                    {"description": "Bram waves from his boat.", "characters": ["bram"]},
                ],
            },
            {
                "scene": "Inside the lighthouse",
                "panels": [{"description": "Pip guards the lamp.", "characters": ["pip"]}],
            },
        ],
    }
    return parse_production(document | changes, "tests/material/factories.py")


def _character(character_id: str, name: str, description: str) -> dict[str, Any]:
    references = [f"references/{character_id}.png"]
    return {"id": character_id, "name": name, "description": description, "references": references}


def settings(**changes: Any) -> RunSettings:
    plain = {"videos": [VIDEO_URI], "workspace": WORKSPACE, "trainer": "bedrock"}
    return RunSettings(**(plain | changes))


def frame(k: int, dropped: Drop | None = None, uri: str = VIDEO_URI, **changes: Any) -> Frame:
    """The frame at second k of a 24 fps film whose shots last four seconds."""
    stored = (
        {} if dropped else {"sha256": sha(uri, k), "uri": f"{WORKSPACE}/library/v/s/{k:06d}.jpg"}
    )
    values: dict[str, Any] = {
        "video": VideoRef(uri=uri, version="9b2cf5", sha256=sha(uri), size=48_200_000),
        "k": k,
        "pts": k * 12_800,
        "time_base": "1/12800",
        "start_pts": 0,
        "width": 1280,
        "height": 720,
        "shot": k // 4,
        "scores": FrameScores(luma=0.42, contrast=0.2, sharpness=180.0, similarity=0.81),
        "dropped": dropped,
    }
    return Frame(**(values | stored | changes))


def detection(character: str | None = "mira", confidence: float = 0.9, **changes: Any) -> Detection:
    values: dict[str, Any] = {
        "box": Box(x=0.3, y=0.2, w=0.3, h=0.7),
        "label": character or "Person",
        "character": character,
        "confidence": confidence,
        "detector": "multimodal",
        "model_id": "amazon.nova-pro-v1:0",
    }
    return Detection(**(values | changes))


def image(k: int, character: str = "mira", **changes: Any) -> ImageRecord:
    """A kept picture of second k: cut, compared, captioned and approved."""
    enlargement = 1.4 if k % 5 == 0 else 1.0
    values: dict[str, Any] = {
        "image_id": sha("image", character, k),
        "uri": f"{WORKSPACE}/runs/r/crops/{character}-{k}.png",
        "character": character,
        "width": 512,
        "height": 640,
        "frame": frame(k),
        "crop": CropFacts(
            detection=detection(character, confidence=0.6 + (k * 7 % 40) / 100),
            left=300,
            top=100,
            width=round(512 / enlargement),
            height=round(640 / enlargement),
            enlargement=enlargement,
            sharpness=140.0,
            framing=FRAMINGS[k // 3 % 3],
        ),
        "duplicate": DuplicateFacts(
            model_id="amazon.titan-embed-image-v1",
            nearest=sha("image", character, k + 1),
            similarity=0.55 + (k * 37 % 36) / 100,
        ),
        "caption": caption(
            f"{character.title()} holds a lantern on the quay while the tide comes in"
        ),
        "review": review(),
    }
    return ImageRecord(**(values | changes))


def caption(text: str, *findings: str) -> CaptionFacts:
    return CaptionFacts(
        text=text,
        model_id="amazon.nova-pro-v1:0",
        prompt="write_caption",
        prompt_sha256=sha("prompt"),
        findings=findings,
    )


def review(desk: str = "a2i", reviewer: str = "dana") -> ReviewFacts:
    """An approval."""
    at = "2026-11-20T10:15:00+00:00"
    return ReviewFacts(decision="approve", reviewer=reviewer, desk=desk, decided_at=at)


def near_duplicate(k: int, character: str = "mira", similarity: float = 0.96) -> ImageRecord:
    """A picture that was left out because the one of 27 seconds before is as good."""
    facts = DuplicateFacts(
        model_id="amazon.titan-embed-image-v1",
        nearest=sha("image", character, k - 27),
        similarity=similarity,
    )
    drop = Drop(stage="duplicate", reason="near-duplicate", score=similarity)
    return image(k, character, duplicate=facts, caption=None, review=None, dropped=drop)


def rejected(k: int, character: str = "mira", reason: str = "wrong character") -> ImageRecord:
    """A picture that a reviewer refused."""
    review = ReviewFacts(
        decision="reject",
        reviewer="ilse",
        reason=reason,
        desk="a2i",
        decided_at="2026-11-20T10:20:00+00:00",
    )
    drop = Drop(stage="review", reason="rejected", detail=reason)
    return image(k, character, review=review, dropped=drop)


def panel(number: int, scene: str = "The harbour at dusk", **changes: Any) -> Panel:
    values: dict[str, Any] = {
        "scene": scene,
        "number": number,
        "description": "Mira walks along the quay, the lantern swinging at her side.",
        "characters": ("mira",),
        "seconds": 3.0,
        "prompt": "Mira walks along the quay, wide shot, soft painted animation, evening light",
        "seed": 7,
        "uri": f"{WORKSPACE}/runs/r/storyboard/{sha(scene, number)}.png",
        "sha256": sha("panel", scene, number),
        "width": 1280,
        "height": 720,
        "model_arn": MODEL_ARN,
    }
    return Panel(**(values | changes))


def failed_panel(number: int, scene: str = "The harbour at dusk") -> Panel:
    """A panel that the model refused to draw; its slot stays."""
    refusal = "The model's content filter refused the prompt."
    return panel(number, scene, uri="", sha256="", failure=refusal)


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
    values: dict[str, Any] = {
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
    return ReportFacts(**(values | changes))


def large_report_facts(pictures: int, panels: int) -> ReportFacts:
    """A long run: of every ten pictures seven are approved, two are doubles, one is refused."""
    images = []
    for k in range(pictures):
        made = rejected if k % 10 == 9 else near_duplicate if k % 10 > 6 else image
        images.append(made(k, CAST[k % 3]))
    return report_facts(
        frames=tuple(frame(k) for k in range(pictures)),
        detections=tuple(
            FrameDetections(frame=i.frame, detections=(detection(i.character),)) for i in images
        ),
        images=tuple(images),
        panels=tuple(panel(n, f"Scene {n // 9}") for n in range(1, panels + 1)),
    )
