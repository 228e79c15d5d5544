"""Fonts of the storyboard PDF, and text that falls back from one to the next.

DejaVu Sans comes with matplotlib, may be embedded freely, and draws Latin, Greek, Cyrillic,
Armenian, Georgian, Hebrew and Arabic letters (the last two unshaped, in reading order of the
file). Chinese, Japanese and Korean are set in Adobe's standard CID fonts, which a PDF names and
the viewer supplies. What none of them has is printed as a blank box, never dropped in silence;
marks that only join or vary the letter before them are no letters and get no box.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

import matplotlib as mpl
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

from storyboard_ops.core.text.visible import visible

REGULAR, BOLD = "DejaVuSans", "DejaVuSans-Bold"
JAPANESE, KOREAN = "HeiseiKakuGo-W5", "HYGothic-Medium"
NO_GLYPH = "\N{WHITE VERTICAL RECTANGLE}"
#: First and last code point of the scripts that the CID fonts draw.
CJK_RANGES = (
    (0x1100, 0x11FF, KOREAN),
    (0x3130, 0x318F, KOREAN),
    (0xAC00, 0xD7AF, KOREAN),
    (0x3000, 0x30FF, JAPANESE),
    (0x31F0, 0x31FF, JAPANESE),
    (0x3400, 0x9FFF, JAPANESE),
    (0xF900, 0xFAFF, JAPANESE),
    (0xFF00, 0xFFEF, JAPANESE),
)


@cache
def register_fonts() -> None:
    """Make the fonts known to reportlab, once per process."""
    folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
    for name in (REGULAR, BOLD):
        pdfmetrics.registerFont(TTFont(name, folder / f"{name}.ttf"))
    for name in (JAPANESE, KOREAN):
        pdfmetrics.registerFont(UnicodeCIDFont(name))


def markup(text: str, font: str = REGULAR) -> str:
    """Escape text for a reportlab paragraph, each run in a font that has its letters."""
    register_fonts()
    seen = filter(_is_seen, " ".join(visible(text).split()))
    letters = ((_font_of(letter, font), letter) for letter in seen)
    return "".join(
        _run(name, "".join(letter for _, letter in run), font)
        for name, run in groupby(letters, key=lambda pair: pair[0])
    )


def _is_seen(letter: str) -> bool:
    """Whether a letter leaves ink, and not only joins others, as in an emoji of several people."""
    is_selector = "\N{VARIATION SELECTOR-1}" <= letter <= "\N{VARIATION SELECTOR-16}"
    return unicodedata.category(letter) != "Cf" and not is_selector


def _run(name: str | None, letters: str, font: str) -> str:
    if name is None:
        return NO_GLYPH * len(letters)
    return escape(letters) if name == font else f'<font name="{name}">{escape(letters)}</font>'


def _font_of(letter: str, font: str) -> str | None:
    """The font that draws a letter: the wished one, a CID font, or None."""
    code = ord(letter)
    if code in pdfmetrics.getFont(font).face.charToGlyph:
        return font
    return next((name for low, high, name in CJK_RANGES if low <= code <= high), None)
