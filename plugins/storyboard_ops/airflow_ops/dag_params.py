"""Typed Airflow parameters from run settings, so that the trigger form explains itself.

Airflow opens a form with its parameters that have no section, and folds all sections. It marks
what may not be null as required, and offers the choices of ``enum`` and ``examples``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from airflow.sdk import Param

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.settings.form import FIRST, THRESHOLDS
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.gateways.include_files import include_yaml

EXPERTS = "Thresholds, for experts"
#: What ``include/models/limits.yaml`` lists for the parameters that name a model, by its section.
#: Other names can be given too.
MODELS = {
    "detection_model_id": "converse",
    "caption_model_id": "converse",
    "breakdown_model_id": "converse",
    "embedding_model_id": "embedding",
    "base_model_id": "drawing",
    "prompt_model_id": "prompted",
}
#: Parameters that have a default and are to be looked at all the same.
STARRED = frozenset({"production"})


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
    first: Iterable[str] = FIRST,
) -> dict[str, Param]:
    """Return one Param per field of the settings, with bounds, title, help text and section.

    ``form`` lists the sections and single fields that the form shows; empty shows all.
    ``defaults`` replace the defaults of the settings. ``first`` are the fields that the form begins
    with, unfolded. A field that has a default may be left empty, which means the default of the
    settings; a default of ``defaults`` may not.
    """
    properties: dict[str, dict[str, Any]] = settings_type.model_json_schema()["properties"]
    offered = {
        name: _for_the_form(name, schema, defaults)
        for name, schema in properties.items()
        if not form or name in form or schema["section"] in form
    }
    opened = {name: offered.pop(name) for name in first if name in offered}
    last = {name: offered.pop(name) for name in THRESHOLDS if name in offered}
    for schema in opened.values():
        del schema["section"]
    for schema in last.values():
        schema["section"] = EXPERTS
    return {name: _param(schema) for name, schema in {**opened, **offered, **last}.items()}


def _for_the_form(
    name: str, schema: Mapping[str, Any], defaults: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the JSON schema of a parameter as the form understands it."""
    shown = _flatten_any_of(schema)
    if name in defaults:
        shown["default"] = defaults[name]
    if examples := _examples(name, shown):
        shown["examples"] = examples
    starred = name in defaults or (name in STARRED and shown.get("default"))
    if "default" in shown and not starred:
        _allow_empty(shown)
    return shown


def _examples(name: str, schema: Mapping[str, Any]) -> list[str]:
    """Return what the form suggests for a parameter."""
    if name in MODELS:
        entries = include_yaml("models/limits.yaml")[MODELS[name]]
        return [model for entry in entries for model in entry["models"]]
    if name in ("open_model", "accepted_licences"):
        return [model["id"] for model in include_yaml("models/base_models.yaml")["models"]]
    return list(schema.get("items", {}).get("enum", ()))


def _allow_empty(schema: dict[str, Any]) -> None:
    """Let a parameter be null, which means its default; a choice says which that is."""
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    schema["type"] = [*types, *({"null"} - set(types))]
    if "enum" in schema:
        shown = schema.get("values_display", {})
        default = shown.get(schema["default"], schema["default"])
        schema["enum"] = [*schema["enum"], None]
        schema["values_display"] = {**shown, "null": f"(default) {default}"}


def _param(schema: dict[str, Any]) -> Param:
    description = schema.pop("description", None)
    if "default" not in schema:
        return Param(description=description, **schema)
    return Param(schema.pop("default"), description=description, **schema)


def _flatten_any_of(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of an optional field as a list of types, which the form can leave empty."""
    schema = dict(schema)
    choices = schema.pop("anyOf", [])
    types = [choice["type"] for choice in choices]
    bounds = {k: v for choice in choices for k, v in choice.items() if k != "type"}
    return {**schema, **bounds, **({"type": types} if types else {})}
