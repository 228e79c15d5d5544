"""Which format a script is in, and its text."""

from __future__ import annotations

import codecs
from pathlib import PurePosixPath
from typing import Literal

from storyboard_ops.core.script.elements import Element
from storyboard_ops.core.script.fdx import is_fdx, read_fdx
from storyboard_ops.core.script.fountain import read_fountain
from storyboard_ops.core.script.plain import read_plain
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.input_limits import MOST_SCRIPT_LINES

Format = Literal["Final Draft", "Fountain", "text"]

#: Endings of files in Fountain, where ``#`` is a section whatever else the text has.
_FOUNTAIN = frozenset({".fountain", ".spmd"})

_NOT_TEXT = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a package, as Word, Highland, Fade In and Celtx write",
    b"\xd0\xcf\x11\xe0": "a document of an old version of Word",
    b"{\\rtf": "an RTF document",
}
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decode_script(body: bytes, what: str) -> str:
    """Return the text of a script in UTF-8 or UTF-16, or in the former code page of Windows.

    ``what`` names the file in errors. Raises BadInput for files that contain no plain text.
    """
    for start, name in _NOT_TEXT.items():
        if body.startswith(start):
            raise BadInput(
                f"{what} is {name}, not a script in text. Export it as Fountain, as Final Draft "
                "(.fdx) or as plain text."
            )
    return decode_text(body)


def decode_text(body: bytes) -> str:
    """Return a text in UTF-8 or UTF-16, or in the former code page of Windows."""
    if body.startswith(_UTF_16):
        return body.decode("utf-16", "replace")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def read_elements(text: str, what: str) -> tuple[Format, list[Element]]:
    """Read a script by its content: Final Draft's XML, or else text, with marks of Fountain or not.

    ``what`` is its name; one that ends in ``.fountain`` says that the marks are Fountain's. Raises
    BadInput, naming the file, when it has more than MOST_SCRIPT_LINES lines,
    paragraphs or notes, or is XML that cannot be read.
    """
    notes = text.count("[[") + text.count("/*")
    lines = max(len(text.splitlines()), text.count("<Paragraph"), notes)
    if lines > MOST_SCRIPT_LINES:
        raise BadInput(
            f"{what} has {lines:,} lines, paragraphs or notes; at most {MOST_SCRIPT_LINES:,} are "
            "read. Split the script."
        )
    if is_fdx(text):
        return "Final Draft", read_fdx(text, what)
    if PurePosixPath(what).suffix.casefold() in _FOUNTAIN:
        return "Fountain", read_fountain(text)
    return "text", read_plain(text)
