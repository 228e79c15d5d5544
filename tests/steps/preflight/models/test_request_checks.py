"""Requests are made to fit their model, or refused before anything is paid."""

from __future__ import annotations

from typing import Any

import pytest

from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.domain.models.model_routes import ModelRoutes
from storyboard_ops.domain.preflight.preflight_report import Finding
from storyboard_ops.domain.production_sheet import NONE_OF_THEM, Production
from storyboard_ops.gateways.storage.production_files import LoadedProduction
from storyboard_ops.steps.preflight.check_preflight import preflight_report
from storyboard_ops.steps.preflight.models.request_checks import check_requests
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.films.tiny_film import tiny_film, tiny_production
from tests.material import factories
from tests.material.model_limits import NOVA_2_LITE, NOVA_PRO
from tests.studio.studio_fixture import Studio

PNG = encode_png(factories.picture(1, 96, 96))
HD = [(1280, 720)]


def production(characters: int = 3, **changes: Any) -> Production:
    """A production with this many characters."""
    (one, *_) = factories.production().characters
    crowd = [
        one.model_copy(update={"id": f"c{n}", "name": f"{one.name} {n}"}).model_dump()
        for n in range(characters)
    ]
    scenes = [{"scene": "S", "panels": [{"description": "Somebody waits."}]}]
    return factories.production(characters=crowd, **{"storyboard": scenes, **changes})


def checked(
    sheet: Production, pictures: int = 1, strangers: int = 0, **params: Any
) -> tuple[int, int, Finding]:
    """Tokens of a detection and a caption, and the finding."""
    loaded = LoadedProduction(
        sheet, {one.id: [PNG] * pictures for one in sheet.characters}, (PNG,) * strangers
    )
    clients: dict[str, Any] = {}
    settings = factories.settings(**params)
    tools = ToolBox("run-1", settings, clients.__getitem__, found_routes=ModelRoutes())
    tokens, finding = check_requests(tools, loaded, HD)
    return tokens.detection, tokens.caption, finding


def test_pictures_that_fit_are_shown_one_by_one() -> None:
    _, _, found = checked(production(3), pictures=5)
    assert found.state == "pass"
    assert found.finding.startswith(
        "a detection shows 15 reference pictures and the frame, of 20 pictures allowed (Bedrock API"
    )


@pytest.mark.parametrize(
    ("pictures", "strangers", "shown"),
    [
        (6, 1, "19 reference pictures and"),
        (6, 2, "4 reference pictures (4 as sheets) and"),
        (7, 1, "4 reference pictures (3 as sheets) and"),
    ],
)
def test_one_picture_more_than_fits_makes_sheets(pictures: int, strangers: int, shown: str) -> None:
    found = checked(production(3), pictures, strangers)[2]
    assert (found.state, shown in found.finding) == ("pass", True)


@pytest.mark.parametrize(
    ("model_id", "characters", "strangers", "state"),
    [
        (NOVA_PRO, 19, 0, "pass"),
        (NOVA_PRO, 19, 1, "fail"),
        (NOVA_PRO, 20, 0, "fail"),
        (f"us.{NOVA_2_LITE}", 4, 0, "pass"),
        (f"us.{NOVA_2_LITE}", 3, 1, "pass"),
        (f"us.{NOVA_2_LITE}", 4, 1, "fail"),
        (f"us.{NOVA_2_LITE}", 5, 0, "fail"),
    ],
)
def test_as_many_characters_as_fit_with_the_frame(
    model_id: str, characters: int, strangers: int, state: str
) -> None:
    found = checked(production(characters), 3, strangers, detection_model_id=model_id)[2]
    assert found.state == state
    if state == "fail":
        allowed = 20 if model_id == NOVA_PRO else 5
        assert f"at least {allowed + 1} pictures" in found.finding
        assert (NONE_OF_THEM in found.finding) == bool(strangers)
        assert f"accepts at most {allowed} in a request. Set detection_model_id" in found.finding


def test_a_detector_without_a_model_needs_no_pictures() -> None:
    without = {"detectors": ["faces"], "trainer": "dataset_only"}
    tokens, caption, found = checked(production(20), 5, **without)
    assert (tokens, caption > 1_000, found.state) == (0, True, "pass")
    assert found.finding == "each request fits the limits of its model."


def test_a_run_that_draws_asks_the_model_about_its_panels() -> None:
    """Whatever finds characters in frames: the figures in panels are found by the model."""
    tokens, _, found = checked(production(3), detectors=["faces"], trainer="bedrock")
    assert (tokens > 1_000, found.state) == (True, "pass")
    found = checked(production(20), detectors=["faces"], trainer="bedrock")[2]
    assert (found.state, "Set detection_model_id" in found.finding) == ("fail", True)


