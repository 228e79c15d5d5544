"""The one way records are declared: frozen, closed to unknown fields, comparable by value."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A value that travels between steps; an unknown field is refused, so a typo is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


def canonical_json(value: Any) -> str:
    """JSON with sorted keys and no blanks: equal values give equal text, and so equal digests."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest_of(*parts: Any) -> str:
    """SHA-256 (64 hex digits) over the canonical JSON of the parts, in order."""
    return hashlib.sha256(canonical_json(list(map(_plain, parts))).encode()).hexdigest()


def _plain(part: Any) -> Any:
    return part.model_dump(mode="json") if isinstance(part, BaseModel) else part
