"""Split texts that are too long for one panel or one spoken line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_SENTENCES = re.compile(r"(?<=[.!?…。！？])[\"'”’)]?\s+|(?<=[。！？])")
_CLAUSES = re.compile(r"(?<=[,;:、，；：])\s*|(?<=[–—])\s+")
_WORDS = re.compile(r"\s+")


def sentences(text: str) -> list[str]:
    """Return the sentences of a text."""
    return [sentence for sentence in _SENTENCES.split(text) if sentence]


def split_text(text: str, most: int) -> list[str]:
    """Split a text into as few parts as fit: between sentences, else clauses, words, letters."""
    return _split(text, most, (_SENTENCES, _CLAUSES, _WORDS))


def _split(text: str, most: int, gaps: Sequence[re.Pattern[str]]) -> list[str]:
    if len(text) <= most:
        return [text]
    if not gaps:
        return [text[start : start + most] for start in range(0, len(text), most)]
    parts: list[str] = []
    for piece in filter(None, gaps[0].split(text)):
        parts += _split(piece, most, gaps[1:])
    return list(_filled(parts, most))


def _filled(pieces: Sequence[str], most: int) -> Iterator[str]:
    part = ""
    for piece in pieces:
        if part and len(part) + 1 + len(piece) > most:
            yield part
            part = ""
        part = f"{part} {piece}" if part else piece
    yield part
