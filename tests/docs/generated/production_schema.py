"""The schema of production files for editors.

``python -m tests.docs.generated.production_schema`` writes it.
It is made of the model, with the meaning of each field from docs/production.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from storyboard_ops.domain.base_record import records_in
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.settings.form import per_production
from storyboard_ops.domain.settings.run import RunSettings
from tests.docs.markdown_files import ROOT

PAGE = ROOT / "docs/production.md"
FILE = ROOT / "include/productions/production.schema.json"
UPDATE = "PYTHONPATH=plugins:. .venv/bin/python -m tests.docs.generated.production_schema"
_ROW = re.compile(r"^\| `(?P<path>[a-z_.\[\]]+)` \| (?P<meaning>.+) \|$", re.M)


def field_paths(model: type[BaseModel] = Production, above: str = "") -> Iterator[str]:
    """Yield every field of production files, as ``characters[].id``."""
    for name, field in model.model_fields.items():
        yield f"{above}{name}"
        inner = next(records_in(field.annotation), None)
        if inner is not None:
            is_list = field.annotation is not inner
            yield from field_paths(inner, f"{above}{name}{'[]' if is_list else ''}.")


def documented() -> dict[str, str]:
    """Return the meaning of each field by its path, as the page has it."""
    return {row["path"]: row["meaning"] for row in _ROW.finditer(PAGE.read_text("utf-8"))}


def schema() -> dict[str, Any]:
    """Return the JSON schema of production files."""
    made = Production.model_json_schema()
    meanings = documented()
    _describe(made, made, "", meanings)
    parameters = RunSettings.model_json_schema()
    made["properties"]["settings"] = {
        **made["properties"]["settings"],
        "additionalProperties": False,
        "properties": {
            name: {key: value for key, value in fields.items() if key != "section"}
            for name, fields in parameters["properties"].items()
            if name in per_production(RunSettings)
        },
    }
    made["$defs"] |= {
        k: v for k, v in parameters.get("$defs", {}).items() if k not in made["$defs"]
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **made,
        "title": "Production file",
        "description": "Who is in the films of a studio; docs/production.md explains it.",
    }


def _describe(
    whole: dict[str, Any], part: dict[str, Any], above: str, said: dict[str, str]
) -> None:
    for name, field in part["properties"].items():
        path = f"{above}{name}"
        field.pop("title", None)
        field["description"] = re.sub(r"[`*]", "", said[path])
        one = field.get("items", field)
        if "$ref" in one:
            inner = whole["$defs"][one["$ref"].rpartition("/")[2]]
            inner.pop("description", None)
            _describe(whole, inner, f"{path}{'[]' if one is not field else ''}.", said)


def text() -> str:
    """Return the schema as it is committed."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
