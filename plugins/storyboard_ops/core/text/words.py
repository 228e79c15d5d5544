"""Compare the words of captions as people read them: in any case, Unicode form and script."""

from __future__ import annotations

import re
import unicodedata

from storyboard_ops.domain.names import IDEOGRAPHS_AND_KANA, MARKS

#: Combining marks, and joiners within a word: ``\w`` matches neither.
_IN_WORD = f"\u200c\u200d{MARKS}"
_WORD = re.compile(rf"\w[\w{_IN_WORD}]*(?:['\u2019\-]\w[\w{_IN_WORD}]*)*")
_UNSPACED = re.compile(f"[{IDEOGRAPHS_AND_KANA}]")
#: Consecutive capitalized words that neither begin the text nor follow the end of a sentence.
_CAPITALIZED = rf"[A-Z](?:[^\W\d_A-Z]|[{MARKS}])+"
_NAME_LIKE = re.compile(rf"(?<=[\w,;:] ){_CAPITALIZED}(?: {_CAPITALIZED})*")
#: Control, surrogate, private-use and unassigned characters, and the replacement character.
_NOT_TEXT = frozenset({"Cc", "Cs", "Co", "Cn"})
_REPLACEMENT = "\ufffd"


def words(text: str) -> list[str]:
    """Split a text into folded words; "Mira's" and "well-lit" are one word each."""
    return _WORD.findall(unicodedata.normalize("NFC", text).casefold())


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
