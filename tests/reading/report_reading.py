"""A report as a test reads it: rendered, parsed, and told in words."""

from __future__ import annotations

from lxml import html

from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.core.report.contact_sheet import thumbnail, wanted_pictures
from storyboard_ops.core.report.facts.report_facts import ReportFacts
from storyboard_ops.core.report.page import render_report
from storyboard_ops.core.storyboard.board import arrange_board
from storyboard_ops.gateways.include_files import include_text
from tests.material import factories


def page_of(facts: ReportFacts) -> str:
    return render_report(
        facts, include_text("templates/report.html.j2"), include_text("templates/report.css")
    )


def with_thumbnails(facts: ReportFacts) -> ReportFacts:
    png = encode_png(factories.picture(1))
    wanted = wanted_pictures(facts, arrange_board(facts.panels or ()))
    return facts.model_copy(update={"thumbnails": {p.key: thumbnail(png, p) for p in wanted}})


def parsed(facts: ReportFacts) -> html.HtmlElement:
    return html.document_fromstring(page_of(facts))


def text_of(node: html.HtmlElement) -> str:
    return " ".join(" ".join(node.itertext()).split())


def section(document: html.HtmlElement, name: str) -> str:
    return text_of(document.get_element_by_id(name))
