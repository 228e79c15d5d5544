"""Reading JSON with errors that name the file and the field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from trainer.errors import JobFailed

T = TypeVar("T")


def read_json(path: Path) -> dict[str, Any]:
    """Read a file with one JSON object; raises JobFailed when it is missing or something else."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise JobFailed(f"{path} is missing; the job is not complete.") from error
    except ValueError as error:
        raise JobFailed(f"{path} is not JSON: {error}.") from error
    if not isinstance(value, dict):
        raise JobFailed(f"{path} must be a JSON object.")
    return value


def take(fields: Mapping[str, Any], name: str, kind: type[T], where: str) -> T:
    """Return a field of the expected type; raises JobFailed naming it.

    A whole number is also taken where a fraction is expected.
    """
    value = fields.get(name)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        found = "is missing" if value is None else f"is {value!r}"
        raise JobFailed(f"{where}: {name} {found}; it must be of type {kind.__name__}.")
    return value
