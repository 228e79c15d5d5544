"""From names to a production file that is valid whatever people typed."""

from __future__ import annotations

import pytest

from storyboard_ops.core.production.sheet import (
    Portrait,
    choose_references,
    make_document,
    make_id,
    make_slug,
    split_traits,
    write_document,
)
from storyboard_ops.domain.bounded_yaml import read_yaml
from storyboard_ops.domain.image_records import Box
from storyboard_ops.domain.production.draft import MemberDetails, ProductionDetails
from storyboard_ops.domain.production_sheet import parse_production


def details(*names: str, **fields: str) -> ProductionDetails:
    """Everything that has to be said about these names."""
    members = {name: MemberDetails(description="Somebody.", **fields) for name in names}
    return ProductionDetails(title="Our Film", licence="CC0", members=members)


@pytest.mark.parametrize(
    ("name", "identity"),
    [
        ("Mira", "mira"),
        ("Captain O'Neill", "captain_o_neill"),
        ('Émile "Ém" Zorn', "emile_em_zorn"),
        ("名前", "character"),
        ("none of them", "none_of_them_2"),
        ("x" * 60, "x" * 40),
    ],
)
def test_ids_are_made_of_names(name, identity):
    assert make_id(name, []) == identity


def test_ids_look_like_no_other():
    assert make_id("Mira", ["mira"]) == "mira_2"
    assert make_id("Mira", ["MIRA", "mira_2"]) == "mira_3"
    assert make_id("x" * 60, ["x" * 40]) == "x" * 38 + "_2"


def test_slugs():
    assert make_slug("The Paper Lantern!") == "the-paper-lantern"
    assert make_slug("名前") == "production"


def test_traits_are_separated_by_commas_and_lines():
    assert split_traits(" red  scarf, teal boots;\nhood,, ") == ["red scarf", "teal boots", "hood"]


@pytest.mark.parametrize(
    "names",
    [
        ("Mira",),
        ('Ann "the axe" O\'Hara', "Bob: the #1", "- dash", "名前", "{x}", "*star", "no", "null"),
        ("Ann", "ANN B", "Ann C"),
    ],
)
def test_any_names_make_a_valid_file(names):
    given = details(*names, traits="red: scarf, 'quoted'")
    document = make_document(given, {name: [f"references/{n}.png"] for n, name in enumerate(names)})
    text = write_document(document, "../schema.json")
    assert text.startswith("# yaml-language-server: $schema=../schema.json\n")
    production = parse_production(read_yaml(text, "made"), "made", text)
    assert [one.name for one in production.characters] == list(names)
    assert production.characters[0].traits == ("red: scarf", "'quoted'")
    assert production.storyboard == ()


def test_a_prop_has_no_label():
    document = make_document(details("Lamp", kind="prop"), {"Lamp": ["references/lamp.png"]})
    (lamp,) = parse_production(document, "made").characters
    assert (lamp.kind, lamp.label_hints) == ("prop", ())


def test_an_id_that_people_chose_is_kept():
    document = make_document(details("Mira", id="girl"), {"Mira": ["a.png"]})
    assert document["characters"][0]["id"] == "girl"


def test_small_figures_get_the_setting_that_lets_them_train():
    assert "settings" not in make_document(details("Mira"), {"Mira": ["a.png"]})
    document = make_document(details("Mira"), {"Mira": ["a.png"]}, 3.5)
    assert document["settings"] == {"max_enlargement": 3.5}


def test_references_come_from_as_many_shots_as_there_are():
    def portrait(identity: str, shot: int, side: float) -> Portrait:
        return Portrait(identity, (0, shot), Box(x=0, y=0, w=side, h=side))

    portraits = [
        *(portrait(f"close {n}", 1, 0.5 - n / 100) for n in range(8)),
        portrait("far", 2, 0.1),
        portrait("middle", 3, 0.2),
    ]
    chosen = choose_references(portraits)
    assert chosen == ["close 0", "middle", "far", "close 1", "close 2"]
    assert choose_references(portraits[:2]) == ["close 0", "close 1"]
