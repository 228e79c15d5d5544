"""The report page: the numbers it shows, what it hides from nobody, and that it is safe to open."""

import re
from itertools import pairwise

import pytest
from lxml import html

from storyboard_ops.core.report import page
from storyboard_ops.core.report.contact_sheet import contact_sheets, thumbnail, wanted_pictures
from storyboard_ops.core.storyboard.board import arrange_board
from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.image_records import Drop
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.preflight.preflight_report import Check
from storyboard_ops.domain.report.report_facts import DatasetChanges, ReportFacts
from storyboard_ops.domain.review.review_records import CostConsent
from storyboard_ops.domain.settings.model import DrawingSettings
from storyboard_ops.domain.training.retraining_records import JudgedModel
from tests.material import cost_factories, factories
from tests.reading.report_reading import page_of, parsed, section, text_of, with_thumbnails


@pytest.fixture(scope="module")
def document() -> html.HtmlElement:
    return parsed(with_thumbnails(factories.report_facts()))


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
    facts = factories.report_facts()
    both = facts.settings.model_copy(update={"detectors": ["multimodal", "labels"]})
    told = section(parsed(facts.model_copy(update={"settings": both})), "funnel")
    assert "Triage saved 24 paid calls: no detector ran on" in told
    kept = tuple(frame for frame in facts.frames if frame.dropped is None)
    assert "Triage" not in section(parsed(facts.model_copy(update={"frames": kept})), "funnel")


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


def test_decisions_costs_and_receipt_are_tables(document):
    assert "dana a2i approve – 32" in section(document, "review")
    assert "ilse a2i reject wrong character 3" in section(document, "review")
    cost = section(document, "cost")
    assert "Training amazon.nova-canvas-v1:0 $20.00 $20.00 4,000 training image $0.005 low" in cost
    assert "$0.40 $0.33 412,000 input token $0.80 a million" in cost
    assert "amazon.nova-lite-v1:0 – not priced 900 input token – no price known" in cost
    assert "as of 2026-11-22" in cost
    assert "Total of what has a price $80.98 $80.91" in cost
    assert (
        "Custom model storyboard-custom-model-1f2e3d4c : $1.95 per month, kept on purpose until "
        "it is deleted"
    ) in cost
    receipt = section(document, "receipt")
    assert "deleted 20 November 2026, 12:10 UTC" in receipt
    assert "0.00 h $1.95 per month kept on purpose" in receipt
    assert "Prices as of 2026-11-22." in receipt
    assert "kept on purpose (keep_model)" in receipt


@pytest.mark.parametrize(
    ("amount", "said"),
    [(4000.0, "4,000 month"), (1.5, "1.5 month"), (9e-06, "< 0.001 month"), (0.0, "0.00 h $1.95")],
)
def test_an_amount_is_told_as_people_write_it(amount, said):
    bought = cost_factories.resource("custom model", unit="month", usd_per_unit=1.95, amount=amount)
    receipt = cost_factories.receipt(resources=(bought,))
    document = parsed(factories.report_facts(receipt=receipt))
    assert said in section(document, "receipt")


def test_the_verdict_on_a_nights_model_is_told_with_its_reason():
    ref = ManifestRef(uri="s3://studio/x", count=0, sha256="0" * 64)
    verdict = JudgedModel(
        run_key="night-2",
        model=factories.customized_model(),
        dataset=TrainingSet(
            images=ref, training_uri=ref.uri, training_sha256="", training=5, evaluation=0
        ),
        panels=ref,
        verdict="refused",
        reason="Its consistency is 0.7100, that of the model of night-1 is 0.8000.",
        judged_at="2026-11-20T12:00:00+00:00",
    )
    told = section(parsed(factories.report_facts(verdict=verdict)), "model")
    assert "Refused Its consistency is 0.7100, that of the model of night-1 is 0.8000." in told


def test_a_drawing_with_an_older_model_claims_no_training():
    model = factories.customized_model().model_copy(update={"job_arn": "", "images_seen": 0})
    told = section(
        parsed(factories.report_facts(model=model, settings=DrawingSettings(), training_loss=())),
        "model",
    )
    assert model.model_arn in told
    assert not [word for word in ("steps ×", "Pictures seen", "Job") if word in told]


