"""YAML from outside is read within bounds; aliases and repeated keys are refused by line."""

from pathlib import Path

import pytest

from storyboard_ops.domain.bounded_yaml import line_finder, read_yaml
from storyboard_ops.domain.error_tree import BadInput, ProductionError
from storyboard_ops.domain.input_limits import MOST_YAML_BYTES
from storyboard_ops.domain.production_sheet import parse_production
from storyboard_ops.domain.settings.run import parse_settings

INCLUDE = Path(__file__).parents[2] / "include"

SHEET = """\
production: Demo
slug: demo
source: {title: T, licence: CC}
settings: {budget_usd: 10}
characters:
  - {id: mira, name: Mira, description: d, traits: [red coat], references: [a.png]}
storyboard:
  - {scene: S, panels: [{description: She looks}]}
"""
#: 9^9 texts in a few hundred bytes.
LAUGHS = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)
)


def test_a_plain_file_is_read() -> None:
    assert read_yaml("a: 1\nb: [x, 2.5, yes]\n", "f") == {"a": 1, "b": ["x", 2.5, True]}
    assert read_yaml(b"\xef\xbb\xbfa: 1", "f") == {"a": 1}
    assert parse_production(read_yaml(SHEET, "f"), "f").slug == "demo"


@pytest.mark.parametrize("path", sorted(INCLUDE.rglob("*.yaml")), ids=lambda path: path.name)
def test_every_bundled_file_is_read(path: Path) -> None:
    assert read_yaml(path.read_bytes(), path.name)


@pytest.mark.parametrize(
    ("text", "fault", "line"),
    [
        pytest.param(LAUGHS, "aliases", 2, id="billion laughs"),
        pytest.param("a: &a [*a]", "aliases", 1, id="a list within itself"),
        pytest.param("a: &a {b: 1}\nc:\n  <<: *a", "aliases", 3, id="merged alias"),
        pytest.param("a:\n  <<: {b: 1}", "merge keys", 2, id="merge key"),
        pytest.param(SHEET + "settings: {seed: 2}\n", "'settings' occurs twice", 9, id="settings"),
        pytest.param(SHEET + "characters: []\n", "'characters' occurs twice", 9, id="characters"),
        pytest.param(
            SHEET.replace("traits: [red", "traits: [hat], traits: [red"),
            "'traits' occurs twice",
            6,
            id="traits of a character",
        ),
        pytest.param("1: a\n0x1: b", "the key 1 occurs twice", 2, id="equal numbers"),
        pytest.param("a: !!set {x, x}", "'x' occurs twice", 1, id="set"),
        pytest.param("[" * 50_000, "deeper than 64 levels", 1, id="lists"),
        pytest.param("- " * 50_000 + "a", "deeper than 64 levels", 1, id="block lists"),
        pytest.param("? " * 50_000, "deeper than 64 levels", 1, id="keys"),
        pytest.param("{a: " * 65 + "1" + "}" * 65, "deeper than 64 levels", 1, id="one too deep"),
        pytest.param("\na: " + "9" * 5_000, "more than 400 digits", 2, id="digits"),
        pytest.param("a: " + "1:" * 50_000 + "1", "more than 400 digits", 1, id="base 60"),
        pytest.param("a: .inf", "infinity and NaN", 1, id="infinity"),
        pytest.param("? [a]\n: 1", "a key must be", 1, id="a list as key"),
        pytest.param("a: !!python/name:os.system", "could not determine", 1, id="python"),
        pytest.param("a: [", "expected the node content", 1, id="cut off"),
    ],
)
def test_any_other_file_is_refused_with_its_line(text: str, fault: str, line: int) -> None:
    with pytest.raises(BadInput, match=fault) as refusal:
        read_yaml(text, "The file x.yaml")
    message = str(refusal.value)
    assert message.startswith("The file x.yaml is not valid YAML")
    assert f"line {line}, column" in message
    assert len(message) < 1_200


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"a: \xff", "not UTF-8 text: byte 3"),
        (b"#" * (MOST_YAML_BYTES + 1), "has more than 262,144 bytes"),
        (b"a: 2024-99-99", "not valid YAML"),
        (b"a: \x00", "not valid YAML"),
    ],
)
def test_a_file_without_a_line_at_fault_is_refused_too(body: bytes, fault: str) -> None:
    with pytest.raises(BadInput, match=fault):
        read_yaml(body, "The file x.yaml")


def test_the_text_of_an_error_does_not_repeat_the_file() -> None:
    many = "".join(f"  k{n}: {{}}\n" for n in range(20_000))
    for sheet in (
        SHEET.replace("storyboard:\n", f"unknown:\n{many}storyboard:\n"),
        SHEET.replace("[red coat]", str([{}] * 20_000)),
        SHEET.replace("She looks", "x" * 100_000),
        "{}",
        "[]",
        SHEET.replace("description: She looks", f"description: d, characters: {['b'] * 9_999}"),
    ):
        with pytest.raises(ProductionError) as refusal:
            parse_production(read_yaml(sheet, "f"), "x.yaml")
        assert len(str(refusal.value)) < 25_000


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("x" * 1_000_000, id="text"),
        pytest.param(["x" * 1_000] * 1_000, id="list"),
        pytest.param({"a": [[["x" * 9] * 99] * 99] * 99}, id="nested lists"),
        pytest.param(10**5_000, id="number"),
    ],
)
def test_the_text_of_an_error_shows_the_start_of_a_parameter(value: object) -> None:
    with pytest.raises(BadInput) as refusal:
        parse_settings({"videos": ["s3://b/v.mp4"], "budget_usd": value, "y" * 1_000_000: 1})
    assert len(str(refusal.value)) < 10_000


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ((), 1),
        (("a",), 1),
        (("b", 1, "c"), 5),
        (("b", 1, "lost"), 4),
        (("b", 9), 2),
        (("lost", "a"), 1),
        (("a", "of", 1, "text"), 1),
    ],
)
def test_the_line_of_a_place(place, line):
    text = "a: 1\nb:\n- c: 2\n- d: 3\n  c: 4\n"
    assert line_finder(text)(place) == line
    assert line_finder(text.encode("utf-8-sig"))(place) == line
    assert line_finder("")(place) == 1
