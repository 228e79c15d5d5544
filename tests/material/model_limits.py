"""Limits of models for tests: those of the data file, with some of them changed."""

from __future__ import annotations

from typing import Any

from storyboard_ops.domain.models.call_limits import ConverseLimits
from storyboard_ops.gateways.models.limits_file import limits_table

NOVA_PRO = "amazon.nova-pro-v1:0"
NOVA_2_LITE = "amazon.nova-2-lite-v1:0"


def converse_limits(model_id: str = NOVA_PRO, **changes: Any) -> ConverseLimits:
    """The limits of a multimodal model, with changes."""
    return limits_table().of_converse(model_id).model_copy(update=changes)
