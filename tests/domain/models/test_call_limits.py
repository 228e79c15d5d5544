"""Limits are data: each has a source with its date, and what contradicts itself is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from storyboard_ops.domain.error_tree import BadInput, SettingsError
from storyboard_ops.domain.models.call_limits import PictureTokens, parse_limits
from storyboard_ops.gateways.include_files import include_yaml
from storyboard_ops.gateways.models.limits_file import FILE, limits_table, operation_limits
from tests.material.model_limits import NOVA_2_LITE, NOVA_PRO


@pytest.fixture
def document() -> dict[str, Any]:
    """The data file, as a test may change it."""
    copied: dict[str, Any] = json.loads(json.dumps(include_yaml(FILE)))
    return copied


def refusal(document: dict[str, Any]) -> str:
    with pytest.raises(BadInput, match="The limits here are not valid") as refused:
        parse_limits(document, "here")
    return str(refused.value)


def test_the_limits_that_the_guides_give() -> None:
    table = limits_table()
    pro, lite = table.of_converse(NOVA_PRO), table.of_converse(NOVA_2_LITE)
    assert (pro.pictures, lite.pictures) == (20, 5)
    assert pro.picture_bytes == lite.picture_bytes == 3_750_000
    assert pro.side_px == lite.side_px == (1, 8_000)
    assert pro.request_bytes == lite.request_bytes == 25_000_000
    titan = table.of_embedding("amazon.titan-embed-image-v1")
    assert (titan.pictures, titan.side_px) == (1, (1, 2_048))
    assert operation_limits("DetectFaces").picture_bytes == 5 * 1024 * 1024
    assert operation_limits("DetectCustomLabels").side_px == (64, 4_096)


def test_a_limit_names_its_source_with_the_date() -> None:
    table = limits_table()
    source = table.source_of(table.of_converse(NOVA_2_LITE), "pictures")
    assert str(source) == "Nova 2 user guide, Multimodal understanding, 2026-11-29"
    with pytest.raises(KeyError, match="models"):
        table.source_of(table.of_converse(NOVA_PRO), "models")


def test_pictures_of_a_request_are_counted_as_base64() -> None:
    limits = limits_table().of_converse(NOVA_PRO)
    assert limits.total_picture_bytes == (25_000_000 - 100_000) * 3 // 4


def test_an_unknown_model_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(
        SettingsError, match=rf"limits of m are not known.*{NOVA_PRO}, amazon\.nova-l"
    ):
        limits_table().of_converse("m")
    with pytest.raises(SettingsError, match=f"limits of {NOVA_PRO} are not known.*titan"):
        limits_table().of_embedding(NOVA_PRO)
    with pytest.raises(KeyError, match="DetectText"):
        operation_limits("DetectText")


def test_a_limit_without_a_source_is_refused(document: dict[str, Any]) -> None:
    document["converse"][0]["sources"]["converse_api"].remove("pictures")
    assert "no source for pictures; a limit needs one" in refusal(document)


def test_a_limit_with_two_sources_and_a_source_of_nothing_are_refused(
    document: dict[str, Any],
) -> None:
    document["embedding"][0]["sources"]["titan_bytes"] += ["pictures", "colours"]
    assert "sources name colours, pictures twice, or it is not a limit" in refusal(document)


def test_a_model_that_does_not_accept_jpeg_is_refused(document: dict[str, Any]) -> None:
    document["embedding"][0]["formats"] = ["png"]
    assert "embedding.0: formats lack jpeg, in which pictures are sent" in refusal(document)


def test_a_source_that_is_not_listed_is_refused(document: dict[str, Any]) -> None:
    del document["sources"]["titan_guide"]
    assert "unknown sources: titan_guide" in refusal(document)


@pytest.mark.parametrize(
    ("field", "value"), [("date", "lately"), ("text", ""), ("confidence", "X")]
)
def test_a_source_says_what_when_and_how_sure(
    document: dict[str, Any], field: str, value: str
) -> None:
    document["sources"]["titan_guide"][field] = value
    assert f"sources.titan_guide.{field}" in refusal(document)


def test_a_model_that_is_listed_twice_is_refused(document: dict[str, Any]) -> None:
    document["embedding"][1]["models"] = ["amazon.titan-embed-image-v1"]
    assert "listed twice: amazon.titan-embed-image-v1" in refusal(document)


@pytest.mark.parametrize(("fixed", "fits"), [(200, True), (150, False)])
def test_tokens_below_a_documented_example_are_refused(
    document: dict[str, Any], fixed: int, fits: bool
) -> None:
    document["converse"][0]["picture_tokens"]["fixed"] = fixed
    if fits:
        parse_limits(document, "here")
    else:
        assert "picture_tokens counts 774 for 900 x 450 px, below the documented 800" in refusal(
            document
        )


@pytest.mark.parametrize(
    ("width", "height", "tokens"),
    [(896, 10, 7 + 90), (448, 10, 7 + 180), (897, 10, 7 + 90), (1_000, 1_000, 7 + 10_000)],
)
def test_a_small_picture_is_enlarged_before_it_is_counted(
    width: int, height: int, tokens: int
) -> None:
    assert (
        PictureTokens(fixed=7, pixels_per_token=100, enlarged_to_px=896).count(width, height)
        == tokens
    )


STABILITY = "stability.sd3-5-large-v1:0"


@pytest.mark.parametrize(
    ("width", "height", "ratio", "shown"),
    [
        (1280, 720, "16:9", 1),
        (720, 1280, "9:16", 1),
        (1024, 1024, "1:1", 1),
        (1600, 672, "21:9", 0.98),  # 2.39:1, as in cinemas
        (1024, 768, "5:4", 0.9375),
        (4096, 1024, "21:9", 0.583),
        (1024, 4096, "9:21", 0.583),
    ],
)
def test_the_aspect_ratio_that_loses_least_is_drawn(
    width: int, height: int, ratio: str, shown: float
) -> None:
    limits = limits_table().of_prompted(STABILITY)
    assert limits.closest_ratio(width, height) == ratio
    assert limits.kept_share(width, height) == pytest.approx(shown, abs=1e-3)


def test_a_seed_that_would_leave_the_picture_to_chance_becomes_another() -> None:
    limits = limits_table().of_prompted(STABILITY)
    assert [limits.fit_seed(seed) for seed in (1, 7, 858_993_459)] == [1, 7, 858_993_459]
    assert limits.fit_seed(0) == 4_294_967_294


def test_a_model_is_called_in_the_run_s_region_if_it_is_offered_there() -> None:
    limits = limits_table().of_prompted(STABILITY)
    two = limits.model_copy(update={"regions": ("us-west-2", "eu-west-1")})
    assert [two.region_for(here) for here in ("eu-west-1", "us-east-1")] == [
        "eu-west-1",
        "us-west-2",
    ]


@pytest.mark.parametrize("ratio", ["16/9", "0:9", "16:0", "wide"])
def test_an_aspect_ratio_has_two_sides(document: dict[str, Any], ratio: str) -> None:
    document["prompted"][0]["aspect_ratios"] = [ratio]
    assert "prompted" in refusal(document)
