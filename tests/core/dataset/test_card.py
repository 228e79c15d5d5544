"""The dataset's card as Markdown, read back by a Markdown parser as a site would show it."""

from lxml import html
from markdown_it import MarkdownIt

from storyboard_ops.core.dataset.card import dataset_card, render_card
from storyboard_ops.core.dataset.split import DatasetSplit
from storyboard_ops.domain.image_records import Drop, ImageRecord
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.gateways.include_files import include_text
from tests import factories

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


def test_one_is_told_as_one():
    text = shown(factories.production(), factories.image(1)).text_content()
    assert "1 picture of 3 characters, approved" in text
    assert "The pictures come from 1 shot." in text
