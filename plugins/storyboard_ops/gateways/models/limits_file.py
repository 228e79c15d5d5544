"""Read the limits of models and operations from ``include/models/limits.yaml``."""

from __future__ import annotations

from functools import cache

from storyboard_ops.domain.models.call_limits import (
    DrawingLimits,
    LimitsTable,
    OperationLimits,
    parse_limits,
)
from storyboard_ops.gateways.include_files import include_yaml

FILE = "models/limits.yaml"
#: The model whose request form draws panels; customized models have its limits.
PAINTER = "amazon.nova-canvas-v1:0"


@cache
def limits_table() -> LimitsTable:
    """Load the table once; raises BadInput when the file is malformed."""
    return parse_limits(include_yaml(FILE), f"include/{FILE}")


def operation_limits(operation: str) -> OperationLimits:
    """Return the limits of an operation of Rekognition, e.g. ``DetectLabels``."""
    return limits_table().of_operation(operation)


def drawing_limits() -> DrawingLimits:
    """Return the limits of the requests that draw panels."""
    return limits_table().of_drawing(PAINTER)
