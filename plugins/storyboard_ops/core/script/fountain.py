"""Fountain: a screenplay as plain text with few marks, https://fountain.io/syntax.

Wider than the specification where people and exports write otherwise: numbers before headings,
headings and cues without a blank line before them, more transitions, page numbers, ``CONTINUED``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import dropwhile, takewhile

from storyboard_ops.core.script.durations import is_length
from storyboard_ops.core.script.elements import Element, Kind
from storyboard_ops.core.script.forms import (
    forced_heading,
    is_capital,
    is_label,
    is_page_mark,
    is_transition,
    read_cue,
    read_heading,
)

_MARKS = re.compile(r"/\*|\*/|\[\[|\]\]|\n(?=\n)")
_CLOSING = {"/*": "*/", "[[": "]]"}
#: Stands in lines from which something was removed: such a line does not end a paragraph.
_CUT = "\0"
_REVISION_MARK = re.compile(r"^([^*]*[^*\s])\s+\*+$")
_PAGE_BREAK = re.compile(r"={3,}")
_SECTION = re.compile(r"#+\s*(?P<name>[^#\s].*)")
_FORCED_HEADING = re.compile(r"\.(?=\w)")
#: ``**bold**``, ``_underlined_``, without marks inside.
_EMPHASIS = re.compile(r"(?<![\\*])(\*{1,3})(?=[^\s*])([^*]+)(?<=\S)\1(?!\*)")
_UNDERLINE = re.compile(r"(?<![\w\\])_(?=\S)([^_]+)(?<=\S)_(?!\w)")
_KEY = re.compile(r"(?P<key>[^\W\d_][\w /.-]{0,30}):(?P<value>.*)")
#: A title page has at least one of these.
_KNOWN_KEYS = frozenset(
    {
        *("title", "credit", "author", "authors", "source", "notes", "contact", "contact info"),
        *("date", "draft date", "draft", "revision", "copyright", "format", "episode", "series"),
    }
)


#: Lines of one block of a title page: notes and addresses have a dozen.
_MOST_TITLE_LINES = 100


@dataclass(frozen=True)
class _Line:
    number: int
    raw: str  # without what was cut

    @property
    def text(self) -> str:
        return self.raw.strip()


def read_fountain(text: str) -> list[Element]:
    """Read a screenplay; every line that is not blank is part of one element, in their order."""
    lines, removed = _without_removed("\n".join(text.splitlines()))
    title, body = _split_title_page(lines)
    elements = [*title, *_Body(body).read(), *removed]
    return sorted(elements, key=lambda element: element.line)


def without_emphasis(text: str) -> str:
    """Remove the marks of bold, italic and underlined text; escaped marks become letters."""
    if "*" in text or "_" in text:
        for _ in range(2):  # one kind may be inside the other
            text = _UNDERLINE.sub(r"\1", _EMPHASIS.sub(r"\2", text))
        text = text.replace("\\*", "*").replace("\\_", "_")
    return text


def _without_removed(text: str) -> tuple[list[_Line], list[Element]]:
    """Return the lines without boneyard and notes, and these as elements.

    A note that is a length stays: the paragraph before it is shown that long.
    """
    text = text.replace(_CUT, "")
    pieces: list[str] = []
    removed: list[Element] = []
    last_boneyard_end = text.rfind("*/")
    kept, line, counted = 0, 1, 0
    opened: re.Match[str] | None = None
    for mark in _MARKS.finditer(text):
        if opened is None:
            if mark[0] == "[[" or (mark[0] == "/*" and mark.end() <= last_boneyard_end):
                opened = mark
        elif mark[0] == _CLOSING[opened[0]]:
            start, inside = opened.start(), text[opened.end() : mark.start()]
            line, counted = line + text.count("\n", counted, start), start
            pieces.append(text[kept:start])
            if opened[0] == "[[" and is_length(inside):
                pieces.append(f"({inside.strip()})")
            else:
                kind = Kind.NOTE if opened[0] == "[[" else Kind.BONEYARD
                removed.append(_removed(kind, inside, line))
                pieces.append(_CUT + f"\n{_CUT}" * inside.count("\n"))
            kept, opened = mark.end(), None
        elif mark[0] == "\n" and opened[0] == "[[":
            opened = None  # a note ends with its paragraph: these were two letters
    pieces.append(text[kept:])
    return list(_numbered("".join(pieces))), removed


def _removed(kind: Kind, inside: str, line: int) -> Element:
    filled = [at for at, part in enumerate(inside.split("\n")) if part.strip() and at]
    more = tuple(line + at for at in filled)
    return Element(kind, " ".join(inside.split()), line, more=more)


def _numbered(text: str) -> Iterator[_Line]:
    for number, raw in enumerate(text.split("\n"), start=1):
        if _CUT in raw:
            raw = " ".join(part.strip() for part in raw.split(_CUT) if part.strip())
            if not raw:
                continue
        yield _Line(number, _REVISION_MARK.sub(r"\1", raw))


def _split_title_page(lines: list[_Line]) -> tuple[list[Element], list[_Line]]:
    """Split off the blocks of keys at the start, in each of which one at least is a usual one."""
    title: list[_Line] = []
    end = 0
    while block := _title_block(lines, end):
        title += block
        end = next(at for at in range(end, len(lines)) if lines[at] is block[-1]) + 1
    return [_element(Kind.TITLE_PAGE, line.text, line.number) for line in title], lines[end:]


def _title_block(lines: list[_Line], start: int) -> list[_Line]:
    """Return the next lines up to a blank one if they have a usual key; otherwise none."""
    filled = dropwhile(lambda line: not line.text, lines[start : start + _MOST_TITLE_LINES])
    block = list(takewhile(lambda line: not _ends_title_page(line), filled))
    keys = [match["key"].lower() for line in block if (match := _KEY.fullmatch(line.text))]
    known = bool(_KNOWN_KEYS.intersection(keys))
    return block if known and _KEY.fullmatch(block[0].text) else []


def _ends_title_page(line: _Line) -> bool:
    return not line.text or read_heading(line.text, line.number) is not None


class _Body:
    """Reads the lines after the title page, one after another."""

    def __init__(self, lines: list[_Line]) -> None:
        self.lines = lines
        #: With the lines of its text, and their numbers.
        self.read_so_far: list[tuple[Element, list[str], list[int]]] = []
        #: The kind of element that the next line may continue: an action, a speech, lyrics.
        self.open: Kind | None = None
        self.speaking = False

    def read(self) -> list[Element]:
        """Return the elements in their order."""
        for at, line in enumerate(self.lines):
            following = self.lines[at + 1].text if at + 1 < len(self.lines) else ""
            if not line.text:
                # Two blanks keep a speech together over an empty line.
                if not (self.speaking and len(line.raw) >= 2):
                    self.open, self.speaking = None, False
            elif not (self._marked(line) or self._spoken(line) or self._alone(line, following)):
                self._continue(Kind.ACTION, line.number, line.text)
        return [
            replace(one, text=" ".join(texts), more=tuple(numbers[1:]))
            for one, texts, numbers in self.read_so_far
        ]

    @property
    def _between(self) -> bool:
        """Whether the next line begins a paragraph."""
        return self.open is None and not self.speaking

    def _marked(self, line: _Line) -> bool:
        """Read a line whose first letters say what it is: a heading, or a mark of Fountain."""
        text, number = line.text, line.number
        heading = read_heading(without_emphasis(text), number, self._between)
        if heading is None and self._between and _FORCED_HEADING.match(text):
            heading = forced_heading(without_emphasis(text[1:]), number)
        if heading is not None:
            self._add(heading)
        elif _PAGE_BREAK.fullmatch(text):
            self._add(Element(Kind.PAGE_BREAK, "", number))
        elif text.startswith(">") and text.endswith("<"):
            self._add(_element(Kind.CENTERED, text[1:-1], number))
        elif text.startswith("~"):
            self._continue(Kind.LYRICS, number, text[1:])
        elif self.speaking:
            return False
        elif section := _SECTION.fullmatch(text):
            name = _clean(section["name"])
            self._add(read_heading(name, number) or Element(Kind.SECTION, name, number))
        elif text.startswith("!"):
            self._continue(Kind.ACTION, number, text[1:])
        elif self.open is not None:
            return False
        elif text.startswith("="):
            self._add(_element(Kind.SYNOPSIS, text[1:], number))
        elif text.startswith(">"):
            self._add(_element(Kind.TRANSITION, text[1:], number))
        elif text.startswith("@") and (cue := read_cue(_clean(text[1:]), number, forced=True)):
            self._add(cue)
        else:
            return False
        return True

    def _spoken(self, line: _Line) -> bool:
        """Read a line below a cue."""
        if not self.speaking:
            return False
        text, number = line.text, line.number
        if is_page_mark(text):
            self.read_so_far.append((Element(Kind.PAGE_MARK, text, number), [text], [number]))
            self.open = None
        elif text.startswith("(") or self.open is Kind.PARENTHETICAL:
            if text.startswith("("):
                self.open = None
            self._continue(Kind.PARENTHETICAL, number, text)
            if text.endswith(")"):
                self.open = None
        else:
            self._continue(Kind.DIALOGUE, number, text)
        return True

    def _alone(self, line: _Line, following: str) -> bool:
        """Read a line that its form and the lines around it tell apart from an action."""
        text, number = without_emphasis(line.text), line.number
        if self.open is not None and not (is_capital(text) and is_transition(text)):
            return False
        if is_page_mark(text):
            self._add(Element(Kind.PAGE_MARK, text, number))
        elif is_transition(text):
            self._add(Element(Kind.TRANSITION, text, number))
        elif is_label(text) and not following:
            self._add(Element(Kind.LABEL, text, number))
        elif following and not read_heading(following, number) and (cue := read_cue(text, number)):
            self._add(cue)
        else:
            return False
        return True

    def _continue(self, kind: Kind, number: int, text: str) -> None:
        """Append a line to the open element of this kind, or begin one."""
        if self.open is not kind:
            self.read_so_far.append((Element(kind, "", number), [], []))
            self.open = kind
        _, texts, numbers = self.read_so_far[-1]
        texts.append(_clean(text))
        numbers.append(number)

    def _add(self, element: Element) -> None:
        """Add an element of one line; a paragraph begins after it, or a speech after a cue."""
        self.read_so_far.append((element, [element.text], [element.line]))
        self.open, self.speaking = None, element.kind is Kind.CHARACTER


def _element(kind: Kind, text: str, number: int) -> Element:
    return Element(kind, _clean(text), number)


def _clean(text: str) -> str:
    return without_emphasis(text.strip())
