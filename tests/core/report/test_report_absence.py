"""What the report says where something is not there: not yet, not any more, or only once."""

from typing import get_args

from storyboard_ops.core.report.facts.report_facts import ReportFacts
from storyboard_ops.core.report.page import missing_parts
from storyboard_ops.domain.report.report_facts import Part
from storyboard_ops.domain.settings.model import DrawingSettings
from tests.material import cost_factories, factories, reports
from tests.reading.report_reading import parsed, section, text_of


def test_a_run_that_stopped_after_the_dataset_says_why_the_rest_is_missing():
    facts = reports.report_facts(
        settings=factories.settings(trainer="dataset_only"),
        model=None, panels=None, consistency=None,
    )  # fmt: skip
    document = parsed(facts)
    why = "The run was set to stop after the approved dataset (trainer: dataset_only)."
    for part in ("model", "storyboard", "consistency"):
        assert why in section(document, part)


def test_what_a_removal_took_is_not_said_to_be_still_to_come():
    facts = reports.report_facts(panels=None, consistency=None)
    for part in ("storyboard", "consistency"):
        assert "A removal has deleted it." in section(parsed(facts), part)
    going_on = facts.model_copy(update={"receipt": None})
    assert "The run had not reached this part" in section(parsed(going_on), "storyboard")


def test_a_run_that_only_drew_speaks_of_no_film():
    nothing = dict.fromkeys(("frames", "detections", "crop_drops", "images"))
    facts = reports.report_facts(settings=DrawingSettings(), lost_videos=(), **nothing)
    document = parsed(facts)
    for part in ("funnel", "characters", "coverage", "dropped", "captions", "review"):
        assert "This run has no films." in section(document, part)
    assert "film" not in text_of(document.find(".//header"))


def test_a_run_that_ended_before_its_first_frame_still_has_a_page():
    facts = ReportFacts(
        run=reports.run_facts(status="failed", failure="preflight: no such bucket"),
        production=factories.production(),
        settings=factories.settings(),
        missing={"frames": "preflight refused"},
    )
    document = parsed(facts)
    assert set(missing_parts(facts)) == set(get_args(Part))
    assert "preflight refused" in section(document, "funnel")
    assert "The run failed before this." in section(document, "characters")
    assert "Nothing was bought." in section(document, "cost")
    assert "preflight refused" in section(document, "dropped")


def test_one_is_told_as_one():
    facts = reports.report_facts(images=(factories.image(4),), panels=(factories.panel(1),))
    document = parsed(facts)
    assert "Approved 1 picture" in section(document, "funnel")
    assert "1 of 1 panel drawn" in section(document, "storyboard")
    assert "1 caption of approved pictures, 12 to 12 words" in section(document, "captions")
    figures = text_of(document.xpath("//dl[@class='figures']")[0])
    assert "in 1 scene" in figures
    assert "scenes" not in figures


def test_no_bar_is_drawn_and_nothing_promised_where_there_is_nothing():
    document = parsed(reports.report_facts(images=()))
    cut_out = document.xpath("//ol[@class='funnel']/li")[-1]
    assert text_of(cut_out) == "Cut out 0 pictures −44"
    assert cut_out.xpath(".//i") == []
    assert "each with its training caption" not in section(document, "characters")


def test_pictures_that_could_not_be_read_are_said_to_be_missing():
    document = parsed(reports.report_facts())
    assert document.xpath("//main//img") == []
    assert "no picture stored" in section(document, "characters")


def test_before_the_teardown_the_cost_is_what_was_booked():
    spent = cost_factories.receipt().usages[:3]
    facts = reports.report_facts(
        receipt=None, spent=spent, resources=(cost_factories.throughput(),)
    )
    document = parsed(facts)
    cost = section(document, "cost")
    assert "Total $80.98 $0.41 $80.57" in cost
    assert "Up to $80.57 by the preflight estimate" in cost
    assert (
        "Provisioned throughput storyboard-provisioned-throughput-1f2e3d4c : $60.50 per model "
        "unit hour, until it is deleted; its lease ends 20 November 2026, 14:30 UTC"
    ) in cost
    assert "The run had not reached this part" in section(document, "receipt")
    assert "cost so far $0.41 and about $80.57 to come" in text_of(
        document.xpath("//section[@aria-label='At a glance']")[0]
    )


def test_what_has_no_price_is_never_told_as_free():
    spent = cost_factories.receipt().usages[:3]
    facts = reports.report_facts(prices=None, receipt=None, spent=spent)
    cost = section(parsed(facts), "cost")
    assert "What models wrote amazon.nova-pro-v1:0 – not priced not priced 21,000" in cost
    assert "Total of what has a price $0.00 $0.00 $0.00" in cost
    assert (
        "About $0.00 by the preflight estimate, which has no price for amazon.nova-canvas-v1:0, "
        "amazon.nova-pro-v1:0, amazon.titan-embed-image-v1."
    ) in cost
