"""The dataset's card as Markdown, read back by a Markdown parser as a site would show it."""

from lxml import html
from markdown_it import MarkdownIt

from storyboard_ops.core.dataset.card import _code, dataset_card, render_card
from storyboard_ops.core.dataset.split import DatasetSplit
from storyboard_ops.domain.image_records import Drop, ImageRecord
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.gateways.include_files import include_text
from tests.material import factories

FILES = ("train.jsonl", "labels.jsonl", "kohya.toml", "ai_toolkit.yaml", "lineage.csv")
HOSTILE = "**b** _i_ `c` [x](y) | <script>1</script> &lt; ~~s~~ \\"
FILM = f"{factories.WORKSPACE}/videos/take `7`|final.mp4"


def shown(production: Production, *images: ImageRecord) -> html.HtmlElement:
    """The page of a dataset of these pictures, in which HTML would be live."""
    split = DatasetSplit(training=tuple(image.image_id for image in images), evaluation=())
    card = dataset_card(
        "run-1", production, factories.settings(), images, split, "", dict.fromkeys(FILES, "")
    )
    page = render_card(card, include_text("templates/dataset_card.md.j2"))
    site = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return html.fromstring(site.render(page))


def hostile_page() -> html.HtmlElement:
    cast = [character.model_dump() for character in factories.production().characters]
    cast[0]["name"] = HOSTILE
    source = {"title": HOSTILE, "licence": HOSTILE, "attribution": HOSTILE}
    production = factories.production(
        production=HOSTILE, style=HOSTILE, characters=cast, source=source
    )
    refused = factories.rejected(2)
    review = refused.review.model_copy(update={"reviewer": HOSTILE}) if refused.review else None
    drop = Drop(stage="review", reason="rejected", detail=HOSTILE)
    return shown(
        production,
        factories.image(
            1, caption=factories.caption("x", HOSTILE), frame=factories.frame(1, uri=FILM)
        ),
        refused.model_copy(update={"review": review, "dropped": drop}),
    )


def test_names_and_findings_cannot_become_markup():
    page = hostile_page()
    assert page.xpath("//script | //a | //em | //strong | //s") == []
    assert page.xpath("string(//h1)") == f"{HOSTILE}: character pictures with captions"
    cells = page.xpath("//td[2]/text()")
    assert cells[:4] == [HOSTILE] * 4
    told = "\n".join(page.xpath("//li//text()"))
    for line in ("review: 1 rejected", f"{HOSTILE} (a2i): 1 rejected", f"1 × {HOSTILE}"):
        assert line in told


def test_a_film_keeps_its_name_in_its_cell():
    assert FILM in hostile_page().xpath("//td/code/text()")


def test_code_stands_between_more_backticks_than_it_contains():
    assert _code("film.mp4") == "`film.mp4`"
    assert _code("a`b") == "`` a`b ``"
    assert _code("a`b``c") == "``` a`b``c ```"


def test_one_is_told_as_one():
    text = shown(factories.production(), factories.image(1)).text_content()
    assert "1 picture of 3 characters, approved" in text
    assert "The pictures come from 1 shot." in text


def test_the_card_counts_what_is_in_and_what_was_left_out():
    edited = factories.caption("Mira waits", "too short: 10 characters")
    edited = edited.model_copy(update={"editor": "ben"})
    images = (
        factories.image(5),  # of the factory: enlarged by 40 %
        factories.image(6, caption=edited),
        factories.image(13, "pip"),
        factories.image(14, "pip", caption=None),
        factories.near_duplicate(40),
        factories.rejected(7, reason="blurred"),
    )
    split = DatasetSplit(training=tuple(i.image_id for i in images[:3]), evaluation=("e",))
    card = dataset_card(
        "run-1", factories.production(), factories.settings(), images, split, "digest", {}
    )
    assert (card.pictures, card.training, card.evaluation, card.shots) == (4, 3, 1, 2)
    assert (card.enlarged, card.edited_captions) == (1, 1)
    assert card.caption_findings == {"too short: 10 characters": 1}
    assert card.left_out == {"duplicate": {"near-duplicate": 1}, "review": {"rejected": 1}}
    assert card.characters["Pip"] == {"full": 0, "medium": 2, "close": 0}
    assert [(count.reviewer, count.decision, count.pictures) for count in card.reviews] == [
        ("dana", "approve", 4), ("ilse", "reject", 1),
    ]  # fmt: skip
    assert {(gap.character, gap.framing, gap.pictures) for gap in card.gaps} >= {
        ("pip", "medium", 2), ("bram", "full", 0),
    }  # fmt: skip


def test_the_most_frequent_comes_first_and_equal_ones_by_name():
    said = [("b",), ("a",), ("c", "b")]
    images = [
        factories.image(k, caption=factories.caption("x", *texts)) for k, texts in enumerate(said)
    ]
    card = dataset_card(
        "r", factories.production(), factories.settings(), images,
        DatasetSplit(training=(), evaluation=()), "", {},
    )  # fmt: skip
    assert list(card.caption_findings.items()) == [("b", 2), ("a", 1), ("c", 1)]
