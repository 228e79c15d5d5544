"""Make the text that is copied from a PDF equal to the text that was set.

Typst draws a letter in several parts where its marks are above or below the line (Arabic dots,
Thai vowels, Hebrew points), and gives each part the text of the whole letter, so that a reader
finds the letter several times. Here one part keeps the text, and the others get an empty
``ActualText``. From right to left the text of a letter with marks is written backwards, because
readers turn such words round code point by code point. What is drawn stays as it is.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    ContentStream,
    DictionaryObject,
    NameObject,
    TextStringObject,
)

Operation = tuple[Any, bytes]
Texts = Mapping[int, str]  # text by glyph of one font

SHOWS = (b"Tj", b"TJ")
_MAPPED = re.compile(r"<([0-9A-F]{4})> <([0-9A-F]+)>\n")


def correct_copied_text(pdf: bytes) -> bytes:
    """Return an untagged PDF of Typst in which every letter is found once, in its order."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf)))
    known: dict[int, Texts] = {}
    for page in writer.pages:
        resources: Any = page["/Resources"]
        fonts = resources.get("/Font", {})
        for name in fonts:
            known.setdefault(fonts.raw_get(name).idnum, _texts_by_glyph(fonts[name]))
        texts = {name: known[fonts.raw_get(name).idnum] for name in fonts}
        content = ContentStream(page.get_contents(), writer)
        content.operations = [*_corrected(content.operations, texts)]
        page.replace_contents(content)
        page.compress_content_streams()
    corrected = io.BytesIO()
    writer.write(corrected)
    return corrected.getvalue()


def _texts_by_glyph(font: DictionaryObject) -> Texts:
    """Return what the ToUnicode table of a font says."""
    table = font["/ToUnicode"].get_data().decode("latin-1") if "/ToUnicode" in font else ""  # type: ignore[attr-defined]
    return {
        int(glyph, 16): bytes.fromhex(text).decode("utf-16-be", "replace")
        for glyph, text in _MAPPED.findall(table)
    }


@dataclass
class _Unit:
    """Glyphs of one text object that share a text, in the order in which they are drawn."""

    text: str
    original: list[Operation] = field(default_factory=list)
    new_texts: list[str] | None = None  # of each glyph, where they differ from the original

    @property
    def shows(self) -> list[Operation]:
        """Operations that show one glyph each."""
        return [show for one in self.original if one[1] in SHOWS for _, show in _glyphs(one)]

    def operations(self) -> Iterator[Operation]:
        if self.new_texts is None:
            yield from self.original
            return
        texts = iter(self.new_texts)
        for operation in self.original:
            if operation[1] in SHOWS:
                for _, show in _glyphs(operation):
                    properties = {NameObject("/ActualText"): TextStringObject(next(texts))}
                    yield [NameObject("/Span"), DictionaryObject(properties)], b"BDC"
                    yield show
                    yield [], b"EMC"
            elif operation[1] not in (b"BDC", b"EMC"):
                yield operation


@dataclass
class _TextObject:
    """Operations from BT to ET, the glyphs among them as units."""

    x: float
    y: float
    size: float = 0
    entries: list[_Unit | Operation] = field(default_factory=list)

    @property
    def units(self) -> list[_Unit]:
        return [entry for entry in self.entries if isinstance(entry, _Unit)]

    def is_on_the_line_of(self, other: _TextObject) -> bool:
        return self.size == other.size and abs(self.y - other.y) < self.size


def _corrected(operations: Sequence[Operation], texts: Mapping[str, Texts]) -> Iterator[Operation]:
    """Return the operations of a page with the right text on every glyph."""
    objects: list[_TextObject] = []
    written: list[Operation | _TextObject] = []
    place, start = (0.0, 0.0), None
    for index, (operands, operator) in enumerate(operations):
        if operator == b"cm":
            place = (float(operands[4]), float(operands[5]))
        if operator == b"BT":
            start = index
        elif operator == b"ET" and start is not None:
            objects.append(_read(operations[start + 1 : index], _TextObject(*place), texts))
            written += [([], b"BT"), objects[-1], ([], b"ET")]
            start = None
        elif start is None:
            written.append((operands, operator))
    for line in _lines(objects):
        _share_texts(line)
    for entry in written:
        if isinstance(entry, _TextObject):
            for part in entry.entries:
                yield from part.operations() if isinstance(part, _Unit) else (part,)
        else:
            yield entry


def _read(
    operations: Iterable[Operation], found: _TextObject, texts: Mapping[str, Texts]
) -> _TextObject:
    """Read the units of a text object."""
    font: Texts = {}
    span: _Unit | None = None
    for operation in operations:
        operands, operator = operation
        if operator == b"Tf":
            font, found.size = texts.get(str(operands[0]), {}), float(operands[1])
        actual = operands[1].get("/ActualText") if operator == b"BDC" else None
        if actual is not None:
            span = _Unit(str(actual), original=[operation])
            found.entries.append(span)
        elif span is not None:
            span.original.append(operation)
            if operator == b"EMC":
                span = None
        elif operator in SHOWS:
            for glyph, show in _glyphs(operation):
                found.entries.append(_Unit(font.get(glyph, ""), [show]))
        else:
            found.entries.append(operation)
    return found


def _glyphs(operation: Operation) -> Iterator[tuple[int, Operation]]:
    """Split what an operator shows into glyphs of two bytes, each with the moves before it."""
    operands, operator = operation
    moves: list[Any] = []
    for element in operands[0] if operator == b"TJ" else operands:
        if not isinstance(element, TextStringObject | ByteStringObject):
            moves.append(element)
            continue
        codes = element.original_bytes
        for at in range(0, len(codes), 2):
            code = codes[at : at + 2]
            shown = ArrayObject([*moves, ByteStringObject(code)])
            moves = []
            yield int.from_bytes(code, "big"), ([shown], b"TJ")


def _lines(objects: Iterable[_TextObject]) -> Iterator[list[_TextObject]]:
    """Return text objects that follow each other on a line."""
    line: list[_TextObject] = []
    for one in objects:
        if line and not one.is_on_the_line_of(line[-1]):
            yield line
            line = []
        line.append(one)
    if line:
        yield line


def _share_texts(line: Sequence[_TextObject]) -> None:
    """Let each letter of a line have its text once."""
    placed = [(unit, one) for one in line for unit in one.units]
    for is_rtl, ordered in ((False, placed), (True, placed[::-1])):
        letter: list[tuple[_Unit, _TextObject]] = []
        for unit, one in ordered:
            if _is_rtl(unit.text) != is_rtl:
                continue
            if letter and not _is_part(unit, one, letter):
                _share_text([u for u, _ in letter], is_rtl)
                letter = []
            letter.append((unit, one))
        _share_text([u for u, _ in letter], is_rtl)


def _is_part(unit: _Unit, one: _TextObject, letter: Sequence[tuple[_Unit, _TextObject]]) -> bool:
    """Whether glyphs belong to a letter: parts have its text, and another height than its base."""
    base, of_base = letter[0]
    return unit.text == base.text and one is not letter[-1][1] and one.y != of_base.y


def _share_text(letter: Sequence[_Unit], is_rtl: bool) -> None:
    """Leave the text of a letter to its base, which is the first of its units."""
    base, *others = letter or [_Unit("")]
    for unit in others:
        unit.new_texts = [""] * len(unit.shows)
    marks = base.text[1:]
    if is_rtl and marks and all(map(unicodedata.combining, marks)):
        base.new_texts = [*[""] * (len(base.shows) - 1), base.text[::-1]]


def _is_rtl(text: str) -> bool:
    return any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text)
