"""What people say is kept, and becomes a production file with its pictures."""

from __future__ import annotations

import stat

import pytest

from storyboard_ops.cli.production.desk import SHEET
from storyboard_ops.core.pictures.codec import decode_rgb
from storyboard_ops.domain.bounded_yaml import read_yaml
from storyboard_ops.domain.error_tree import BadInput, ObjectMissing, ProductionError, ReviewRefused
from storyboard_ops.domain.image_records import Box
from storyboard_ops.domain.production.draft import (
    DecisionBatch,
    DrawnBox,
    FigureDecision,
    MemberDetails,
    ProductionDetails,
)
from storyboard_ops.domain.production_sheet import parse_production
from tests.films.cast_film import drawn


def decide(desk, figures, decision="name", name="", reference=False):
    """Say the same about several figures."""
    decisions = tuple(
        FigureDecision(
            image_id=one.id, based_on=0, decision=decision, name=name, reference=reference
        )
        for one in figures
    )
    return desk.save(DecisionBatch(id="1", decisions=decisions))


def group(desk, number):
    """The figures of a group."""
    return [one for one in desk.figures() if one.group == number]


def describe(desk, *names, **fields):
    """Say what a production file needs."""
    given = {"description": "Somebody.", **fields}
    members = {name: MemberDetails(**given) for name in names}
    desk.describe(ProductionDetails(title="Our Film", licence="CC0", members=members))


def cast(desk):
    """Name both groups."""
    decide(desk, group(desk, 0), name="Ann")
    decide(desk, group(desk, 1), name="Bob")
    describe(desk, "Ann", "Bob")


def test_named_groups_become_a_valid_production(desk, tmp_path):
    at = desk()
    cast(at)
    written = at.write(replace=False)
    assert written.file == tmp_path / "out" / SHEET
    text = written.file.read_text()
    production = parse_production(read_yaml(text, "made"), "made", text)
    assert [(one.id, one.name) for one in production.characters] == [("ann", "Ann"), ("bob", "Bob")]
    assert [len(one.references) for one in production.characters] == [5, 5]
    shown = decode_rgb((written.file.parent / production.characters[0].references[0]).read_bytes())
    assert abs(shown.shape[0] - 258) < 30  # Ann is 230 pixels high, and has a margin


def test_everything_is_private(desk):
    at = desk()
    cast(at)
    file = at.write(replace=False).file
    for path in (file, file.parent / "references", *(file.parent / "references").iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_what_was_said_is_there_after_a_restart(desk):
    at = desk()
    cast(at)
    decide(at, group(at, 1)[:3], "nobody")
    again = desk()
    assert again.count_decided() == 16
    assert again.details.members["Ann"].description == "Somebody."
    assert again.verdicts() == at.verdicts()
    assert len(again.verdicts(since=2)) == 3


def test_picked_references_are_those_of_the_file(desk):
    at = desk()
    cast(at)
    picked = group(at, 0)[2:4]
    decide(at, picked, name="Ann", reference=True)
    ann, bob = at.write(replace=False).production.characters
    names = [name.rpartition("-")[2].removesuffix(".png") for name in ann.references]
    assert names == [one.id[:12] for one in picked]
    assert len(bob.references) == 5


def test_one_name_joins_groups_and_another_name_splits_them(desk):
    at = desk()
    cast(at)
    decide(at, group(at, 1)[:2], name="Ann")
    decide(at, group(at, 1)[2:4], name="Twin")
    describe(at, "Ann", "Bob", "Twin")
    production = at.check()
    assert [one.name for one in production.characters] == ["Ann", "Twin", "Bob"]


def test_figures_that_are_set_aside_are_in_no_file(desk):
    at = desk()
    cast(at)
    decide(at, group(at, 1), "nobody")
    assert [one.name for one in at.check().characters] == ["Ann"]


def test_a_file_is_not_replaced_unless_somebody_agrees(desk):
    at = desk()
    cast(at)
    file = at.write(replace=False).file
    before = file.read_text()
    other = desk()
    decide(other, group(other, 1), name="Robert")
    describe(other, "Ann", "Robert")
    with pytest.raises(ReviewRefused, match="exists already"):
        other.write(replace=False)
    assert file.read_text() == before
    other.write(replace=True)
    assert "Robert" in file.read_text()
    pictures = {path.name for path in (file.parent / "references").iterdir()}
    assert not any(name.startswith("bob") for name in pictures)


def test_files_of_others_beside_the_references_stay(desk, tmp_path):
    folder = tmp_path / "out" / "references"
    folder.mkdir(parents=True)
    (folder / "mine.png").write_bytes(b"mine")
    at = desk()
    cast(at)
    at.write(replace=False)
    assert (folder / "mine.png").read_bytes() == b"mine"


def test_every_fault_is_named_and_nothing_is_written(desk, tmp_path):
    at = desk()
    with pytest.raises(ProductionError, match="Nobody has a name yet"):
        at.write(replace=False)
    decide(at, group(at, 0), name="Ann")
    at.describe(ProductionDetails(title="Our Film"))
    with pytest.raises(ProductionError) as caught:
        at.write(replace=False)
    assert "source.licence" in str(caught.value)
    assert "characters.0.description" in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_ids_that_are_given_twice_are_refused(desk):
    at = desk()
    cast(at)
    describe(at, "Ann", "Bob", id="same")
    with pytest.raises(ProductionError, match="more than one character has the id 'same'"):
        at.check()


def test_names_with_quotes_are_kept(desk):
    at = desk()
    name = 'Ann "the axe" O\'Hara: #1'
    decide(at, group(at, 0), name=name)
    describe(at, name, traits='it\'s red, "big"')
    text = at.write(replace=False).file.read_text()
    (ann,) = parse_production(read_yaml(text, "made"), "made").characters
    assert (ann.name, ann.traits) == (name, ("it's red", '"big"'))


def test_a_folder_that_cannot_be_made_says_so(desk, tmp_path):
    (tmp_path / "out").write_text("a file")
    at = desk()
    cast(at)
    with pytest.raises(BadInput, match="cannot be written"):
        at.write(replace=False)


def test_a_drawn_box_is_a_figure_of_the_group_that_it_is_like(desk):
    at = desk()
    boxes = drawn(6)[1]
    figure = at.draw(DrawnBox(sample=6, box=boxes["bob"], name="Bob"))
    assert (figure.group, figure.by_hand) == (1, True)
    assert at.verdicts()[figure.id].name == "Bob"
    assert at.draw(DrawnBox(sample=6, box=boxes["bob"])) == figure
    assert figure in desk().figures()
    assert at.thumb(figure.id).is_file()
    sky = at.draw(DrawnBox(sample=6, box=Box(x=0, y=0, w=0.1, h=0.1)))
    assert sky.group == 2


def test_what_is_not_there_is_named(desk):
    at = desk()
    with pytest.raises(ObjectMissing, match="There is no figure"):
        at.picture("0" * 64)
    with pytest.raises(ObjectMissing, match="There is no frame 8; there are 8, from 0"):
        at.frame(8)
    with pytest.raises(ReviewRefused, match="needs a name"):
        decide(at, group(at, 0), name="  ")


def test_the_title_is_that_of_the_film_at_first(desk):
    assert desk().details.title == "Our Film"
