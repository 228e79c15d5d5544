"""Run settings as typed Airflow parameters, so that the trigger form explains itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from airflow.sdk import Param

from storyboard_ops.domain.run_settings import RunSettings


def run_params(
    settings_type: type[RunSettings] = RunSettings, only: Iterable[str] = ()
) -> dict[str, Param]:
    """One Param per field of the settings, with its bounds, title, help text and section.

    ``only``: names of the fields that the form offers, where it is not all of them.
    """
    properties: dict[str, dict[str, Any]] = settings_type.model_json_schema()["properties"]
    return {name: _param(properties[name]) for name in only or properties}


def _param(schema: dict[str, Any]) -> Param:
    schema = _without_any_of(schema)
    description = schema.pop("description", None)
    if "default" not in schema:
        return Param(description=description, **schema)
    return Param(schema.pop("default"), description=description, **schema)


def _without_any_of(schema: dict[str, Any]) -> dict[str, Any]:
    """An optional field as a list of types: the form knows these, and lets them be left empty."""
    schema = dict(schema)
    choices = schema.pop("anyOf", [])
    types = [choice["type"] for choice in choices]
    bounds = {k: v for choice in choices for k, v in choice.items() if k != "type"}
    return {**schema, **bounds, **({"type": types} if types else {})}