@pytest.mark.parametrize(
    "parameter", ["detection_model_id", "caption_model_id", "embedding_model_id"]
)
def test_a_model_without_known_limits_is_refused_by_name(parameter: str) -> None:
    found = checked(production(), **{parameter: "meta.llama9-v1:0"})[2]
    assert found.state == "fail"
    assert found.finding.startswith("The limits of meta.llama9-v1:0 are not known")
    assert found.remedy == "The limits and their sources are in include/models/limits.yaml."


def test_texts_beyond_the_context_of_a_model_are_refused() -> None:
    words = ["w" * 4_000] * 200
    found = checked(production(forbidden_words=words))[2]
    assert found.state == "pass"
    found = checked(production(forbidden_words=["w" * 5_000] * 200))[2]
    assert found.state == "fail"
    assert "and amazon.nova-pro-v1:0 or amazon.nova-lite-v1:0 accepts at most 300,000" in (
        found.finding
    )
    assert (
        checked(
            production(forbidden_words=["w" * 5_000] * 200), caption_model_id=f"us.{NOVA_2_LITE}"
        )[2].state
        == "pass"
    )


@pytest.mark.parametrize(("length", "state"), [(800, "pass"), (801, "warn")])
def test_a_panel_whose_prompt_is_shortened_is_warned_of(length: int, state: str) -> None:
    style = "s" * 224
    panels = [{"description": "Mira waits."}, {"description": "w" * (length - 1)}]
    sheet = production(style=style, storyboard=[{"scene": "S", "panels": panels}])
    found = checked(sheet, trainer="bedrock")[2]
    assert found.state == state
    assert ("descriptions of panel 2 will be shortened" in found.finding) == (state == "warn")
    assert checked(sheet, trainer="dataset_only")[2].state == "pass"


@pytest.mark.parametrize(
    ("trainer", "most"), [("bedrock", None), ("sagemaker", "77 tokens"), ("dataset_only", None)]
)
def test_a_style_that_no_prompt_has_room_for_is_refused_before_anything_is_paid(
    trainer: str, most: str | None
) -> None:
    found = checked(production(style="s" * 300), trainer=trainer, open_model="sdxl-base")[2]
    assert (found.state == "fail") == (most is not None)
    if most:
        assert "style of the production has 100 tokens, and the model" in found.finding
        assert f"accepts prompts of {most}" in found.finding


@pytest.mark.parametrize(
    ("width", "height", "fault"),
    [
        (2048, 2032, ""),
        (2048, 2048, "have 4,194,304 pixels, and amazon.nova-canvas-v1:0 draws fewer than 4,194,3"),
        (1280, 320, ""),
        (1296, 320, "are too oblong: amazon.nova-canvas-v1:0 draws at most 4:1 and 1:4"),
        (320, 1296, "are too oblong"),
    ],
)
def test_a_panel_that_the_painter_refuses_is_refused_before_the_training(
    width: int, height: int, fault: str
) -> None:
    size = {"panel_width": width, "panel_height": height}
    found = checked(production(), trainer="bedrock", **size)[2]
    assert (found.state, fault in found.finding) == ("fail" if fault else "pass", True)
    assert checked(production(), trainer="dataset_only", **size)[2].state == "pass"


def test_panels_that_are_bought_one_by_one_have_the_limits_of_their_own_model() -> None:
    panels = [{"description": "w" * 800}]
    sheet = production(style="s" * 300, storyboard=[{"scene": "S", "panels": panels}])
    size = {"panel_width": 2048, "panel_height": 2048}
    found = checked(sheet, trainer="bedrock", panels_from="prompts", **size)[2]
    assert (found.state, "shortened" in found.finding) == ("pass", False)


def test_preflight_reports_the_pictures_and_estimates_each_model(studio: Studio, tmp_path) -> None:  # type: ignore[no-untyped-def]
    film = studio.upload(tiny_film(tmp_path / "film.mp4", seconds=3))
    ready = {"videos": [film], "production": tiny_production(studio), "trainer": "dataset_only"}
    passed = preflight_report(studio.tools(**ready, detection_model_id=f"us.{NOVA_2_LITE}"))
    by_name = {check.name: check for check in passed.checks}
    assert by_name["requests"].state == "pass"
    assert "pictures allowed (Nova 2 user guide" in by_name["requests"].finding
    tokens = {u.item: u.amount for u in passed.estimate if u.unit == "input_token"}
    assert tokens.keys() == {NOVA_2_LITE, NOVA_PRO}
