"""Count the tokens of texts without the tokenizer of a model."""

from __future__ import annotations

import math

#: Fewest bytes of UTF-8 per token: English has four to five, other languages and JSON fewer.
BYTES_PER_TOKEN = 3


def text_tokens(text: str) -> int:
    """Return the most tokens of a text."""
    return math.ceil(len(text.encode()) / BYTES_PER_TOKEN)
