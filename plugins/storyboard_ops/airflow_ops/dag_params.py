"""Typed Airflow parameters from run settings, so that the trigger form explains itself."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from airflow.sdk import Param

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.gateways.include_files import include_yaml


class Schedule(Record):
    """The schedule of a DAG, and the parameters of its scheduled runs."""

    cron: str
    timezone: str = "UTC"
    params: dict[str, Any] = {}


def schedule_of(dag_id: str) -> Schedule:
    """Return the entry of a DAG in ``include/schedules.yaml``."""
    return Schedule.model_validate(include_yaml("schedules.yaml")[dag_id])


def run_params(
    settings_type: type[Record] = RunSettings,
    form: frozenset[str] = frozenset(),
    defaults: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Param]:
    """Return one Param per field of the settings, with bounds, title, help text and section.

    ``form`` lists the sections and single fields that the form shows; empty shows all.
    ``defaults`` replace the defaults of the settings.
    """
    properties: dict[str, dict[str, Any]] = settings_type.model_json_schema()["properties"]
    return {
        name: _param(schema | ({"default": defaults[name]} if name in defaults else {}))
        for name, schema in properties.items()
        if not form or name in form or schema["section"] in form
    }


def _param(schema: dict[str, Any]) -> Param:
    schema = _flatten_any_of(schema)
    description = schema.pop("description", None)
    if "default" not in schema:
        return Param(description=description, **schema)
    return Param(schema.pop("default"), description=description, **schema)


def _flatten_any_of(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an optional field as a list of types, which the form can leave empty."""
    schema = dict(schema)
    choices = schema.pop("anyOf", [])
    types = [choice["type"] for choice in choices]
    bounds = {k: v for choice in choices for k, v in choice.items() if k != "type"}
    return {**schema, **bounds, **({"type": types} if types else {})}
