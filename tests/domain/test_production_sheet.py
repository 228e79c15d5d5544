"""Production files: faults are named together, with the file."""

import pytest
import yaml

from storyboard_ops.domain.bounded_yaml import read_yaml
from storyboard_ops.domain.error_tree import ProductionError
from storyboard_ops.domain.production_sheet import parse_production, with_storyboard
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


def test_a_storyboard_is_optional_and_a_script_has_panels():
    without = {name: value for name, value in SHEET.items() if name != "storyboard"}
    production = parse_production(without, "foxes.yaml")
    assert production.storyboard == ()
    scenes = SHEET["storyboard"]
    assert with_storyboard(production, scenes, "a.fountain") == parse_production(SHEET, "foxes")
    with pytest.raises(ProductionError, match=r"a\.fountain has no panel to draw. Add a scene"):
        with_storyboard(production, [], "a.fountain")


def test_faults_have_the_line_of_their_field():
    text = yaml.safe_dump({**SHEET, "slug": "The Foxes"}, sort_keys=False)
    with pytest.raises(
        ProductionError, match=r"slug \(line 2\): it is not written as required: it must match"
    ):
        parse_production(read_yaml(text, "foxes"), "foxes", text)


EVERY_FIELD = """
- scene: INT. DEN - NIGHT
  number: 12A
  sequence: "1"
  panels:
    - shot: "010"
      panel: "020"
      locked: true
      description: Rey looks up.
      characters: [rey]
      seconds: 4.5
      frames: 108
      size: close-up
      angle: low
      lens: 35 mm
      move: push in
      light: candle
      place: the den
      time: night
      dialogue:
        - speaker: REY
          character: rey
          text: Who is there?
          parenthetical: softly
          off: O.S.
          dual: true
      sound: thunder
      transition: CUT TO
      lines: [3, 4]
      note: keep it dark
"""


def test_a_sheet_may_have_every_field_of_a_panel():
    storyboard = read_yaml(EVERY_FIELD, "foxes.yaml")
    production = parse_production(SHEET | {"storyboard": storyboard}, "foxes.yaml")
    (scene,) = production.storyboard
    assert (scene.number, scene.sequence) == ("12A", "1")
    written = scene.panels[0].model_dump(mode="json")
    assert written == storyboard[0]["panels"][0]
    assert written["dialogue"][0]["off"] == "O.S."


def test_a_number_without_quotes_is_refused_with_the_way_to_write_it():
    panel = {"description": "Rey.", "shot": 10}
    sheet = SHEET | {"storyboard": [{"scene": "EXT. DEN", "panels": [panel]}]}
    with pytest.raises(ProductionError, match=r'shot: .*write quotes, as in "010"'):
        parse_production(sheet, "foxes.yaml")


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


def cast(*named):
    """A sheet with these characters, as (id, name)."""
    looks = {"description": "A fox.", "references": ["a.png"]}
    panel = {"description": "Rain."}
    return SHEET | {
        "characters": [{"id": identity, "name": name, **looks} for identity, name in named],
        "storyboard": [{"scene": "EXT. DEN", "panels": [panel]}],
    }


@pytest.mark.parametrize(
    "named",
    [
        [("twin_a", "Twin"), ("twin_b", "Twin")],
        [("a", "Mira"), ("b", "MIRA")],
        [("a", "Zoë"), ("b", "Zoe\u0308")],
        [("a", "ミラ"), ("b", "ﾐﾗ")],
        [("a", "Strauß"), ("b", "STRAUSS")],
        [("a", "O'Hara"), ("b", "O’Hara")],
        [("a", "Captain Vos"), ("b", "Captain\u00a0 Vos")],
        [("a", "山田 太郎"), ("b", "山田太郎")],
        [("a", "Mira"), ("b", "\u041cira")],
        [("a", "Dr. Vos"), ("b", "Dr Vos")],
        [("pip", "Bram"), ("bram", "Pip")],
        [("nemo", "Captain Nemo"), ("captain_nemo", "Ned")],
    ],
)
def test_characters_whom_nobody_can_tell_apart_are_refused(named):
    (first, _), (second, _) = named
    with pytest.raises(ProductionError, match=f"'{second}': .* told apart from .* '{first}'"):
        parse_production(cast(*named), "foxes.yaml")


@pytest.mark.parametrize(
    ("identity", "name"), [("x", "None of them"), ("x", "NONE-OF-THEM!"), ("none_of_them", "Nell")]
)
def test_no_character_is_called_as_strangers_are(identity, name):
    with pytest.raises(ProductionError, match="'none_of_them', which is reserved for strangers"):
        parse_production(cast((identity, name)), "foxes.yaml")


@pytest.mark.parametrize("name", ["   ", "\u200b", "\u3164", "\u2800", "\u0301", "--"])
def test_a_name_must_be_seen(name):
    with pytest.raises(ProductionError, match=r"characters.0.name: .* shows nothing"):
        parse_production(cast(("x", name)), "foxes.yaml")


def test_a_name_may_be_its_own_id_or_part_of_another():
    named = [("captain_vos", "Captain Vos"), ("vos", "Vos"), ("owl", "🦉"), ("fox", "🦊")]
    assert parse_production(cast(*named), "foxes.yaml").names == dict(named)


def test_a_forbidden_word_cannot_be_part_of_a_name():
    sheet = cast(("buck", "Big Buck Bunny")) | {"forbidden_words": ["gun", "ＢＵＣＫ"]}
    with pytest.raises(ProductionError, match="'ＢＵＣＫ', which is in the name 'Big Buck Bunny'"):
        parse_production(sheet, "foxes.yaml")


def test_a_trait_cannot_be_part_of_its_own_name():
    sheet = cast(("red", "Red Riding Hood"))
    sheet["characters"][0]["traits"] = ["riding hood"]
    with pytest.raises(ProductionError, match="traits has 'riding hood', which is in the name"):
        parse_production(sheet, "foxes.yaml")


def test_a_prop_is_no_person():
    sheet = cast(("rey", "Rey"), ("den", "The Den"))
    sheet["characters"][1]["kind"] = "prop"
    production = parse_production(sheet, "foxes.yaml")
    assert production.props == {"den"}
    assert [one.label_hints for one in production.characters] == [("Person",), ()]
    sheet["characters"][1]["label_hints"] = ["Cave"]
    assert parse_production(sheet, "foxes.yaml").character("den").label_hints == ("Cave",)
    sheet["characters"][1]["kind"] = "object"
    with pytest.raises(ProductionError, match=r"characters.1.kind: .*'character' or 'prop'"):
        parse_production(sheet, "foxes.yaml")


def test_a_panel_lists_nobody_twice():
    panel = {"description": "Rey.", "characters": ["rey", "rey"]}
    sheet = SHEET | {"storyboard": [{"scene": "EXT. DEN", "panels": [panel]}]}
    with pytest.raises(ProductionError, match="a panel lists 'rey' more than once"):
        parse_production(sheet, "foxes.yaml")


@pytest.mark.parametrize("file", sorted(TEST_PRODUCTIONS.glob("*.yaml")), ids=lambda f: f.stem)
def test_the_test_productions_hold_together(file):
    production = parse_production(yaml.safe_load(file.read_text()), file.name)
    assert production.slug == file.stem


def test_a_storyboard_has_at_most_so_many_panels_in_all_its_scenes():
    scene = {"scene": "EXT. DEN", "panels": [{"description": "Grass."}] * 2_501}
    with pytest.raises(ProductionError, match=r"5,002 panels; at most 5,000 are drawn by one run"):
        parse_production(SHEET | {"storyboard": [scene, scene]}, "fox.yaml")
