"""Every field of production files is documented, for people and for editors."""

from __future__ import annotations

import jsonschema
import pytest
import yaml

from storyboard_ops.domain.bounded_yaml import read_yaml
from storyboard_ops.domain.production_sheet import parse_production
from tests.docs.generated.production_schema import (
    FILE,
    UPDATE,
    documented,
    field_paths,
    schema,
    text,
)
from tests.docs.markdown_files import ROOT

TEMPLATE = ROOT / "include/productions/template/production.yaml"
BUNDLED = ROOT / "include/productions/paper-lantern.yaml"


def test_the_page_explains_every_field_in_their_order_and_no_other():
    assert list(documented()) == sorted(field_paths(), key=list(documented()).index)


def test_the_schema_is_that_of_the_model():
    assert FILE.read_text("utf-8") == text(), f"run: {UPDATE}"


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("file", [TEMPLATE, BUNDLED], ids=lambda path: path.parent.name)
def test_productions_agree_with_schema_and_model(file):
    document = read_yaml(file.read_bytes(), file.name)
    jsonschema.validate(document, schema())
    parse_production(document, file.name)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"storybord": []}, "'storybord' was unexpected"),
        ({"settings": {"budget_usd": 5}}, "'budget_usd' was unexpected"),
        ({"settings": {"sample_interval_s": 0}}, "less than the minimum of 0.04"),
        ({"characters": []}, "non-empty"),
        ({"slug": "The Title"}, "does not match"),
    ],
)
def test_an_editor_marks_mistakes(change, words):
    document = read_yaml(TEMPLATE.read_bytes(), "template") | change
    with pytest.raises(jsonschema.ValidationError, match=words):
        jsonschema.validate(document, schema())


def test_the_template_names_the_schema_from_where_it_is_copied_to():
    first = TEMPLATE.read_text("utf-8").splitlines()[0]
    assert first.startswith("# yaml-language-server: $schema=")
    copied = ROOT / "productions/mine"
    assert (copied / first.partition("=")[2]).resolve() == FILE


def test_what_the_template_leaves_out_is_valid_too():
    """Every line that is commented out belongs to the file when its "# " is removed."""
    lines = TEMPLATE.read_text("utf-8").splitlines()
    body = lines[lines.index("production: The Title") :]
    fields = ("style", "strangers", "forbidden_words", "settings", "storyboard", "  attribution")
    uncommented, inside = [], False
    for line in body:
        plain = line.replace("# ", "", 1)
        begins = line.lstrip().startswith("# ") and plain.startswith(fields)
        inside = begins or (inside and line.startswith("#  "))
        uncommented.append(plain if begins or inside else line)
    document = yaml.safe_load("\n".join(uncommented))
    assert set(document) == {
        *("production", "slug", "style", "source", "characters", "strangers"),
        *("forbidden_words", "settings", "storyboard"),
    }
    jsonschema.validate(document, schema())
    parse_production(document, "template")
