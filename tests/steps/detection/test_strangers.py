"""Who is in the picture and is none of the characters never becomes a picture of one."""

from __future__ import annotations

import numpy as np
import pytest

from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.domain.error_tree import ProductionError
from storyboard_ops.domain.image_records import CropDrop, FrameDetections, ImageRecord
from storyboard_ops.domain.manifest_codec import decode_manifest
from storyboard_ops.domain.preflight.preflight_report import PreflightReport
from storyboard_ops.domain.production_sheet import NONE_OF_THEM, parse_production
from storyboard_ops.gateways.storage.production_files import LoadedProduction
from storyboard_ops.steps.dataset.crop_characters import crop_characters
from storyboard_ops.steps.detection.detect_characters import detect_characters
from storyboard_ops.steps.preflight.check_preflight import write_run
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.local_aws.vision.drawn_pictures import bolt, meadow, mira, paste
from tests.material.drawn.production import begun_run, frames_manifest
from tests.material.factories import production
from tests.studio.studio_fixture import Studio


def rgb(bgr: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(bgr[..., ::-1])


MIRA = [rgb(mira(200)), rgb(mira(180, (200, 200, 200)))]
ROBOTS = [rgb(bolt(200)), rgb(bolt(180, (170, 180, 200)))]


def both_in_a_meadow() -> np.ndarray:
    picture = meadow(720, 1280, seed=5)
    paste(picture, mira(300), 170, 300)
    paste(picture, bolt(260), 860, 360)
    return rgb(picture)


def run_with(studio: Studio, strangers: list[np.ndarray]) -> ToolBox:
    """A run that knows Mira, and these pictures of others."""
    tools = begun_run(studio, {"mira": MIRA}, max_enlargement=2)
    sheet = tools.production.model_dump() | {"strangers": ["robot.png"] if strangers else []}
    loaded = LoadedProduction(
        parse_production(sheet, "tests"),
        {"mira": [encode_png(one) for one in MIRA]},
        tuple(encode_png(one) for one in strangers),
    )
    write_run(tools, loaded, PreflightReport(checks=()))
    return ToolBox(tools.run_key, tools.settings, tools.clients)


def seen(tools: ToolBox, picture: np.ndarray) -> tuple[list[str | None], list[str], list[str]]:
    """Who was detected, whose pictures there are, and why others are none."""
    found = detect_characters(tools, frames_manifest(tools, [picture]))
    (record,) = tools.manifests.read(found, FrameDetections, "detections").records
    images = tools.manifests.read(crop_characters(tools, [found]), ImageRecord, "images").records
    body = tools.objects.get(tools.run_root / "crops/drops.jsonl")
    drops = decode_manifest(body, CropDrop, "drops").records
    return (
        sorted(one.label for one in record.detections),
        sorted({image.character for image in images}),
        [drop.drop.reason for drop in drops],
    )


def test_a_known_stranger_gives_no_picture(studio: Studio) -> None:
    tools = run_with(studio, ROBOTS)
    assert len(tools.strangers) == 2
    _, characters, reasons = seen(tools, both_in_a_meadow())
    assert characters == ["mira"]
    assert reasons == ["stranger"]


def test_a_stranger_alone_is_not_taken_for_the_character(studio: Studio) -> None:
    picture = meadow(720, 1280, seed=5)
    paste(picture, bolt(260), 860, 360)
    for strangers in (ROBOTS, []):
        assert seen(run_with(studio, strangers), rgb(picture))[1] == []


def test_references_that_show_nothing_find_nobody_and_break_nothing(studio: Studio) -> None:
    blank = [np.full((120, 100, 3), 255, np.uint8)]
    tools = begun_run(studio, {"mira": blank})
    assert seen(tools, both_in_a_meadow()) == ([], [], [])


def test_a_character_cannot_bear_the_strangers_name() -> None:
    sheet = production().model_dump()
    sheet["characters"][0]["id"] = NONE_OF_THEM
    sheet["storyboard"] = [{"scene": "ONE", "panels": [{"description": "Nobody."}]}]
    with pytest.raises(ProductionError, match="is reserved for strangers"):
        parse_production(sheet, "sheet.yaml")
