"""The markup of the report page: safe to open, complete, accessible, and small enough to send."""

import re
from itertools import pairwise

import pytest
from lxml import html

from storyboard_ops.core.report.contact_sheet import thumbnail, wanted_pictures
from storyboard_ops.core.report.facts.report_facts import ReportFacts
from storyboard_ops.core.storyboard.board import arrange_board
from storyboard_ops.domain.image_records import Drop
from tests.material import factories, reports
from tests.reading.report_reading import page_of, parsed, section


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
        character.model_dump() | {"name": f"{number}{HOSTILE[:59]}", "description": HOSTILE}
        for number, character in enumerate(factories.production().characters)
    ]
    drop = Drop(stage="review", reason="rejected", detail=HOSTILE)
    review = factories.rejected(3).review
    assert review is not None
    return reports.report_facts(
        production=factories.production(production=HOSTILE, characters=cast),
        run=reports.run_facts(status="failed", failure=HOSTILE, endpoint=HOSTILE),
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


def test_a_text_that_is_long_can_be_scrolled_by_keyboard_in_its_card():
    long = factories.caption("word " * 200)
    shown = parsed(reports.report_facts(images=(factories.image(1, caption=long),)))
    assert [t.get("tabindex") for t in shown.find_class("tall")] == ["0"]
    assert parsed(reports.report_facts()).find_class("tall") == []


def test_exactly_four_hundred_letters_are_not_scrolled():
    images = tuple(
        factories.image(k, "mira", caption=factories.caption("x" * n))
        for k, n in ((1, 400), (2, 401))
    )
    shown = parsed(reports.report_facts(images=images))
    assert len(shown.find_class("tall")) == 1


def test_equal_facts_give_equal_pages():
    assert page_of(reports.report_facts()) == page_of(reports.report_facts())


@pytest.mark.long
def test_ten_thousand_pictures_stay_under_fifteen_megabytes():
    noise = factories.noise(1280, 720)
    facts = ReportFacts(**reports.long_run(pictures=10_000, panels=200))
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
