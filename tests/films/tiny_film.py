"""The smallest film and production that the pipeline accepts, for tests that need no real one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import yaml

from storyboard_ops.core.pictures.codec import encode_png
from tests.material.factories import picture
from tests.studio.studio_fixture import Studio


def tiny_film(path: Path, seconds: int, width: int = 320, height: int = 180) -> Path:
    """An H.264 film of 10 frames a second; every second shows another picture."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for second in range(seconds):
            shown = np.ascontiguousarray(cv2.resize(picture(second), (width, height)))
            for _ in range(10):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(shown, format="rgb24")))
        container.mux(stream.encode())
    return path


def tiny_production(
    studio: Studio,
    in_script: str = "mira",
    reference: np.ndarray | None = None,
    **settings: Any,
) -> str:
    """Upload a production of one character, "mira"; returns its URI."""
    sheet = {
        "settings": settings,
        "production": "Tiny",
        "slug": "tiny",
        "source": {"title": "Tiny", "licence": "CC0"},
        "characters": [
            {"id": "mira", "name": "Mira", "description": "A figure.", "references": ["mira.png"]}
        ],
        "storyboard": [
            {"scene": "EXT. HILL", "panels": [{"description": "Mira.", "characters": [in_script]}]}
        ],
    }
    shown = picture(1, width=200, height=200) if reference is None else reference
    s3 = studio.client("s3")
    folder = f"productions/tiny-{in_script}-{shown.shape[0]}"
    s3.put_object(Bucket=studio.bucket, Key=f"{folder}/mira.png", Body=encode_png(shown))
    s3.put_object(
        Bucket=studio.bucket, Key=f"{folder}/tiny.yaml", Body=yaml.safe_dump(sheet).encode()
    )
    return f"s3://{studio.bucket}/{folder}/tiny.yaml"
