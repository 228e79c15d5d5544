"""What "the same name" means: in production files, scripts, model answers, captions and prompts.

Two spellings are the same name when they are equal after folding: composed or decomposed, in full
or half width, in any case, with straight or curly apostrophes and quotes, with blanks, hyphens or
underscores between the words. Names are found in text as whole words, where an underscore makes
something else of it: an id. Scripts that put no blanks between words have no such boundary; there a
name may touch other letters, except where these would make another syllable or word of it.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from functools import lru_cache


def _category(first: str) -> str:
    """Return the characters of a major category, for use within brackets of an expression."""
    blocks = (range(0x300, 0x20000), range(0xE0100, 0xE01F0))
    points = (point for block in blocks for point in block)
    return "".join(chr(one) for one in points if unicodedata.category(chr(one)).startswith(first))


#: Combining marks of all scripts.
MARKS = _category("M")
#: Blocks of Chinese characters, kana and bopomofo, which are written without spaces.
IDEOGRAPHS_AND_KANA = (
    "\u2e80-\u2fdf\u3005-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9d\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)

#: What nobody sees: default-ignorable code points of Unicode.
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
#: Signs that keyboards, editors and models exchange for each other. The dotless i is one of them:
#: its capital is that of i.
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("`´ʹʻʼʽˈ‘’‚‛′‵＇｀", "'"),
        **dict.fromkeys("“”„‟″‶«»〝〞〟＂", '"'),
        **dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"),
        "\u2800": " ",  # the braille pattern without dots
        "ı": "i",
    }
)
#: Folded Cyrillic and Greek letters that look like Latin ones, small or capital.
_LOOKALIKES = str.maketrans(
    "авекмнорстухіјѕһԁԛԝүёїαβεζηικμνορτυχγ", "abekmhopctyxijshdqwyëïabezhikmvoptyxy"
)
#: Blocks of scripts that put no spaces between words, and of Korean, whose particles touch names.
_TOUCHING = (
    f"{IDEOGRAPHS_AND_KANA}\u0e00-\u0fff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u1950-\u19ff"
    "\u1a20-\u1aaf\u1b00-\u1b7f\u3130-\u318f\ua960-\ua97f\ua9e0-\ua9ff\uaa60-\uaa7f\uac00-\ud7ff"
)
#: A word of katakana ends where other letters begin.
_KATAKANA = "\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
#: Arabic and Hebrew letters, before which conjunctions and prepositions are written without space.
_PREFIXED = "\u0590-\u05ff\u0620-\u064a\u0671-\u06d3"
#: Vowels of Thai and Lao that belong to the letter after them, and joiners of stacked letters in
#: Burmese and Khmer; vowels that belong to the letter before them.
_LEADING = "\u0e40-\u0e44\u0ec0-\u0ec4\u1039\u17d2"
_TRAILING = "\u0e30\u0e32\u0e33\u0e45\u0eb0\u0eb2\u0ebd"

_INVISIBLES = re.compile(f"[{_INVISIBLE}]+")
_DOTS = re.compile("i\u0307+")
_BETWEEN_WORDS = r'[\s\-"\u30fb]'
_GAPS = re.compile(f"(?:_|{_BETWEEN_WORDS})+")
_UNSPACED = re.compile(f"(?<=[{IDEOGRAPHS_AND_KANA}]) ?(?=[{IDEOGRAPHS_AND_KANA}])")
_SPACED = rf"[^\W{_TOUCHING}]"
_MARKS_OF_SPACED = "".join(re.findall(f"[^{_TOUCHING}]", MARKS))
#: A character with all that combines with it when folded.
_CLUSTER = re.compile(
    rf"[\s\S][{MARKS}{_INVISIBLE}\u1160-\u11ff\u314f-\u3163\ud7b0-\ud7ff\uff9e\uff9f\uffc2-\uffdc]*"
)


def fold(text: str) -> str:
    """Return a text as it is compared: without what nobody sees, and in one spelling."""
    text = unicodedata.normalize("NFKC", _INVISIBLES.sub("", text).translate(_SIGNS))
    for _ in range(2):  # folding the case may leave what normalizes, and the reverse
        text = unicodedata.normalize("NFKC", _DOTS.sub("i", text.casefold()))
    return text


def fold_name(name: str) -> str:
    """Return a name as it is compared with another; empty when it has no letter, digit or sign.

    >>> fold_name("Captain  “O’Neill”") == fold_name("captain_o'neill")
    True
    """
    words = " ".join(_GAPS.sub(" ", fold(name)).strip(" '").split())
    return _UNSPACED.sub("", words)


def is_visible(name: str) -> bool:
    """Return whether people see anything of a name."""
    return any(not unicodedata.category(letter).startswith("M") for letter in fold_name(name))


def look_of(name: str) -> str:
    """Return what a name has in common with all that people would take for it.

    That is less than the same name: punctuation does not count, nor from which of the scripts that
    look alike a letter is.
    """
    folded = fold_name(name)
    letters = "".join(one for one in folded if not unicodedata.category(one).startswith("P"))
    return fold_name(letters.translate(_LOOKALIKES)) or folded


def ids_by_name(names: Mapping[str, str]) -> dict[str, str]:
    """Map every folded name, and every folded id, to its id; ``names``: names by id."""
    folded = {fold_name(name): identity for identity, name in names.items()}
    return folded | {fold_name(identity): identity for identity in names}


def phrases_in(text: str, phrases: Iterable[str]) -> set[str]:
    """Return the names or other phrases that occur in a text as whole words, in any spelling.

    Where phrases overlap, the longest counts: "Big Buck Bunny" does not also mention "Buck".
    """
    by_folded = _by_folded(phrases)
    if not by_folded:
        return set()
    return {by_folded[fold_name(match)] for match in _pattern(tuple(by_folded)).findall(fold(text))}


def replace_names(text: str, instead: Mapping[str, str]) -> str:
    """Replace names in a text, in whatever spelling it has them; ``instead``: texts by name.

    >>> replace_names("Mira sees Bram; MIRA’s lamp", {"Mira": "Bram", "Bram": "Mira"})
    'Bram sees Mira; Bram’s lamp'
    """
    by_folded = _by_folded(instead)
    if not by_folded:
        return text
    clusters = [(match.start(), match.end(), fold(match[0])) for match in _CLUSTER.finditer(text)]
    starts = [0]
    for _, _, folded in clusters:
        starts.append(starts[-1] + len(folded))
    parts, done = [], 0
    for match in _pattern(tuple(by_folded)).finditer("".join(part for *_, part in clusters)):
        first, last = (bisect_right(starts, at) - 1 for at in (match.start(), match.end() - 1))
        name = by_folded[fold_name(match[0])]
        parts += [text[done : clusters[first][0]], instead[name]]
        done = clusters[last][1]
    return "".join([*parts, text[done:]])


def _by_folded(phrases: Iterable[str]) -> dict[str, str]:
    """Map folded phrases to phrases, the longest first; those that fold to nothing are left out."""
    folded = {fold_name(phrase): phrase for phrase in phrases}
    ordered = sorted(filter(None, folded), key=lambda phrase: (-len(phrase), phrase))
    return {phrase: folded[phrase] for phrase in ordered}


@lru_cache(maxsize=256)
def _pattern(folded: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(_whole_words, folded)))


def _whole_words(phrase: str) -> str:
    """Match a folded phrase with any gap between its words, and nothing that continues it."""
    words = f"{_BETWEEN_WORDS}+".join(map(_letters, phrase.split()))
    return _before(phrase[0]) + words + _after(phrase[-1])


def _letters(word: str) -> str:
    """Match a folded word; a family name may be set apart where blanks are not usual."""
    return f"{_BETWEEN_WORDS}?".join(map(re.escape, _UNSPACED.split(word)))


def _before(letter: str) -> str:
    """Return the condition on what precedes a phrase that begins with this letter."""
    if re.match(f"[{_KATAKANA}]", letter):
        return f"(?<![{_KATAKANA}])"
    if re.match(f"[{_TOUCHING}]", letter):
        return f"(?<![{_LEADING}])"
    is_word = re.match(r"\w", letter) and not re.match(f"[{_PREFIXED}]", letter)
    return f"(?<!{_SPACED})(?<![{_MARKS_OF_SPACED}])" if is_word else ""


def _after(letter: str) -> str:
    """Return the condition on what follows a phrase that ends with this letter."""
    if re.match(f"[{_KATAKANA}]", letter):
        return f"(?![{_KATAKANA}{MARKS}])"
    if re.match(f"[{_TOUCHING}]", letter):
        return f"(?![{_TRAILING}{MARKS}])"
    return f"(?!{_SPACED})(?![{MARKS}])" if re.match(r"\w", letter) else ""
