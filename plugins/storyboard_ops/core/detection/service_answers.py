"""Check the answers of services that return boxes, before they are stored as bought."""

from __future__ import annotations

import math
from typing import Any

from storyboard_ops.domain.error_tree import AnswerUnusable


def check_numbers(answer: Any) -> None:
    """Raise AnswerUnusable when a number anywhere in an answer is not finite."""
    match answer:
        case float() if not math.isfinite(answer):
            raise AnswerUnusable(
                f"The answer contains {answer}, which is not a number; clear the task to retry."
            )
        case dict():
            check_numbers(list(answer.values()))
        case list():
            for part in answer:
                check_numbers(part)
