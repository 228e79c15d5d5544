"""Compare the words of captions as people read them: in any case, Unicode form and script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

#: Combining marks, and joiners within a word: ``\w`` matches neither.
_MARKS = "\u200c\u200d" + "".join(
    chr(point)
    for block in (range(0x300, 0x20000), range(0xE0100, 0xE01F0))
    for point in block
    if unicodedata.category(chr(point)).startswith("M")
)
_WORD = re.compile(rf"\w[\w{_MARKS}]*(?:['\u2019\-]\w[\w{_MARKS}]*)*")
#: Blocks of Chinese characters, kana and bopomofo, which are written without spaces.
_UNSPACED = re.compile(
    "[\u2e80-\u2fdf\u3005-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9d\U0001b000-\U0001b16f\U00020000-\U0003ffff]"
)
#: Consecutive capitalized words that neither begin the text nor follow the end of a sentence.
_NAME_LIKE = re.compile(r"(?<=[\w,;:] )[A-Z][a-z]+(?: [A-Z][a-z]+)*")
#: Folded letters of scripts that put spaces between words: Latin, Greek, Cyrillic, Armenian.
_SPACED_LETTER = r"[0-9a-z_\u00c0-\u058f\u1e00-\u1fff]"
#: Control, surrogate, private-use and unassigned characters, and the replacement character.
_NOT_TEXT = frozenset({"Cc", "Cs", "Co", "Cn"})
_REPLACEMENT = "\ufffd"


def words(text: str) -> list[str]:
    """Split a text into folded words; "Mira's" and "well-lit" are one word each."""
    return _WORD.findall(fold(text))


def word_count(text: str) -> int:
    """Count words as word processors do: each Chinese character and each kana is one.

    Korean is counted by spaces; so are Thai, Lao, Khmer and Burmese, because only a dictionary can
    separate their words.
    """
    return len(words(_UNSPACED.sub(r" \g<0> ", unicodedata.normalize("NFC", text))))


def with_plurals(phrase: str) -> tuple[str, ...]:
    """Return a phrase and the regular English plurals of its last word: "spy", "spys", "spies".

    Possessives need no extra form: "the gun's barrel" contains the word "gun".
    """
    phrase = phrase.strip()
    if not phrase:
        return ()
    plurals = (f"{phrase}s", f"{phrase}es")
    return (phrase, *plurals, *((f"{phrase[:-1]}ies",) if phrase[-1] in "yY" else ()))


def fold(text: str) -> str:
    """Normalize a text so that two spellings of the same words are equal."""
    return unicodedata.normalize("NFC", text).casefold()


def phrases_in(text: str, phrases: Iterable[str]) -> set[str]:
    """Return the phrases that occur in a text as whole words, in any case.

    Where phrases overlap, the longest counts: "Big Buck Bunny" does not also mention "Buck".
    """
    by_folded = {_one_blank(fold(phrase)): phrase for phrase in phrases if phrase.strip()}
    if not by_folded:
        return set()
    found = _pattern(tuple(sorted(by_folded, key=lambda phrase: (-len(phrase), phrase))))
    return {by_folded[_one_blank(match)] for match in found.findall(fold(text))}


def names_like(text: str) -> list[str]:
    """Find what looks like a name inside a sentence, each once: "Mr Fox" in "she meets Mr Fox".

    It relies on capital letters A to Z, so it suits English captions, and it cannot distinguish
    people from places.
    """
    return list(dict.fromkeys(_NAME_LIKE.findall(" ".join(text.split()))))


def foreign_characters(text: str) -> str:
    """Return the characters that no caption may contain, each once, in order."""
    return "".join(
        dict.fromkeys(
            character
            for character in text
            if character == _REPLACEMENT or unicodedata.category(character) in _NOT_TEXT
        )
    )


@lru_cache(maxsize=256)
def _pattern(folded: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(_whole_words, folded)))


def _whole_words(phrase: str) -> str:
    """Match the phrase with any white space between its words and no letter next to it.

    Letters of scripts without spaces between words may be next to it.
    """
    before = f"(?<!{_SPACED_LETTER})" if re.match(_SPACED_LETTER, phrase) else ""
    after = f"(?!{_SPACED_LETTER})" if re.match(_SPACED_LETTER, phrase[-1]) else ""
    return before + r"\s+".join(map(re.escape, phrase.split())) + after


def _one_blank(text: str) -> str:
    return " ".join(text.split())
