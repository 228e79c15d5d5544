"""The figures of the report page: what its head shows, its plots, and cells by their kind."""

import pytest

from storyboard_ops.core.report import page
from storyboard_ops.core.report.contact_sheet import contact_sheets
from storyboard_ops.core.report.facts.report_facts import ReportFacts
from storyboard_ops.core.storyboard.board import arrange_board
from tests.material import cost_factories, factories, reports
from tests.reading.report_reading import parsed, text_of


def test_the_first_screen_names_the_key_figures(document):
    shown = {
        text_of(one.find("dt")): text_of(one.find("dd"))
        for one in document.xpath("//dl[@class='figures']/div")
    }
    assert shown == {
        "approved pictures": "32",
        "characters": "3 of 3",
        "panels drawn": "2 of 3",
        "cost so far, at least": "$80.91",
        "still billing": "nothing",
    }


def tones(facts: ReportFacts) -> dict[str, tuple[str, str, str]]:
    board = arrange_board(facts.panels or ())
    return {one.label: (one.value, one.note, one.tone) for one in page.key_figures(facts, board)}


def test_a_key_figure_is_good_when_nothing_is_missing():
    bills = cost_factories.receipt(still_billing=("arn:1", "arn:2"))
    drawn = (factories.panel(1), factories.panel(2))
    only_mira = tuple(factories.image(k, "mira") for k in range(3))
    shown = tones(reports.report_facts(images=only_mira, panels=drawn, receipt=bills))
    assert shown["characters"] == ("1 of 3", "have pictures", "bad")
    assert shown["panels drawn"] == ("2 of 2", "0:06 min in 1 scene", "good")
    assert shown["still billing"] == ("2", "by the receipt", "bad")
    whole = tones(reports.report_facts())
    assert whole["characters"] == ("3 of 3", "have pictures", "good")
    assert whole["panels drawn"] == ("2 of 3", "0:11 min in 2 scenes", "bad")
    assert whole["still billing"] == ("nothing", "by the receipt", "good")
    assert whole["approved pictures"] == ("32", "of 41 cut out", "")


def test_what_the_cost_is_measured_by():
    facts = reports.report_facts()
    by_label = tones(facts)
    assert by_label["cost so far, at least"] == ("$80.91", "of $80.98 expected", "")
    goes_on = facts.model_copy(update={"receipt": None})
    assert tones(goes_on)["cost so far"][1] == "and about $80.98 to come"
    unplanned = facts.model_copy(update={"preflight": None})
    assert tones(unplanned)["cost so far, at least"][1] == "by prices of 2026-11-22"


def test_the_head_of_the_page_shows_seven_pictures_by_turns(document):
    assert len(document.xpath("//header//img")) == 7
    shown = page._hero(contact_sheets(reports.report_facts()))
    cast = ["Mira", "Bram", "Pip", "Mira", "Bram", "Pip", "Mira"]
    assert [picture.alt.split(",")[0] for picture in shown] == cast


def test_fifteen_pictures_of_a_character_are_seen_at_once():
    images = tuple(factories.image(k, "mira") for k in range(20))
    mira = parsed(reports.report_facts(images=images)).xpath("//section[@class='character']")[0]
    assert len(mira.xpath(".//details//figure")) == 5


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "–"), (float("nan"), "–"), (True, "yes"), (False, "no"), (0.12345, "0.123"),
        (3.0, "3"), (3, "3"), ([1.5, None], "1.5, –"), ("a", "a"),
    ],
)  # fmt: skip
def test_a_cell_is_told_by_its_kind(value, said):
    assert page._figure(value) == said


def test_a_curve_needs_two_points_and_appearances_one_film():
    facts = reports.report_facts()
    assert page._loss_plot(facts.model_copy(update={"training_loss": ((0, 1.0),)})) == ""
    two = facts.model_copy(update={"training_loss": ((0, 1.0), (1, 0.5))})
    assert page._loss_plot(two).startswith("<svg")
    assert page._appearance_plot(facts).startswith("<svg")
    other = factories.image(5, frame=factories.frame(5, uri=f"{factories.VIDEO_URI}.2"))
    films = reports.report_facts(images=(factories.image(4), other))
    assert page._appearance_plot(films) == ""
    assert page._similarity_plot(reports.report_facts(images=())) == ""
    alone = reports.report_facts(images=(factories.near_duplicate(40),))
    assert page._similarity_plot(alone).startswith("<svg")


def test_appearances_are_told_in_words_too():
    images = (factories.image(2), factories.image(65), factories.image(30, "pip"))
    told = page._appearances(reports.report_facts(images=images))
    assert told == "Mira 2 pictures, 0:02 to 1:05; Bram 0 pictures; Pip 1 pictures, 0:30 to 0:30"
