"""Plain text: sections that are scenes, title pages without keys, pages as they were printed."""

from dataclasses import replace

from storyboard_ops.core.script.elements import Kind
from storyboard_ops.core.script.plain import read_plain
from tests.material.screenplays import as_print, long_screenplay


def kinds(text: str) -> list[Kind]:
    return [element.kind for element in read_plain(text)]


def test_in_a_text_of_headings_and_paragraphs_a_section_is_a_scene():
    assert kinds("INT. A\n\nMira runs.\n\n# The quay\n\nPip waits.\n") == [
        Kind.SCENE_HEADING,
        Kind.ACTION,
        Kind.SCENE_HEADING,
        Kind.ACTION,
    ]


def test_without_another_heading_a_section_is_a_scene():
    text = "# The quay\n\nPip waits.\n\nPIP\nHello?\n"
    assert kinds(text)[0] is Kind.SCENE_HEADING


def test_in_a_screenplay_a_section_orders_the_scenes():
    text = "# Act one\n\nINT. A\n\nMira runs.\n\n## A beat\n\nShe stops.\n\nCUT TO:\n"
    assert kinds(text) == [
        Kind.SECTION,
        Kind.SCENE_HEADING,
        Kind.ACTION,
        Kind.SECTION,
        Kind.ACTION,
        Kind.TRANSITION,
    ]


def test_a_section_that_is_a_heading_is_a_scene():
    (heading, _, _) = read_plain("## 4 INT. HOUSE\n\nMira runs.\n\nCUT TO:\n")
    assert (heading.kind, heading.text, heading.number) == (Kind.SCENE_HEADING, "INT. HOUSE", "4")


def test_printed_pages_give_the_elements_of_the_screenplay():
    screenplay = long_screenplay(scenes=24)
    read = read_plain(as_print(screenplay))
    title = [element.text for element in read if element.kind is Kind.TITLE_PAGE]
    marks = [element.text for element in read if element.kind is Kind.PAGE_MARK]
    assert title == ["THE LAMP", "Written by", "N. N."]
    assert marks == [
        mark for page in (1, 2, 3) for mark in ("(CONTINUED)", f"{page}.", "CONTINUED: (2)")
    ]
    rest = [one for one in read if one.kind not in (Kind.TITLE_PAGE, Kind.PAGE_MARK)]
    assert rest[0].text == "FADE IN:"
    assert [replace(one, line=0, number="") for one in rest[1:]] == [
        replace(one, number="") for one in screenplay
    ]
    numbers = [one.number for one in rest if one.kind is Kind.SCENE_HEADING]
    assert numbers == [str(number) for number in range(1, 25)]


def test_a_paragraph_about_a_letter_by_somebody_is_no_title_page():
    text = "A letter written by Mira falls.\n\nBy the sea, Pip waits.\n\nINT. A\n\nMira runs.\n"
    assert kinds(text) == [Kind.ACTION, Kind.ACTION, Kind.SCENE_HEADING, Kind.ACTION]