def test_model_consistency_findings_and_sources_are_told(document):
    assert "500 steps × 8 pictures" in section(document, "model")
    assert "Mira 3 0.81 0.88 0.12 0.84" in section(document, "consistency")
    assert "Whole board – 0.79 – 0.14 0.84" in section(document, "consistency")
    assert "repeats the trait 'red coat' 1" in section(document, "captions")
    assert "broken.mp4 could not be used: no decodable picture" in section(document, "funnel")
    sources = section(document, "sources")
    assert "CC BY 4.0" in sources
    assert "lantern-keepers.mp4 1280 × 720 48.2 60 48 15 32 9b2cf5" in sources


def test_the_page_fetches_nothing(document):
    addresses = [
        value
        for attribute in ("src", "href", "srcset", "data", "action", "poster")
        for value in document.xpath(f"//@{attribute}")
    ]
    assert addresses
    assert {a for a in addresses if not a.startswith(("data:image/webp;base64,", "#"))} == set()
    styles = " ".join(document.xpath("//style/text() | //@style"))
    assert "@import" not in styles
    assert re.findall(r"url\((?!#)", styles) == []
    assert document.xpath("//script | //link | //iframe | //object") == []
    policy = document.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]


def test_every_id_is_there_once_and_every_link_leads_somewhere(document):
    ids = document.xpath("//@id")
    assert len(ids) == len(set(ids))
    targets = {a.removeprefix("#") for a in document.xpath("//@href | //@aria-labelledby")}
    assert targets <= set(ids)


def test_screen_readers_find_landmarks_headings_and_alternatives(document):
    assert document.get("lang") == "en"
    for landmark in ("header", "nav", "main", "footer"):
        assert document.xpath(f"//{landmark}"), landmark
    assert len(document.xpath("//h1")) == 1
    levels = [int(h.tag[1]) for h in document.iter("h1", "h2", "h3", "h4")]
    assert all(deeper - level <= 1 for level, deeper in pairwise(levels))
    assert document.xpath("//main//img[not(@alt) or @alt='']") == []
    assert document.xpath("//*[@class='plot'][not(@aria-label)]") == []
    assert document.xpath("//body/a[1]/@href") == ["#main"]


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{ 7 * 7 }}"


def hostile_facts() -> ReportFacts:
    cast = [
        character.model_dump() | {"name": HOSTILE[:60], "description": HOSTILE}
        for character in factories.production().characters
    ]
    drop = Drop(stage="review", reason="rejected", detail=HOSTILE)
    review = factories.rejected(3).review
    assert review is not None
    return factories.report_facts(
        production=factories.production(production=HOSTILE, characters=cast),
        run=factories.run_facts(status="failed", failure=HOSTILE, endpoint=HOSTILE),
        images=(
            factories.image(1, caption=factories.caption(HOSTILE, HOSTILE)),
            factories.image(
                2, dropped=drop,
                review=review.model_copy(update={"reason": HOSTILE, "reviewer": HOSTILE}),
            ),
        ),
        panels=(factories.panel(1, HOSTILE, description=HOSTILE, prompt=HOSTILE),),
        missing={"crops": HOSTILE},
        crop_drops=None,
    )  # fmt: skip


def test_names_captions_and_reasons_cannot_become_markup():
    document = parsed(hostile_facts())
    assert document.xpath("//script") == []
    assert document.xpath("//img[@onerror]") == []
    assert HOSTILE in document.xpath("//h1/text()")[0]
    assert "49" not in document.xpath("//h1/text()")[0]


@pytest.mark.parametrize(
    ("facts", "notice"),
    [
        (
            factories.report_facts(run=factories.run_facts(endpoint="http://127.0.0.1:4566")),
            "Not made on AWS. The local endpoint at http://127.0.0.1:4566 replaced the services",
        ),
        (
            factories.report_facts(images=(factories.image(1, review=factories.review("auto")),)),
            "Approved without a review. The review desk was auto",
        ),
        (
            factories.report_facts(
                images=(factories.image(1, review=factories.review("a2i", "scripted-reviewer")),)
            ),
            "Approved by a script.",
        ),
        (factories.report_facts(), "1 film could not be used. They are listed below with reasons."),
        (
            factories.report_facts(run=factories.run_facts(status="failed", failure="no quota")),
            "This run failed. no quota",
        ),
        (
            factories.report_facts(
                receipt=cost_factories.receipt(still_billing=("arn:throughput",))
            ),
            "Resources are still billing. Delete or keep them: arn:throughput",
        ),
    ],
    ids=["stand-in", "auto desk", "scripted", "lost film", "failed", "still billing"],
)
def test_what_limits_trust_is_said_on_top(facts, notice):
    notices = [text_of(li) for li in parsed(facts).xpath("//ul[@class='notices']/li")]
    assert [n for n in notices if n.startswith(notice)]


