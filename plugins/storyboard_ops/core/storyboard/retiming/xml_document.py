"""Parse XML from outside within bounds."""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError, XMLParser

from storyboard_ops.domain.bounded_text import shorten
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.input_limits import MOST_SHOWN_VALUE


def parse_xml(text: str, what: str) -> Element:
    """Return the root of a document; raises BadInput, naming it by ``what``, when it is none."""
    if "<!ENTITY" in text:  # their text may grow without bounds
        raise BadInput(
            f"{what} declares entities, which no editor writes and which are not read. Export the "
            "sequence again."
        )
    parser = XMLParser()
    try:
        parser.feed(text.lstrip())
        return parser.close()
    except ParseError as error:
        raise BadInput(
            f"{what} is not well-formed XML: {shorten(str(error), MOST_SHOWN_VALUE)}. Export the "
            "sequence again."
        ) from None
