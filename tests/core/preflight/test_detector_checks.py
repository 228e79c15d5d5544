"""Advice on the chosen detectors, before anything is paid."""

from __future__ import annotations

import pytest

from storyboard_ops.core.preflight.detector_checks import detector_checks, looks_animated
from storyboard_ops.domain.preflight.preflight_report import Check
from tests.material import factories


def checks(
    detectors: list[str], pictures: int = 6, style: str = "plain video still"
) -> list[Check]:
    cast = [
        character.model_copy(update={"references": tuple(f"{n}.png" for n in range(pictures))})
        for character in factories.production().characters
    ]
    production = factories.production(style=style).model_copy(update={"characters": tuple(cast)})
    return detector_checks(factories.settings(detectors=detectors), production)


@pytest.mark.parametrize(
    "style",
    [
        "cut-paper storybook animation, layered textured paper",
        "Soft computer-animated cartoon still",
        "Bright two-dimensional cartoon still",
        "hand-drawn anime",
        "3D render",
        "stop motion with clay figures",
    ],
)
def test_animation_is_recognized_by_its_style(style):
    assert looks_animated(style)


@pytest.mark.parametrize("style", ["", "Plain indoor video still.", "35 mm film, natural light"])
def test_live_action_is_not_animation(style):
    assert not looks_animated(style)


def test_faces_of_an_animation_are_a_warning_with_a_way_out():
    (check,) = checks(["faces"], style="soft painted animation, evening light")
    assert check.state == "warn"
    assert "do not support drawn and animated faces" in check.finding
    assert "custom_labels" in check.remedy


def test_faces_of_filmed_people_pass():
    assert [check.state for check in checks(["faces"])] == ["pass"]


@pytest.mark.parametrize(
    ("pictures", "state", "words"),
    [
        (1, "fail", "Character 'mira' has 1 reference picture"),
        (2, "warn", "trained on 3 reference pictures, tested on 3. AWS advises 10"),
        (4, "warn", "trained on 9 reference pictures, tested on 3. AWS advises 10"),
        (6, "pass", "trained on 12 reference pictures, tested on 6."),
    ],
)
def test_custom_labels_needs_pictures_to_train_and_to_test_with(pictures, state, words):
    (check,) = checks(["custom_labels"], pictures)
    assert check.state == state
    assert words in check.finding


def test_other_detectors_need_nothing_made():
    assert checks(["multimodal", "labels"]) == []


def test_ten_pictures_to_train_on_are_what_aws_advises():
    cast = factories.production().characters
    shown = dict(zip(("mira", "bram", "pip"), (5, 5, 3), strict=True))  # 4, 4 and 2 to train on
    ten = [one.model_copy(update={"references": tuple("x" * shown[one.id])}) for one in cast]
    production = factories.production().model_copy(update={"characters": tuple(ten)})
    (check,) = detector_checks(factories.settings(detectors=["custom_labels"]), production)
    assert check == Check(
        name="custom labels",
        state="pass",
        finding="trained on 10 reference pictures, tested on 3.",
    )


@pytest.mark.parametrize(
    ("detectors", "state"),
    [
        (["multimodal"], "pass"),
        (["faces", "custom_labels"], "pass"),
        (["faces"], "fail"),
        (["labels", "faces"], "fail"),
    ],
)
def test_a_prop_needs_a_detector_that_does_not_look_for_faces(detectors, state):
    production = factories.production_with_prop()
    found = detector_checks(factories.settings(detectors=detectors), production)
    check = next(check for check in found if check.name == "props")
    assert (check.state, "Old Lantern" in check.finding) == (state, True)