def test_a_real_reviewed_run_on_aws_has_no_notice():
    assert parsed(factories.report_facts(lost_videos=())).xpath("//ul[@class='notices']") == []


def test_every_setting_is_told_in_words():
    sources = section(parsed(factories.report_facts()), "sources")
    assert "Exact cuts no" in sources
    assert "Keep model yes" in sources


def test_what_preflight_warned_of_is_unfolded_with_its_remedy():
    def checks(facts: ReportFacts) -> html.HtmlElement:
        return parsed(facts).xpath("//section[@id='sources']//details")[0]

    good = checks(factories.report_facts())
    assert good.get("open") is None
    assert text_of(good) == (
        "Preflight checks 1 check Check State Finding budget pass within the budget"
    )
    report = cost_factories.preflight()
    quota = Check(name="quota", state="warn", finding="1 of 1 used.", remedy="Ask for more.")
    warned = report.model_copy(update={"checks": (*report.checks, quota)})
    told = checks(factories.report_facts(preflight=warned))
    assert told.get("open") is not None
    assert "Preflight checks; see quota 2 checks" in text_of(told)
    assert "quota warn 1 of 1 used. Ask for more." in text_of(told)


def test_the_contents_name_every_section_in_its_order():
    changes = DatasetChanges(
        earlier_run="r", page="dataset/changes.html",
        added=1, removed=0, recropped=0, reassigned=0, recaptioned=0, unchanged=9,
    )  # fmt: skip
    for facts in (factories.report_facts(), factories.report_facts(changes=changes)):
        document = parsed(facts)
        links = [link.removeprefix("#") for link in document.xpath("//nav//@href")]
        assert links == document.xpath("//main/section/@id")


def test_a_text_that_is_long_can_be_scrolled_by_keyboard_in_its_card():
    long = factories.caption("word " * 200)
    shown = parsed(factories.report_facts(images=(factories.image(1, caption=long),)))
    assert [t.get("tabindex") for t in shown.find_class("tall")] == ["0"]
    assert parsed(factories.report_facts()).find_class("tall") == []


def test_equal_facts_give_equal_pages():
    assert page_of(factories.report_facts()) == page_of(factories.report_facts())


@pytest.mark.long
def test_ten_thousand_pictures_stay_under_fifteen_megabytes():
    noise = factories.noise(1280, 720)
    facts = factories.large_report_facts(pictures=10_000, panels=200)
    wanted = wanted_pictures(facts, arrange_board(facts.panels or ()))
    one_of_each = {p.side: p for p in wanted}
    by_size = {side: thumbnail(noise, picture) for side, picture in one_of_each.items()}
    thumbnails = {p.key: by_size[p.side] for p in wanted}
    whole = page_of(facts.model_copy(update={"thumbnails": thumbnails}))
    assert len(whole.encode()) < 15_000_000
    document = html.document_fromstring(whole)
    assert "more pictures of Mira" in section(document, "characters")
    assert "more in dataset/" in section(document, "characters")
    assert "and 128 more in the PDF" in section(document, "storyboard")


def test_who_agreed_to_a_sum_above_the_budget_stands_on_the_receipt():
    consent = CostConsent(
        usd=312.4, agreed=True, by="ana", at="2026-11-20T10:15:00+00:00", where="approval page"
    )
    receipt = cost_factories.receipt().model_copy(update={"consent": consent})
    document = parsed(factories.report_facts(receipt=receipt))
    assert (
        "ana approved $312.40, which is above the budget, 20 November 2026, 10:15 UTC "
        "(approval page)."
    ) in section(document, "receipt")


@pytest.mark.parametrize(
    ("usd", "said"),
    [
        (0.0, "$0.00"),
        (0.01, "$0.01"),
        (0.00999, "$0.01"),
        (0.00994, "$0.0099"),
        (0.0012, "$0.0012"),
        (1234.5, "$1,234.50"),
    ],
)
def test_dollars_are_told_to_the_cent_and_less_to_two_digits(usd, said):
    assert page._usd(usd) == said


