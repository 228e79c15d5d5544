"""The sections of the report page: what a run did, what was left out and why, and what to know."""

import pytest
from lxml import html

from storyboard_ops.core.report.facts.report_facts import ReportFacts
from storyboard_ops.core.storyboard.consistency import ConsistencyFigures
from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.preflight.preflight_report import Check
from storyboard_ops.domain.report.report_facts import DatasetChanges
from storyboard_ops.domain.review.desk_choice import DeskChoice
from storyboard_ops.domain.settings.model import DrawingSettings
from storyboard_ops.domain.training.retraining_records import JudgedModel
from tests.material import cost_factories, factories, reports
from tests.reading.report_reading import parsed, section, text_of


def test_the_funnel_counts_from_frames_to_approved_pictures(document):
    steps = [text_of(step) for step in document.xpath("//ol[@class='funnel']/li")]
    assert steps == [
        "Sampled from the film 60 frames",
        "Usable 48 frames −12",
        "With a character 44 frames −4",
        "Characters found 44 times",
        "Cut out 41 pictures −3",
        "Distinct 35 pictures −6",
        "Captioned 35 pictures",
        "Within the trainer's limits 35 pictures",
        "Approved 32 pictures −3",
    ]


def test_the_funnel_says_how_many_paid_calls_triage_saved():
    both = factories.settings(detectors=["multimodal", "labels"])
    told = section(parsed(reports.report_facts(settings=both)), "funnel")
    assert "Triage saved 24 paid calls: no detector ran on" in told
    kept = tuple(frame for frame in reports.film_frames() if frame.dropped is None)
    assert "Triage" not in section(parsed(reports.report_facts(frames=kept)), "funnel")


def test_a_picture_comes_with_caption_place_confidence_and_its_enlargement(document):
    first = document.xpath("//section[@class='character']//figure")[0]
    assert text_of(first) == (
        "00:00:03.000 Mira holds a lantern on the quay while the tide comes in "
        "confidence 0.81 medium 512 × 640 px"
    )
    enlarged = document.xpath("//section[@class='character']//span[@class='tag']/text()")
    assert set(enlarged) == {"enlarged ×1.4"}


def test_what_was_left_out_stands_under_its_reason_with_examples(document):
    groups = {
        text_of(group.find("summary")): len(group.xpath(".//figure"))
        for group in document.get_element_by_id("dropped").xpath(".//details")
    }
    assert groups == {
        "near-identical 7": 6,
        "black 3": 3,
        "blurred 2": 2,
        "unsure 1": 1,
        "too small 2": 2,
        "near-duplicate 6": 6,
        "rejected 3": 3,
    }
    assert "and 1 more" in section(document, "dropped")


def test_a_near_duplicate_is_shown_beside_the_picture_that_was_kept(document):
    notes = document.xpath("//section[@id='dropped']//span[@class='pair-note']")
    assert len(notes) == 6
    pair = notes[0].xpath("ancestor::figure//img/@alt")
    assert pair == ["Bram, close shot at 00:00:34.000", "Bram, close shot at 00:00:07.000"]


def test_pairs_around_the_threshold_are_shown_with_their_cosine(document):
    figures = document.xpath("//section[@id='similarity']//figure[@class='card']")
    assert [len(figure.xpath(".//img")) for figure in figures] == [2] * 6
    said = [figure.xpath(".//figcaption/span/text()") for figure in figures]
    assert said == [["0.9600", "left: dropped, right: kept"]] * 6


def test_the_verdict_on_a_nights_model_is_told_with_its_reason():
    ref = ManifestRef(uri="s3://studio/x", count=0, sha256="0" * 64)
    verdict = JudgedModel(
        run_key="night-2",
        model=reports.customized_model(),
        dataset=TrainingSet(
            images=ref, training_uri=ref.uri, training_sha256="", training=5, evaluation=0
        ),
        panels=ref,
        verdict="refused",
        reason="Its consistency is 0.7100, that of the model of night-1 is 0.8000.",
        judged_at="2026-11-20T12:00:00+00:00",
    )
    told = section(parsed(reports.report_facts(verdict=verdict)), "model")
    assert "Refused Its consistency is 0.7100, that of the model of night-1 is 0.8000." in told


def test_a_drawing_with_an_older_model_claims_no_training():
    model = reports.customized_model().model_copy(update={"job_arn": "", "images_seen": 0})
    told = section(
        parsed(reports.report_facts(model=model, settings=DrawingSettings(), training_loss=())),
        "model",
    )
    assert model.model_arn in told
    assert not [word for word in ("steps ×", "Pictures seen", "Job") if word in told]


def test_without_held_out_pictures_the_page_says_that_there_is_no_figure():
    why = "No figure for likeness. Mira: no picture that shows it alone was held out of training."
    measured = reports.measured_storyboard(figures=ConsistencyFigures((), ()), summary=why)
    facts = reports.report_facts(consistency=measured.model_dump(mode="json"))
    assert why in section(parsed(facts), "consistency")


def test_a_prop_has_one_row_of_coverage_and_is_called_one():
    images = tuple(factories.image(k, character="lantern") for k in range(3))
    document = parsed(
        reports.report_facts(production=factories.production_with_prop(), images=images)
    )
    told = section(document, "coverage")
    assert "Old Lantern prop full" in told
    assert "Old Lantern: few pictures (3)." in told
    assert "1 of 4" in text_of(document)


