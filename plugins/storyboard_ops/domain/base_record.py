"""Base class of all records: frozen, without unknown fields, comparable by value."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from storyboard_ops.domain.bounded_text import shorten
from storyboard_ops.domain.input_limits import MOST_FAULTS, MOST_SHOWN_FAULT, MOST_SHOWN_VALUE


class Record(BaseModel):
    """Base of values passed between steps; rejects unknown fields, so a typo is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


def canonical_json(value: Any) -> str:
    """Encode as JSON with sorted keys and no whitespace: equal values give equal text."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest_of(*parts: Any) -> str:
    """Return the SHA-256 (64 hex digits) of the canonical JSON of the parts, in order."""
    return hashlib.sha256(canonical_json(list(map(_plain, parts))).encode()).hexdigest()


def faults_of(error: ValidationError, whole: str) -> list[str]:
    """Return "field: fault" for each fault, up to MOST_FAULTS, and then how many more there are.

    ``whole``: names the record in faults of no field.
    """
    items = error.errors(include_url=False, include_context=False, include_input=False)
    faults = [
        f"{shorten('.'.join(map(str, item['loc'])), MOST_SHOWN_VALUE) or whole}: "
        f"{shorten(item['msg'].removeprefix('Value error, '), MOST_SHOWN_FAULT)}"
        for item in items[:MOST_FAULTS]
    ]
    more = len(items) - len(faults)
    return [*faults, f"and {more:,} more"] if more else faults


def _plain(part: Any) -> Any:
    return part.model_dump(mode="json") if isinstance(part, BaseModel) else part
