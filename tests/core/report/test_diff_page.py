"""The page of a dataset diff: complete, escaped, and bounded."""

import re

from lxml import html

from storyboard_ops.core.dataset.diff import diff_datasets
from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.core.report.contact_sheet import ShownPicture, thumbnail
from storyboard_ops.core.report.diff_page import (
    DiffFacts,
    change_groups,
    render_diff,
    wanted_pictures,
)
from storyboard_ops.gateways.include_files import include_text
from tests.material import factories

HOSTILE = '<script>alert(1)</script> "Mira" & {{ 7 * 7 }}'
SMALL = thumbnail(encode_png(factories.picture(1)), ShownPicture("", "", ""))


def facts(before, after, **changes) -> DiffFacts:
    diff = diff_datasets(before, after)
    given = {"production": factories.production(), "earlier_run": "run-1", "later_run": "run-2"}
    return DiffFacts(**{**given, "diff": diff, **changes})


def page(known: DiffFacts) -> str:
    template = include_text("templates/dataset_diff.html.j2")
    return render_diff(known, template, include_text("templates/report.css"))


def test_pictures_stand_before_and_after_with_their_place_and_words():
    before = factories.image(4, caption=factories.caption("Mira waits alone"))
    after = before.model_copy(
        update={
            "image_id": factories.sha("anew"),
            "caption": factories.caption("Mira waits by the sea"),
        }
    )
    thumbnails = {before.image_id: SMALL, after.image_id: SMALL}
    found = html.fromstring(page(facts([before], [after], thumbnails=thumbnails)))
    (card,) = found.xpath('//section[@id="recropped"]//li')
    assert [img.get("data-picture") for img in card.xpath(".//img")] == [
        before.image_id,
        after.image_id,
    ]
    assert card.xpath("string(.//del)") == "alone"
    assert card.xpath("string(.//ins)") == "by the sea"
    assert "lantern-keepers.mp4 00:00:04.000" in card.text_content()


def test_hostile_captions_and_names_are_text():
    hostile = factories.image(1, caption=factories.caption(HOSTILE))
    shown = page(facts([], [hostile], earlier_run=HOSTILE))
    assert "<script" not in shown
    assert HOSTILE in html.fromstring(shown).text_content()


def test_the_page_loads_nothing_and_says_so_to_the_browser():
    shown = page(facts([factories.image(1)], [factories.image(2)]))
    assert "default-src 'none'; img-src data:" in shown
    assert not re.search(r'(?:src|href)="(?!data:|#)', shown)


def test_equal_datasets_make_a_page_too():
    shown = html.fromstring(page(facts([factories.image(1)], [factories.image(1)])))
    assert "hold the same pictures" in shown.text_content()
    assert shown.xpath("//nav") == []


def test_a_long_caption_can_be_scrolled_by_keyboard_in_its_card():
    long = factories.image(1, caption=factories.caption("word " * 200))
    shown = html.fromstring(page(facts([], [long, factories.image(2)])))
    assert [text.get("tabindex") for text in shown.find_class("text")] == ["0", None]


def test_a_change_of_exactly_four_hundred_letters_is_not_scrolled():
    lengths = [
        factories.image(k, caption=factories.caption("x" * n)) for k, n in ((1, 400), (2, 401))
    ]
    shown = html.fromstring(page(facts([], lengths)))
    assert [text.get("tabindex") for text in shown.find_class("text")] == [None, "0"]


def test_of_many_changes_a_bounded_number_is_shown_and_the_rest_counted():
    known = facts([], [factories.image(k) for k in range(150)])
    (group,) = change_groups(known)
    assert (group.total, len(group.shown), group.more) == (150, 120, 30)
    assert len(wanted_pictures(known)) == 120
    assert "and 30 more" in page(known)
