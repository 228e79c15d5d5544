"""Production files: faults are named together, with the file."""

import pytest
import yaml

from storyboard_ops.domain.error_tree import ProductionError
from storyboard_ops.domain.production_sheet import parse_production
from tests.studio.studio_fixture import TEST_PRODUCTIONS

SHEET = {
    "production": "Foxes",
    "slug": "foxes",
    "source": {"title": "Foxes", "licence": "CC0"},
    "characters": [{"id": "rey", "name": "Rey", "description": "A fox.", "references": ["a.png"]}],
    "storyboard": [
        {"scene": "EXT. DEN", "panels": [{"description": "Rey.", "characters": ["rey"]}]}
    ],
}


def test_a_whole_sheet_is_read():
    production = parse_production(SHEET, "foxes.yaml")
    assert production.character("rey").name == "Rey"
    assert production.storyboard[0].panels[0].seconds == 3


def test_an_unknown_character_in_the_script_is_named_with_the_known_ones():
    panel = {"description": "Kai.", "characters": ["kai"]}
    sheet = SHEET | {"storyboard": [{"scene": "EXT. DEN", "panels": [panel]}]}
    with pytest.raises(
        ProductionError, match=r"foxes.yaml.*\n.*unknown character 'kai'; known are rey"
    ):
        parse_production(sheet, "foxes.yaml")


def test_every_fault_is_listed():
    sheet = SHEET | {"slug": "Not A Slug", "characters": []}
    with pytest.raises(ProductionError) as refused:
        parse_production(sheet, "foxes.yaml")
    assert "slug" in str(refused.value)
    assert "characters" in str(refused.value)


@pytest.mark.parametrize("file", sorted(TEST_PRODUCTIONS.glob("*.yaml")), ids=lambda f: f.stem)
def test_the_test_productions_hold_together(file):
    production = parse_production(yaml.safe_load(file.read_text()), file.name)
    assert production.slug == file.stem
