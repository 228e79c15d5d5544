"""Numbers of services: a box or a confidence that is not finite is not an answer."""

from __future__ import annotations

import math
from contextlib import nullcontext
from typing import Any

import pytest

from storyboard_ops.core.detection.service_answers import check_numbers
from storyboard_ops.domain.error_tree import AnswerUnusable

BOX = [0.1, -0.2, 0.5, 1.3]  # services may return boxes beyond the picture


@pytest.mark.parametrize(
    ("answer", "usable"),
    [
        ([], True),
        ([{"label": "Person", "parents": [], "box": BOX, "confidence": 0.9}], True),
        ([{"character": "mira", "similarity": 1}], True),
        ({"faces": 1, "bystanders": [], "reasons": ["LOW_SHARPNESS"]}, True),
        ([{"box": [0.1, math.nan, 0.5, 0.9], "confidence": 0.9}], False),
        ([{"box": [0.1, 0.2, math.inf, 0.9], "confidence": 0.9}], False),
        ([{"box": BOX, "confidence": 0.9}, {"box": BOX, "confidence": math.nan}], False),
        ([{"character": "mira", "similarity": -math.inf}], False),
    ],
)
def test_every_number_of_an_answer_is_finite(answer: Any, usable: bool) -> None:
    with nullcontext() if usable else pytest.raises(AnswerUnusable, match="not a number"):
        check_numbers(answer)
