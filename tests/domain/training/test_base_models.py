"""What is known of base models: who may use them, what carries them, how long they train."""

from __future__ import annotations

import pytest

from storyboard_ops.domain.error_tree import BadInput, SettingsError
from storyboard_ops.domain.training.base_models import BaseModelTable, parse_facts
from storyboard_ops.gateways.include_files import include_yaml
from storyboard_ops.gateways.training.model_files import base_models, sagemaker_facts


@pytest.mark.parametrize(
    ("model_id", "restriction"),
    [
        ("flux2-klein-base-4b", ""),
        ("z-image", ""),
        ("flux2-klein-base-9b", "does not allow commercial use"),
    ],
)
def test_a_licence_says_what_it_restricts(model_id: str, restriction: str) -> None:
    assert base_models().find(model_id).licence.restriction == restriction


def test_a_model_with_an_unknown_architecture_is_refused_with_its_licence() -> None:
    with pytest.raises(
        SettingsError,
        match=r"does not know the architecture of FLUX\.3 \[klein\] base.* but not of the model "
        r"and ends at a yearly revenue of 5,000,000 USD.*one of flux2-klein-base-4b",
    ):
        base_models().find("flux3-klein-base")


def test_a_model_that_is_not_listed_is_refused_with_the_choice() -> None:
    with pytest.raises(SettingsError, match=r"flux9 is not known.*z-image.*base_models\.yaml"):
        base_models().find("flux9")


@pytest.mark.parametrize(
    ("pictures", "steps"), [(5, 1000), (33, 1000), (34, 1020), (100, 3000), (400, 3000)]
)
def test_steps_follow_the_number_of_pictures_between_two_bounds(pictures: int, steps: int) -> None:
    assert base_models().find("flux2-klein-base-4b").recipe.steps_for(pictures) == steps


@pytest.mark.parametrize(
    ("model_id", "trains", "machines"),
    [
        ("flux2-klein-base-9b", False, ["ml.g6e.2xlarge", "ml.g7e.2xlarge"]),
        ("flux2-klein-base-4b", True, ["ml.g6e.2xlarge", "ml.g5.2xlarge", "ml.g7e.2xlarge"]),
        ("flux2-klein-base-9b", True, ["ml.g6e.2xlarge", "ml.g7e.2xlarge"]),
        ("small-flow", True, ["ml.g6e.2xlarge", "ml.g5.2xlarge", "ml.g7e.2xlarge", "ml.m5.xlarge"]),
    ],
)
def test_a_machine_carries_what_fits_into_its_memory(
    model_id: str, trains: bool, machines: list[str]
) -> None:
    model = base_models().find(model_id)
    assert [
        one.type for one in sagemaker_facts().instances if one.carries(model, trains)
    ] == machines


def test_the_image_is_refused_in_a_region_where_it_is_not_known() -> None:
    image = sagemaker_facts().image
    assert image.uri("eu-central-1").startswith("763104351884.dkr.ecr.eu-central-1.amazonaws.com/")
    with pytest.raises(SettingsError, match="not known in me-south-1"):
        image.uri("me-south-1")


def test_a_fault_of_the_file_is_named_by_its_place() -> None:
    document = include_yaml("models/base_models.yaml")
    document["models"][0]["licence"]["commercial"] = "maybe"
    with pytest.raises(BadInput, match=r"models\.0\.licence\.commercial"):
        parse_facts(BaseModelTable, document, "include/models/base_models.yaml")


@pytest.mark.parametrize(
    ("model_id", "asked", "drawn"),
    [
        ("flux2-klein-base-4b", (1280, 720), (1280, 720)),
        ("flux2-klein-base-4b", (1000, 720), (992, 720)),
        ("flux2-klein-base-4b", (4096, 2304), (2048, 1152)),
        ("flux2-klein-base-4b", (128, 256), (256, 512)),
        ("small-flow", (1280, 720), (224, 128)),
        ("small-flow", (512, 512), (224, 224)),
    ],
)
def test_a_panel_is_drawn_in_its_shape_at_a_size_of_the_model(
    model_id: str, asked: tuple[int, int], drawn: tuple[int, int]
) -> None:
    assert base_models().find(model_id).fit_panel(*asked) == drawn


def test_a_panel_that_is_too_oblong_is_refused() -> None:
    model = base_models().find("flux2-klein-base-4b")
    assert model.fit_panel(2048, 256) == (2048, 256)
    with pytest.raises(SettingsError, match="2048 x 240 px are too oblong for FLUX"):
        model.fit_panel(2048, 240)
