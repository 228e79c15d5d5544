"""Base class of all records: frozen, without unknown fields, comparable by value."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from storyboard_ops.domain.bounded_text import shorten
from storyboard_ops.domain.input_limits import MOST_FAULTS, MOST_SHOWN_FAULT, MOST_SHOWN_VALUE
from storyboard_ops.domain.suggestions import did_you_mean


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


def faults_of(
    error: ValidationError,
    whole: str,
    record: type[BaseModel] | None = None,
    line_of: Callable[[Sequence[str | int]], int] | None = None,
) -> list[str]:
    """Return "field: fault" for each fault, up to MOST_FAULTS, and then how many more there are.

    ``whole``: names the record in faults of no field. ``record``: what was validated, so that a
    field that is not known can be compared with those that are. ``line_of``: finds the line of a
    field in the file that the record was read from.
    """
    items = [item for item in error.errors(include_url=False) if not _follows(item)]
    faults = [
        f"{_place(item['loc'], line_of) or whole}: {plain_fault(item)}"
        f"{_suggestion(item, record)}{_required_form(item, record)}"
        for item in items[:MOST_FAULTS]
    ]
    more = len(items) - len(faults)
    return [*faults, f"and {more:,} more"] if more else faults


def _place(loc: Sequence[str | int], line_of: Callable[[Sequence[str | int]], int] | None) -> str:
    place = shorten(".".join(map(str, loc)), MOST_SHOWN_VALUE)
    return f"{place} (line {line_of(loc)})" if place and line_of else place


def plain_fault(item: Mapping[str, Any]) -> str:
    """Return what is wrong, in words, from an item of ``ValidationError.errors``."""
    limits = item.get("ctx", {})
    if item["type"] == "too_short" and limits["actual_length"] == 0:
        return f"the list is empty; it needs at least {limits['min_length']}"
    if item["type"] == "extra_forbidden":
        return "there is no such field"
    if item["type"] == "string_pattern_mismatch":
        return "it is not written as required"
    if item["type"] in ("model_type", "dict_type", "model_attributes_type"):
        return "fields with values are needed here, each written as name: value"
    return shorten(item["msg"].removeprefix("Value error, "), MOST_SHOWN_FAULT)


def _follows(item: Mapping[str, Any]) -> bool:
    """Return whether a list is only too short because its items, which are listed, are at fault."""
    return bool(item["type"] == "too_short" and len(item["input"]) >= item["ctx"]["min_length"])


def _suggestion(item: Mapping[str, Any], record: type[BaseModel] | None) -> str:
    if item["type"] != "extra_forbidden" or record is None:
        return ""
    *place, name = item["loc"]
    for part in place:
        if record is not None and isinstance(part, str) and part in record.model_fields:
            record = next(records_in(record.model_fields[part].annotation), None)
    if record is None:
        return ""
    known = record.model_fields
    return f".{did_you_mean(name, known)} Allowed are {', '.join(known)}"


def _required_form(item: Mapping[str, Any], record: type[BaseModel] | None) -> str:
    """Return how a field of the record is to be written, where it is not."""
    if item["type"] != "string_pattern_mismatch":
        return ""
    at_top = record is not None and len(item["loc"]) == 1
    field = record.model_fields.get(str(item["loc"][0])) if record and at_top else None
    described = field.description if field else None
    return f": {described or 'it must match ' + item['ctx']['pattern']}"


def records_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the records that a field's type is made of, such as Character of tuple[Character]."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from records_in(part)


def _plain(part: Any) -> Any:
    return part.model_dump(mode="json") if isinstance(part, BaseModel) else part
