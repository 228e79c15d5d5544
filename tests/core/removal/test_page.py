"""The page of a removal: group_by_folder, complete, escaped."""

import re

from lxml import html

from storyboard_ops.core.removal.page import group_by_folder, render_removal
from storyboard_ops.core.removal.person_removal import without_character
from storyboard_ops.domain.removal.removal_records import (
    AffectedModel,
    ObjectLine,
    RemovalRecord,
    parse_request,
)
from storyboard_ops.gateways.include_files import include_text
from tests.material import factories

ROOT = "s3://studio/"
HOSTILE = "<script>alert(1)</script> & {{ 7 * 7 }}"


def line(key: str, **changes) -> ObjectLine:
    return ObjectLine(**{"uri": f"{ROOT}{key}", "size": 500_000, **changes})


def page(state: str = "done", **changes) -> str:
    asked = {"workspace": "s3://studio", "film": f"{ROOT}videos/f.mp4", "dry_run": False}
    request = parse_request({**asked, "reason": HOSTILE, "requested_by": HOSTILE})
    given = {"removal_id": "r", "state": state, "request": request}
    record = RemovalRecord(**{**given, **changes})
    template = include_text("templates/removal.html.j2")
    return render_removal(record, template, include_text("templates/report.css"))


def test_objects_are_counted_by_place():
    lines = [
        line(f"library/answers/bedrock.converse/{sha[:2]}/{sha}.json")
        for sha in (factories.sha(1), factories.sha(2))
    ]
    lines += [line(f"library/{factories.sha(k)[:32]}/{'0' * 16}/frames/1.jpg") for k in (1, 2, 3)]
    lines += [line("runs/run-1/crops/manifest.jsonl", rows=4)]
    told = [(g.place, g.count, g.megabytes, g.rows) for g in group_by_folder(lines, ROOT)]
    assert told == [
        ("library/answers/bedrock.converse", 2, 1.0, 0),
        ("library/…/…/frames", 3, 1.5, 0),
        ("runs/run-1/crops", 1, 0.5, 4),
    ]


def test_what_people_wrote_is_text_and_nothing_is_loaded():
    shown = page()
    assert "<script" not in shown
    assert html.fromstring(shown).text_content().count(HOSTILE) == 2
    assert "default-src 'none'" in shown
    assert not re.search(r'(?:src|href)="(?!#)', shown)


def test_a_model_that_is_still_there_is_an_alarm_and_a_deleted_one_is_not():
    def state(**changes) -> str:
        model = AffectedModel(run_key="run-1", model_arn="arn:m", job_arn="arn:j", **changes)
        shown = html.fromstring(page(models=(model,)))
        return shown.xpath('string(//section[@id="models"]//tbody//td[last()])')

    assert state(exists=True) == "still exists"
    assert state(deleted_at="2026-11-23T08:00:00+00:00") == "deleted 23 November 2026, 08:00 UTC"
    assert state() == "does not exist"


def test_a_dry_run_says_that_nothing_was_touched():
    assert "dry run: nothing was changed" in page("planned")
    assert "What would be removed" in page("planned")


def test_a_film_is_called_by_its_name_and_its_address_is_told():
    shown = html.fromstring(page())
    assert shown.xpath("string(//h1)") == "film f.mp4"
    assert f"{ROOT}videos/f.mp4" in shown.xpath("string(//header)")


def test_one_is_told_as_one():
    shown = html.fromstring(page(rewritten=(line("a", rows=1),), pages=(f"{ROOT}p",)))
    figures = " ".join(shown.xpath("string(//dl)").split())
    assert "in 1 object " in figures
    assert "1 page rewritten" in figures


def test_of_many_objects_the_first_are_named():
    shown = html.fromstring(page(deleted=tuple(line(f"a/{n}") for n in range(509))))
    assert len(shown.xpath('//section[@id="deleted"]//details//li')) == 500
    assert "all of them are in removals/r.json" in shown.text_content()


def test_a_production_goes_on_without_a_person():
    left = without_character(factories.production(), "bram")
    assert left is not None
    assert [character.id for character in left.characters] == ["mira", "pip"]
    assert [panel.characters for scene in left.storyboard for panel in scene.panels] == [
        ("mira",),
        ("pip",),
    ]


def test_of_a_production_of_one_nothing_is_left():
    sheet = factories.production()
    for character in ("bram", "pip"):
        sheet = without_character(sheet, character)
    assert without_character(sheet, "mira") is None