@pytest.mark.parametrize(
    ("usd", "said"), [(0.001, "$0.001"), (0.00099, "$990.00 a million"), (8e-7, "$0.80 a million")]
)
def test_the_price_of_next_to_nothing_is_told_by_the_million(usd, said):
    assert page._unit_price(usd) == said


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (100.0, "100"),
        (99.96, "100"),
        (99.94, "99.9"),
        (0.001, "0.001"),
        (0.0009, "< 0.001"),
        (0.0, "0"),
    ],
)
def test_three_digits_of_an_amount_are_told_below_a_hundred(amount, said):
    assert page._amount(amount) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "–"), (float("nan"), "–"), (True, "yes"), (False, "no"), (0.12345, "0.123"),
        (3.0, "3"), (3, "3"), ([1.5, None], "1.5, –"), ("a", "a"),
    ],
)  # fmt: skip
def test_a_cell_is_told_by_its_kind(value, said):
    assert page._figure(value) == said


def tones(facts: ReportFacts) -> dict[str, tuple[str, str, str]]:
    board = arrange_board(facts.panels or ())
    return {one.label: (one.value, one.note, one.tone) for one in page.key_figures(facts, board)}


def test_a_key_figure_is_good_when_nothing_is_missing():
    bills = cost_factories.receipt(still_billing=("arn:1", "arn:2"))
    drawn = (factories.panel(1), factories.panel(2))
    only_mira = tuple(factories.image(k, "mira") for k in range(3))
    shown = tones(factories.report_facts(images=only_mira, panels=drawn, receipt=bills))
    assert shown["characters"] == ("1 of 3", "have pictures", "bad")
    assert shown["panels drawn"] == ("2 of 2", "0:06 min in 1 scene", "good")
    assert shown["still billing"] == ("2", "by the receipt", "bad")
    whole = tones(factories.report_facts())
    assert whole["characters"] == ("3 of 3", "have pictures", "good")
    assert whole["panels drawn"] == ("2 of 3", "0:11 min in 2 scenes", "bad")
    assert whole["still billing"] == ("nothing", "by the receipt", "good")
    assert whole["approved pictures"] == ("32", "of 41 cut out", "")


def test_what_the_cost_is_measured_by():
    facts = factories.report_facts()
    by_label = tones(facts)
    assert by_label["cost so far, at least"] == ("$80.91", "of $80.98 expected", "")
    goes_on = facts.model_copy(update={"receipt": None})
    assert tones(goes_on)["cost so far"][1] == "and about $80.98 to come"
    unplanned = facts.model_copy(update={"preflight": None})
    assert tones(unplanned)["cost so far, at least"][1] == "by prices of 2026-11-22"


def test_the_head_of_the_page_shows_seven_pictures_by_turns(document):
    assert len(document.xpath("//header//img")) == 7
    shown = page._hero(contact_sheets(factories.report_facts()))
    cast = ["Mira", "Bram", "Pip", "Mira", "Bram", "Pip", "Mira"]
    assert [picture.alt.split(",")[0] for picture in shown] == cast


def test_exactly_four_hundred_letters_are_not_scrolled():
    images = tuple(
        factories.image(k, "mira", caption=factories.caption("x" * n))
        for k, n in ((1, 400), (2, 401))
    )
    shown = parsed(factories.report_facts(images=images))
    assert len(shown.find_class("tall")) == 1


def test_fifteen_pictures_of_a_character_are_seen_at_once():
    images = tuple(factories.image(k, "mira") for k in range(20))
    mira = parsed(factories.report_facts(images=images)).xpath("//section[@class='character']")[0]
    assert len(mira.xpath(".//details//figure")) == 5


def test_a_curve_needs_two_points_and_appearances_one_film():
    facts = factories.report_facts()
    assert page._loss_plot(facts.model_copy(update={"training_loss": ((0, 1.0),)})) == ""
    two = facts.model_copy(update={"training_loss": ((0, 1.0), (1, 0.5))})
    assert page._loss_plot(two).startswith("<svg")
    assert page._appearance_plot(facts).startswith("<svg")
    other = factories.image(5, frame=factories.frame(5, uri=f"{factories.VIDEO_URI}.2"))
    films = facts.model_copy(update={"images": (factories.image(4), other)})
    assert page._appearance_plot(films) == ""
    assert page._similarity_plot(facts.model_copy(update={"images": ()})) == ""
    alone = facts.model_copy(update={"images": (factories.near_duplicate(40),)})
    assert page._similarity_plot(alone).startswith("<svg")


def test_appearances_are_told_in_words_too():
    images = (factories.image(2), factories.image(65), factories.image(30, "pip"))
    told = page._appearances(factories.report_facts(images=images))
    assert told == "Mira 2 pictures, 0:02 to 1:05; Bram 0 pictures; Pip 1 pictures, 0:30 to 0:30"
