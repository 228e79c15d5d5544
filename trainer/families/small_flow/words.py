"""Captions and prompts as sets of words: all that the small model reads.

A word has one of `WORDS` numbers, taken from its letters, so no list of words must be known before:
those of the training captions get a meaning, others have none. Two words may share a number; of a
dataset with a hundred words, one prompt word in forty is mistaken for one of them. The order of
words does not count. Words with capital letters are a name, side by side one name: training forgets
it less often than what surrounds it.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from itertools import groupby

import torch
from torch import Tensor

WORDS = 4096
SIDE_BY_SIDE = re.compile(r"[^\W\d_]+(?: [^\W\d_]+)*")
#: Words that say nothing about a picture.
PLAIN = re.compile(
    "a|all|an|and|are|around|at|before|by|for|from|he|her|his|in|is|it|of|on|she|that|the|their|"
    "they|to|under|what|who|with",
    re.IGNORECASE,
)
#: Words that often begin a caption and are no names.
OPENERS = re.compile(
    "against|close|cropped|cut|framed|left|right|seen|shown|towards", re.IGNORECASE
)
#: Shares of training captions of which only names are heard, and of other words that are not.
NAMES_ONLY = 0.15
UNHEARD = 0.25


def read_words(text: str) -> dict[str, Tensor]:
    """Return the numbers of the names and of the other words of a text, in their order."""
    names: list[str] = []
    others: list[str] = []
    for words in SIDE_BY_SIDE.findall(text):
        for named, run in groupby(words.split(), key=_may_be_name):
            spoken = [word for word in run if not PLAIN.fullmatch(word)]
            names += [" ".join(spoken)] if named else []
            others += [] if named else [word.lower() for word in spoken]
    return {"names": _numbers(names), "words": _numbers(others)}


def _may_be_name(word: str) -> bool:
    return word[0].isupper() and not (PLAIN.fullmatch(word) or OPENERS.fullmatch(word))


def hear(prompts: Sequence[dict[str, Tensor]]) -> Tensor:
    """Return all words of prompts as (N, 4096) of 0 and 1."""
    rows = [_row(prompt["names"]) + _row(prompt["words"]) for prompt in prompts]
    return torch.stack(rows).clamp(max=1)


def forget_words(
    prompts: Sequence[dict[str, Tensor]], generator: torch.Generator
) -> list[dict[str, Tensor]]:
    """Return prompts without some of the words that are not names."""
    return [
        {"names": each["names"], "words": _forgotten(each["words"], generator)} for each in prompts
    ]


def _forgotten(words: Tensor, generator: torch.Generator) -> Tensor:
    if float(torch.rand((), generator=generator)) < NAMES_ONLY:
        return words[:0]
    return words[torch.rand(len(words), generator=generator) >= UNHEARD]


def _numbers(words: Iterable[str]) -> Tensor:
    numbers = [zlib.crc32(word.encode("utf-8")) % WORDS for word in dict.fromkeys(words)]
    return torch.tensor(numbers, dtype=torch.int64)


def _row(numbers: Tensor) -> Tensor:
    return torch.zeros(WORDS).index_fill_(0, numbers, 1.0)
