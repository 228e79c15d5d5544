"""Productions of drawn people and figures, ready for the steps behind preflight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storyboard_ops.core.pictures.codec import encode_jpeg, encode_png
from storyboard_ops.domain.image_records import Frame
from storyboard_ops.domain.manifest_codec import ManifestRef, sha256_hex
from storyboard_ops.domain.preflight.preflight_report import PreflightReport
from storyboard_ops.domain.production_sheet import parse_production
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.gateways.storage.production_files import LoadedProduction
from storyboard_ops.steps.preflight.check_preflight import write_run
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.material import factories
from tests.studio.studio_fixture import Studio

Pictures = Mapping[str, Sequence[NDArray[np.uint8]]]


def begun_run(
    studio: Studio,
    references: Pictures,
    run_key: str = "run-1",
    strangers: Sequence[NDArray[np.uint8]] = (),
    **params: Any,
) -> ToolBox[RunSettings]:
    """The tool box of a run whose preflight has passed, with these reference pictures."""
    tools = studio.tools(run_key, **params)
    sheet = {
        "production": "Drawn",
        "slug": "drawn",
        "source": {"title": "Drawn for tests", "licence": "CC0"},
        "characters": [
            {"id": name, "name": name.title(), "description": "A figure.", "references": ["x.png"]}
            for name in references
        ],
        "storyboard": [{"scene": "EXT.", "panels": [{"description": "Nobody."}]}],
    }
    encoded = {name: [encode_png(one) for one in shown] for name, shown in references.items()}
    others = tuple(encode_png(one) for one in strangers)
    loaded = LoadedProduction(parse_production(sheet, "tests"), encoded, others)
    write_run(tools, loaded, PreflightReport(checks=()))
    return tools


def frames_manifest(tools: ToolBox, pictures: Sequence[NDArray[np.uint8]]) -> ManifestRef:
    """A "frames" manifest of these pictures, one a second, in one shot."""
    root = tools.workspace.sampling("a" * 64, "b" * 64)
    frames = []
    for k, picture in enumerate(pictures):
        jpeg = encode_jpeg(picture)
        uri = tools.objects.put(root / f"{k}.jpg", jpeg, "image/jpeg")
        height, width = picture.shape[:2]
        frames.append(
            factories.frame(
                k, uri=factories.VIDEO_URI, width=width, height=height, shot=0,
                sha256=sha256_hex(jpeg),
            ).model_copy(update={"uri": uri})
        )  # fmt: skip
    records: list[Frame] = frames
    return tools.manifests.commit(root / "shards/x/0-60.jsonl", "frames", "c" * 64, records)
