"""What is misspelt is named with what was probably meant."""

from __future__ import annotations

import pytest

from storyboard_ops.domain.error_tree import ProductionError, SettingsError
from storyboard_ops.domain.production_sheet import parse_production
from storyboard_ops.domain.settings.run import parse_settings
from storyboard_ops.domain.suggestions import did_you_mean

SHEET = {
    "production": "Test",
    "slug": "test",
    "source": {"title": "Test", "licence": "CC0"},
    "characters": [
        {"id": "mira", "name": "Mira", "description": "A girl.", "references": ["mira.png"]}
    ],
    "storyboard": [{"scene": "One", "panels": [{"description": "Runs."}]}],
}


@pytest.mark.parametrize(
    ("given", "suggestion"),
    [
        ("sead", " Did you mean 'seed'?"),
        ("SEED", " Did you mean 'seed'?"),
        ("model_unit", " Did you mean 'model_units'?"),
        ("colour", ""),
        ("", ""),
        ("x" * 100_000, ""),
    ],
)
def test_the_most_similar_name_is_suggested(given: str, suggestion: str) -> None:
    assert did_you_mean(given, ["seed", "model_units", "trainer"]) == suggestion


@pytest.mark.parametrize(
    ("path", "key", "meant"),
    [
        ((), "storybord", "storyboard"),
        (("source",), "license", "licence"),
        (("characters", 0), "desciption", "description"),
        (("storyboard", 0, "panels", 0), "character", "characters"),
    ],
)
def test_a_misspelt_key_of_a_production_is_named(
    path: tuple[str | int, ...], key: str, meant: str
) -> None:
    with pytest.raises(ProductionError) as caught:
        parse_production(_with(SHEET, path, key), "test.yaml")
    place = ".".join(map(str, (*path, key)))
    assert f"{place}: there is no such field. Did you mean {meant!r}? Allowed are " in str(
        caught.value
    )


def _with(value: object, path: tuple[str | int, ...], key: str) -> object:
    """A copy with one more key in the place of a path."""
    if isinstance(value, dict):
        if not path:
            return {**value, key: "x"}
        return {**value, path[0]: _with(value[path[0]], path[1:], key)}
    assert isinstance(value, list)
    return [_with(value[0], path[1:], key), *value[1:]]


def test_a_list_is_not_called_empty_for_what_is_wrong_in_it() -> None:
    characters = [{**SHEET["characters"][0], "id": "Not An Id"}]
    with pytest.raises(ProductionError) as caught:
        parse_production({**SHEET, "characters": characters}, "test.yaml")
    assert "characters.0.id" in str(caught.value)
    assert "empty" not in str(caught.value)


def test_an_empty_list_is_called_so() -> None:
    with pytest.raises(ProductionError, match="characters: the list is empty; it needs at least 1"):
        parse_production({**SHEET, "characters": []}, "test.yaml")


def test_ids_of_two_characters_are_named() -> None:
    with pytest.raises(ProductionError, match="more than one character has the id 'mira'; give"):
        parse_production({**SHEET, "characters": SHEET["characters"] * 2}, "test.yaml")


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"sead": 1}, "'sead' does not exist. Did you mean 'seed'? Parameters are: videos, "),
        ({"trainer": "bedrok"}, "(given: 'bedrok'). Did you mean 'bedrock'?"),
        ({"detectors": ["multimodel"]}, "(given: 'multimodel'). Did you mean 'multimodal'?"),
        ({"detectors": []}, "'detectors': the list is empty; it needs at least 1"),
        ({"workspace": "s3//x"}, "'workspace': it is not written as required (given: 's3//x')"),
    ],
)
def test_a_wrong_parameter_is_named(params: dict[str, object], words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_settings({"videos": ["s3://films/a.mp4"], **params})
    assert words in str(caught.value)
