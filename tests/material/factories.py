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
from storyboard_ops.domain.image_records import (
    Box,
    CaptionFacts,
    CropFacts,
    Detection,
    Drop,
    DuplicateFacts,
    Frame,
    FrameScores,
    ImageRecord,
    Panel,
    ReviewFacts,
    VideoRef,
)
from storyboard_ops.domain.production_sheet import Production, parse_production
from storyboard_ops.domain.settings.run import RunSettings
from tests.material.cost_factories import ACCOUNT

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


def production_with_prop() -> Production:
    """The Lantern Keepers, and their lantern as a prop."""
    cast = [one.model_dump() for one in production().characters]
    looks = {"description": "A brass lantern.", "references": ["lantern.png"]}
    lantern = {"kind": "prop", "id": "lantern", "name": "Old Lantern", **looks}
    return production(characters=[*cast, lantern])


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
