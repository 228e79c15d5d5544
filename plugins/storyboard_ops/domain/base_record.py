"""Base class of all records: frozen, without unknown fields, comparable by value."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError


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
    """Return "field: fault" for each fault; ``whole`` names the record in faults of no field."""
    return [
        f"{'.'.join(map(str, item['loc'])) or whole}: {item['msg'].removeprefix('Value error, ')}"
        for item in error.errors(include_url=False)
    ]


def _plain(part: Any) -> Any:
    return part.model_dump(mode="json") if isinstance(part, BaseModel) else part
