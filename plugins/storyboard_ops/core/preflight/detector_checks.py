"""Check the chosen detectors before anything is paid."""

from __future__ import annotations

import re
from collections.abc import Sequence

from storyboard_ops.core.detection.label_manifest import split_for_test
from storyboard_ops.domain.error_tree import ProductionError
from storyboard_ops.domain.preflight.preflight_report import (
    Check,
    Finding,
    failed,
    passed,
    warned,
)
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.settings.pictures import DetectionSection

#: Words of a style that mean drawn, modelled or computer-generated figures.
_ANIMATED = re.compile(
    r"animat|cartoon|anime|manga|comic|drawn|drawing|illustrat|storybook|paint|cut-?paper|"
    r"clay|puppet|stop[ -]motion|pixel art|cel[ -]shad|\b[23]d\b",
    re.IGNORECASE,
)
#: Custom Labels guide: fewest pictures to train a model with.
ADVISED_PICTURES = 10


def detector_checks(settings: DetectionSection, production: Production) -> list[Check]:
    """Return a check for each detector built from the reference pictures."""
    checks = []
    if "faces" in settings.detectors:
        checks.append(_faces(production).named("faces"))
    if props := [one.name for one in production.characters if one.kind == "prop"]:
        checks.append(_props(settings, props).named("props"))
    if "custom_labels" in settings.detectors:
        checks.append(_custom_labels(production).named("custom labels"))
    return checks


def looks_animated(style: str) -> bool:
    """Return whether the style of a production mentions figures that are not filmed people."""
    return bool(_ANIMATED.search(style))


def _faces(production: Production) -> Finding:
    if not looks_animated(production.style):
        return passed("compared with the reference pictures.")
    return warned(
        f"The style is {production.style!r}, and Rekognition's face operations do not support "
        "drawn and animated faces: they may find no face, or match the wrong character.",
        "Set detectors to multimodal, or to custom_labels.",
    )


def _props(settings: DetectionSection, names: Sequence[str]) -> Finding:
    if {"multimodal", "custom_labels"} & set(settings.detectors):
        return passed(f"{', '.join(names)}: found by their reference pictures.")
    return failed(
        f"No detector of this run can find the props {', '.join(names)}: they have no faces.",
        "Add multimodal or custom_labels to the parameter detectors, or remove the props.",
    )


def _custom_labels(production: Production) -> Finding:
    shown = {character.id: character.references for character in production.characters}
    try:
        training, test = split_for_test(shown)
    except ProductionError as error:
        return failed(str(error))
    finding = f"trained on {len(training)} reference pictures, tested on {len(test)}."
    if len(training) >= ADVISED_PICTURES:
        return passed(finding)
    return warned(
        f"{finding} AWS advises {ADVISED_PICTURES} or more to train on.",
        "Add reference pictures from other angles and with other backgrounds.",
    )
