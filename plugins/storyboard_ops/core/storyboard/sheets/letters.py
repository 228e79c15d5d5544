"""Texts as the sheets set them: language, direction, and a box in place of what no font has.

A letter is drawn when one font has it together with its marks. Every other letter is replaced by a
box and counted, so that the report can name it: nothing is left out in silence.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import TypedDict

from storyboard_ops.core.text.visible import visible
from storyboard_ops.core.text.wording import pluralize
from storyboard_ops.domain.storyboard.sheet_fonts import CJK_FAMILIES, LATIN, Coverage, Fonts

BOX = "\N{WHITE VERTICAL RECTANGLE}"
#: Letters that the sentence of a report names.
MOST_NAMED = 40
#: Letters of a word that is not broken; words whose letters join are broken only where nobody
#: could read them anyway.
MOST_UNBROKEN, MOST_JOINED = 18, 40
#: Scripts in whose lines Typst finds the places to break at, and those whose letters join.
_UNSPACED = {"HIRAGANA", "KATAKANA", "CJK", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR"}
_SPACED = {"LATIN", "CYRILLIC", "GREEK", "HEBREW", "ARMENIAN", "GEORGIAN"}
_BREAK = "\N{ZERO WIDTH SPACE}"
_SELECTORS = ("\N{VARIATION SELECTOR-1}", "\N{VARIATION SELECTOR-16}")
#: Format characters that are drawn: number and verse signs of Arabic, Syriac and Kaithi, and what
#: joins hieroglyphs.
_DRAWN_FORMATS = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
) | frozenset(map(chr, range(0x13430, 0x13440)))
_JOINER = "\N{ZERO WIDTH JOINER}"
#: Language by the first word of its letters' Unicode names.
_LANGUAGES = {
    "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko", "CJK": "zh", "ARABIC": "ar",
    "HEBREW": "he", "DEVANAGARI": "hi", "THAI": "th", "CYRILLIC": "ru", "GREEK": "el",
}  # fmt: skip
UNKNOWN = "en"


class SetText(TypedDict):
    """A text for the template."""

    text: str
    lang: str  # ISO 639-1
    region: str  # ISO 3166-1, "" where it decides nothing
    rtl: bool
    fonts: list[str]


@dataclass
class Letters:
    """Turns texts into what the template sets, and counts the letters that have no font."""

    fonts: Fonts
    chinese: str = "CN"  # where nothing in a text says which Chinese characters it uses
    missing: Counter[str] = field(default_factory=Counter)
    system_fonts: bool = False  # whether a letter is set in a font of the system

    @classmethod
    def of(cls, texts: Iterable[str], fonts: Fonts) -> Letters:
        """Return letters for a board: its texts decide what a text of Chinese characters is."""
        found = Counter(filter(None, map(_chinese_of, texts)))
        return cls(fonts, found.most_common(1)[0][0] if found else "CN")

    def set(self, text: str) -> SetText:
        """Return a text on one line, with boxes for the letters that have no font."""
        shown = " ".join(visible(text).split())
        drawn = " ".join(map(self._draw_word, shown.split(" ")))
        language, region = self._language_of(shown)
        return {
            "text": drawn,
            "lang": language,
            "region": region,
            "rtl": is_right_to_left(shown),
            "fonts": self._families(language, region),
        }

    def _draw_word(self, word: str) -> str:
        """Return a word, which may break anywhere if it is longer than most places are wide."""
        drawn = [*map(self._draw, _clusters(word))]
        return (_BREAK if len(drawn) > _most_unbroken(word) else "").join(drawn)

    def _draw(self, cluster: str) -> str:
        """Return a letter with its marks, each part that has no font as a box."""
        seen = frozenset(map(ord, filter(is_seen, cluster)))
        if _has_font(seen, self.fonts.packaged):
            return cluster
        if _has_font(seen, self.fonts.system):
            self.system_fonts = True
            return cluster
        if len(cluster) == 1:
            self.missing[cluster] += 1
            return BOX
        marks = [mark for mark in cluster[1:] if is_seen(mark)]
        self.missing.update(marks)
        return self._draw(cluster[0]) + BOX * len(marks)

    def _language_of(self, text: str) -> tuple[str, str]:
        counts = Counter(filter(None, map(_language_of_letter, text)))
        if "ja" in counts or "ko" in counts:
            counts["zh"] = 0  # kana and Hangul decide what the characters between them are
        language = counts.most_common(1)[0][0] if counts.total() else UNKNOWN
        if language != "zh":
            return language, ""
        chinese = _chinese_of(text) or self.chinese
        return ("zh", chinese) if chinese in ("CN", "TW") else (chinese, "")

    def _families(self, language: str, region: str) -> list[str]:
        """Return the families to try, in order."""
        others = [name for name in self.fonts.packaged if "CJK" not in name and name != LATIN]
        key = f"{language}-{region}" if region else language
        cjk = CJK_FAMILIES.get(key, CJK_FAMILIES["zh-CN"])
        system = list(self.fonts.system) if self.system_fonts else []
        return [LATIN, *others, cjk, *system]

    @property
    def sentence(self) -> str:
        """What the report says of letters that have no font; "" where all have one."""
        if not self.missing:
            return ""
        named = [f"{visible(one)} U+{ord(one):04X}" for one in sorted(self.missing)]
        more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
        return (
            f"{pluralize(self.missing.total(), 'letter')} of the storyboard without a font, "
            f"printed as boxes: {', '.join(named[:MOST_NAMED])}{more}. Install a Noto font that "
            "has them on the workers (Debian: fonts-noto-core, fonts-noto-extra or "
            "fonts-noto-cjk), then write the report again."
        )


def is_seen(letter: str) -> bool:
    """Whether a letter leaves ink or a space, and does not only join or vary others."""
    is_selector = _SELECTORS[0] <= letter <= _SELECTORS[1] or 0xE0100 <= ord(letter) <= 0xE01EF
    is_format = unicodedata.category(letter) == "Cf" and letter not in _DRAWN_FORMATS
    return not (is_format or is_selector)


def is_right_to_left(text: str) -> bool:
    """Whether most letters of a text run from right to left."""
    directions = Counter(map(unicodedata.bidirectional, text))
    return directions["R"] + directions["AL"] > directions["L"]


def _clusters(text: str) -> Iterator[str]:
    """Split a text into letters with all that is joined to them."""
    cluster = ""
    for letter in text:
        is_joined = unicodedata.category(letter)[0] == "M" or not is_seen(letter)
        if cluster and not is_joined and not cluster.endswith(_JOINER):
            yield cluster
            cluster = ""
        cluster += letter
    if cluster:
        yield cluster


def _has_font(codes: frozenset[int], coverage: Coverage) -> bool:
    return any(codes <= letters for letters in coverage.values())


def _most_unbroken(word: str) -> int:
    """Return how many letters a word has at most before it may break between any two."""
    scripts = {_script_of(letter) for letter in word if letter.isalpha()}
    if scripts & _UNSPACED:
        return len(word)
    return MOST_UNBROKEN if scripts <= _SPACED else MOST_JOINED


@cache
def _script_of(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


def _language_of_letter(letter: str) -> str:
    return _LANGUAGES.get(_script_of(letter), "")


def _chinese_of(text: str) -> str:
    """Return whose Chinese characters a text has: CN, TW, ja or ko; "" where it may be several."""
    languages = set(map(_language_of_letter, text))
    if found := languages & {"ja", "ko"}:
        return min(found)
    characters = [letter for letter in text if _language_of_letter(letter) == "zh"]
    simplified = sum(_has(letter, "gb2312") for letter in characters)
    traditional = sum(_has(letter, "big5") for letter in characters)
    if simplified == traditional:
        return ""
    return "CN" if simplified > traditional else "TW"


def _has(letter: str, encoding: str) -> bool:
    try:
        letter.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