def test_the_board_says_how_a_prompt_or_picture_was_changed():
    note = "The prompt is shortened to the 77 tokens that the model accepts."
    told = section(
        parsed(reports.report_facts(panels=(factories.panel(1, notes=(note,)),))), "storyboard"
    )
    assert note in told


def test_model_consistency_findings_and_sources_are_told(document):
    assert "500 steps × 8 pictures" in section(document, "model")
    assert "Mira 3 of 3 0.85 0.72 to 0.93 0.9 33%" in section(document, "consistency")
    assert "Whole board 4 of 5 0.64 0.40 to 0.82 0.9 33%" in section(document, "consistency")
    assert "Panel 1 copies a training picture of Mira." in section(document, "consistency")
    assert "In the script Mira Pip not found Mira 2 1 0 Pip 0 1 1" in section(
        document, "consistency"
    )
    assert "repeats the trait 'red coat' 1" in section(document, "captions")
    assert "broken.mp4 could not be used: no decodable picture" in section(document, "funnel")
    sources = section(document, "sources")
    assert "CC BY 4.0" in sources
    assert "lantern-keepers.mp4 1280 × 720 48.2 60 48 15 32 9b2cf5" in sources


def test_the_desk_is_named_with_the_reason_for_it():
    chosen = DeskChoice(desk="page", why="chosen because Amazon A2I cannot be used")
    report = cost_factories.preflight().model_copy(update={"desk": chosen})
    told = section(parsed(reports.report_facts(preflight=report)), "review")
    assert f"The review desk is {chosen}." in told


@pytest.mark.parametrize(
    ("facts", "notice"),
    [
        (
            reports.report_facts(run=reports.run_facts(endpoint="http://127.0.0.1:4566")),
            "Not made on AWS. The local endpoint at http://127.0.0.1:4566 replaced the services",
        ),
        (
            reports.report_facts(
                images=(factories.image(1, review=factories.review("without_people")),)
            ),
            "Approved without a review. The run was set to without_people",
        ),
        (
            reports.report_facts(images=(factories.image(1, review=factories.review("auto")),)),
            "Approved without a review.",
        ),
        (
            reports.report_facts(
                images=(factories.image(1, review=factories.review("a2i", "scripted-reviewer")),)
            ),
            "Approved by a script.",
        ),
        (
            reports.report_facts(),
            "1 film could not be used. They are listed below with reasons.",
        ),
        (
            reports.report_facts(
                frames=tuple(factories.frame(k, transparent=k > 0) for k in range(3))
            ),
            "2 frames with transparent parts. They are laid on a neutral grey ground.",
        ),
        (
            reports.report_facts(run=reports.run_facts(status="failed", failure="no quota")),
            "This run failed. no quota",
        ),
        (
            reports.report_facts(receipt=cost_factories.receipt(still_billing=("arn:throughput",))),
            "Resources are still billing. Delete or keep them: arn:throughput",
        ),
    ],
    ids=[
        "stand-in",
        "without people",
        "former name of the desk",
        "scripted",
        "lost film",
        "transparent",
        "failed",
        "still billing",
    ],
)
def test_what_limits_trust_is_said_on_top(facts, notice):
    notices = [text_of(li) for li in parsed(facts).xpath("//ul[@class='notices']/li")]
    assert [n for n in notices if n.startswith(notice)]


def test_a_real_reviewed_run_on_aws_has_no_notice():
    assert parsed(reports.report_facts(lost_videos=())).xpath("//ul[@class='notices']") == []


def test_every_setting_is_told_in_words():
    sources = section(parsed(reports.report_facts()), "sources")
    assert "Exact cuts no" in sources
    assert "Keep model yes" in sources


def test_what_preflight_warned_of_is_unfolded_with_its_remedy():
    def checks(facts: ReportFacts) -> html.HtmlElement:
        return parsed(facts).xpath("//section[@id='sources']//details")[0]

    good = checks(reports.report_facts())
    assert good.get("open") is None
    assert text_of(good) == (
        "Preflight checks 1 check Check State Finding budget pass within the budget"
    )
    report = cost_factories.preflight()
    quota = Check(name="quota", state="warn", finding="1 of 1 used.", remedy="Ask for more.")
    warned = report.model_copy(update={"checks": (*report.checks, quota)})
    told = checks(reports.report_facts(preflight=warned))
    assert told.get("open") is not None
    assert "Preflight checks; see quota 2 checks" in text_of(told)
    assert "quota warn 1 of 1 used. Ask for more." in text_of(told)


def test_the_contents_name_every_section_in_its_order():
    changes = DatasetChanges(
        earlier_run="r", page="dataset/changes.html",
        added=1, removed=0, recropped=0, reassigned=0, recaptioned=0, unchanged=9,
    )  # fmt: skip
    for facts in (reports.report_facts(), reports.report_facts(changes=changes)):
        document = parsed(facts)
        links = [link.removeprefix("#") for link in document.xpath("//nav//@href")]
        assert links == document.xpath("//main/section/@id")
