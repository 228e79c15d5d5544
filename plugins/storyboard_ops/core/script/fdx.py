"""Final Draft: a screenplay as XML, whose paragraphs say what they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from xml.etree.ElementTree import Element as Node
from xml.etree.ElementTree import ParseError, XMLParser

from storyboard_ops.core.script.elements import Element, Kind
from storyboard_ops.core.script.forms import (
    forced_heading,
    is_label,
    is_page_mark,
    is_transition,
    read_cue,
    read_heading,
)
from storyboard_ops.domain.bounded_text import shorten
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.input_limits import MOST_SHOWN_VALUE

_KINDS = {
    "scene heading": Kind.SCENE_HEADING,
    "action": Kind.ACTION,
    "general": Kind.ACTION,
    "shot": Kind.ACTION,
    "character": Kind.CHARACTER,
    "parenthetical": Kind.PARENTHETICAL,
    "dialogue": Kind.DIALOGUE,
    "transition": Kind.TRANSITION,
    "lyrics": Kind.LYRICS,
    "singing": Kind.LYRICS,
    "synopsis": Kind.SYNOPSIS,
    "section": Kind.SECTION,
    "sequence": Kind.SECTION,
    "new act": Kind.LABEL,
    "end of act": Kind.LABEL,
    "act break": Kind.LABEL,
    "cold opening": Kind.LABEL,
    "show/ep. title": Kind.TITLE_PAGE,
    "cast list": Kind.LABEL,
}
#: Final Draft numbers the levels of its outline: "Outline 1" and so on.
_OUTLINE = "outline"


def is_fdx(text: str) -> bool:
    """Whether a text is a Final Draft file."""
    return "<FinalDraft" in text[:2_000] and text.lstrip("\ufeff \t\r\n").startswith("<")


def read_fdx(text: str, what: str) -> list[Element]:
    """Read a screenplay; ``line`` of an element counts the paragraphs that are not empty.

    ``what`` names the file in errors. Raises BadInput when it is not well formed, or declares a
    document type or entities: Final Draft writes neither, and their text may grow without bounds.
    """
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise BadInput(
            f"{what} declares a document type or entities, which Final Draft does not write and "
            "which are not read. Export it again from Final Draft."
        )
    parser = XMLParser()
    try:
        parser.feed(text.lstrip())
        root = parser.close()
    except ParseError as error:
        raise BadInput(
            f"{what} is not well-formed XML: {shorten(str(error), MOST_SHOWN_VALUE)}. Export it "
            "again from Final Draft."
        ) from None
    return [
        replace(element, line=position) for position, element in enumerate(_elements(root), start=1)
    ]


def _elements(root: Node) -> Iterator[Element]:
    for paragraph in root.findall("TitlePage/Content/Paragraph"):
        if text := _text(paragraph):
            yield Element(Kind.TITLE_PAGE, text, 0)
    for paragraph in root.findall("Content/Paragraph"):
        yield from _paragraph(paragraph)


def _paragraph(paragraph: Node) -> Iterator[Element]:
    if paragraph.get("StartsNewPage") == "Yes":
        yield Element(Kind.PAGE_BREAK, "", 0)
    yield from _own(paragraph)
    for summary in paragraph.findall("SceneProperties/Summary"):
        if text := _all_text(summary):
            yield Element(Kind.SYNOPSIS, text, 0)
    for note in paragraph.findall("ScriptNote"):
        if text := _all_text(note):
            yield Element(Kind.NOTE, text, 0)
    cues = 0
    for spoken in paragraph.findall("DualDialogue/Paragraph"):
        for element in _own(spoken):
            cues += element.kind is Kind.CHARACTER
            yield replace(element, dual=element.kind is Kind.CHARACTER and cues > 1)


def _own(paragraph: Node) -> Iterator[Element]:
    """Yield the element that a paragraph's own text is, if it has any."""
    text = _text(paragraph)
    if not text:
        return
    form = (paragraph.get("Type") or "General").strip().lower()
    kind = Kind.SECTION if form.startswith(_OUTLINE) else _KINDS.get(form, Kind.ACTION)
    if kind is Kind.SCENE_HEADING:
        yield _heading(text, paragraph.get("Number") or "")
    elif kind is Kind.CHARACTER:
        yield read_cue(text, 0, forced=True) or Element(kind, text, 0)
    elif kind is Kind.ACTION:
        yield _action(text, paragraph)
    else:
        yield Element(kind, text, 0)


def _heading(text: str, number: str) -> Element:
    heading = read_heading(text, 0) or forced_heading(text, 0)
    if is_label(heading.text):
        return Element(Kind.LABEL, heading.text, 0)
    return replace(heading, number=number or heading.number)


def _action(text: str, paragraph: Node) -> Element:
    """Writers leave headings, transitions and labels in the form of an action, too."""
    if paragraph.get("Alignment") == "Center":
        return Element(Kind.CENTERED, text, 0)
    if is_transition(text):
        return Element(Kind.TRANSITION, text, 0)
    if is_label(text):
        return Element(Kind.LABEL, text, 0)
    if is_page_mark(text):
        return Element(Kind.PAGE_MARK, text, 0)
    return read_heading(text, 0, alone=False) or Element(Kind.ACTION, text, 0)


def _text(paragraph: Node) -> str:
    """Return a paragraph's own text; notes and properties within it have their own."""
    return " ".join("".join(run.text or "" for run in paragraph.findall("Text")).split())


def _all_text(node: Node) -> str:
    return " ".join("".join(node.itertext()).split())
