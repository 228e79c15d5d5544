"""Read JSON from outside within bounds, and keep error texts short.

A document is refused as a whole when it is ambiguous or unusable later: invalid UTF-8, a key that
occurs twice, NaN or Infinity, a number beyond a float's range, half of a surrogate pair.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import reprlib
from collections.abc import Iterable
from typing import Any, NoReturn

from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.input_limits import (
    MOST_DEPTH,
    MOST_ERROR_TEXT,
    MOST_JSON_BYTES,
    MOST_NUMBER_DIGITS,
    MOST_SHOWN_VALUE,
)

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def shorten(text: str, most: int = MOST_ERROR_TEXT) -> str:
    """Return a text of at most ``most`` characters: its start and end when it is longer.

    >>> shorten("a production file with far too many words", 20)
    'a produc […] y words'
    """
    if len(text) <= most:
        return text
    gap = " […] "
    if most <= len(gap):
        return text[:most]
    end = (most - len(gap)) // 2
    return text[: most - len(gap) - end] + gap + text[len(text) - end :]


def shorten_uniquely(text: str, most: int) -> str:
    """Shorten a text like ``shorten``, so that different texts stay different.

    A digest of the whole text is where the gap is.

    >>> shorten_uniquely("episodes/a production with far too many words.mp4", 30)
    'episode [… a8852cd3 …] rds.mp4'
    """
    if len(text) <= most:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    gap = f" [… {digest} …] "
    end = max(0, most - len(gap)) // 2
    return (text[: most - len(gap) - end] + gap + text[len(text) - end :])[:most]


def one_line(text: str) -> str:
    """Return a text with spaces for line breaks and whatever else is not shown."""
    return "".join(char if char.isprintable() else " " for char in text)


def short_repr(value: Any, most: int = MOST_SHOWN_VALUE) -> str:
    """Return a value as Python writes it, cut to ``most`` characters without writing all of it.

    >>> short_repr(list(range(100)))
    '[0, 1, 2, 3, 4, 5, ...]'
    """
    return shorten(_ShortRepr(most).repr(value), most)


def encoded(body: bytes | str, what: str, most_bytes: int) -> bytes:
    """Return a document in UTF-8; raises BadInput naming it when it is longer than allowed."""
    if isinstance(body, str):
        body = body.encode("utf-8", "surrogatepass")
    if len(body) > most_bytes:
        raise BadInput(
            f"{what} has more than {most_bytes:,} bytes, which is the most allowed; split it or "
            "remove what is not needed."
        )
    return body


def read_json(
    body: bytes | str,
    what: str,
    most_bytes: int = MOST_JSON_BYTES,
    most_items: int | None = None,
) -> Any:
    """Parse a JSON document, as text or in UTF-8, with or without a byte order mark.

    ``what``: names the document at the beginning of a message, e.g. its URI. ``most_items``: the
    most commas, for a document whose values are validated one by one. Raises BadInput naming
    it when it is longer than ``most_bytes``, nested deeper than MOST_DEPTH, malformed or ambiguous.
    """
    body = encoded(body, what, most_bytes)
    if most_items is not None and body.count(b",") > most_items:
        raise BadInput(
            f"{what} has more than {most_items:,} values, which is the most allowed; split it."
        )
    try:
        text = body.decode("utf-8-sig")
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_integer,
        )
        if _SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise _too_deep(what) from None
    except UnicodeDecodeError as error:
        raise BadInput(
            f"{what} is not UTF-8 text: byte {error.start} cannot be decoded. Save it as UTF-8."
        ) from None
    except UnicodeEncodeError:
        raise BadInput(
            f"{what} contains half of a surrogate pair (\\ud800 to \\udfff); write the whole "
            "character."
        ) from None
    except ValueError as error:
        raise BadInput(
            f"{what} is not JSON: {shorten(str(error), MOST_SHOWN_VALUE)}. Correct it."
        ) from None
    if _is_deeper(value, MOST_DEPTH):
        raise _too_deep(what)
    return value


class _ShortRepr(reprlib.Repr):
    def __init__(self, most: int) -> None:
        super().__init__()
        self.maxstring = self.maxother = self.maxlong = most

    def repr_int(self, x: int, level: int) -> str:
        """Describe an integer that Python refuses to write, or takes long to."""
        if x.bit_length() > MOST_NUMBER_DIGITS * math.log2(10):
            return f"<integer of {x.bit_length():,} bits>"
        return super().repr_int(x, level)


def _too_deep(what: str) -> BadInput:
    return BadInput(
        f"{what} is nested deeper than {MOST_DEPTH} levels, which is the most allowed; make it "
        "flatter."
    )


def _is_deeper(value: Any, most: int) -> bool:
    """Return whether lists and objects are nested in more than ``most`` levels."""
    level = _containers([value])
    for _ in range(most):
        level = [
            child
            for item in level
            for child in _containers(item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return False
    return bool(level)


def _containers(items: Iterable[Any]) -> list[dict[str, Any] | list[Any]]:
    return [item for item in items if isinstance(item, dict | list)]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise ValueError(f"the key {short_repr(key)} occurs twice")
            seen.add(key)
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _finite(digits: str) -> float:
    if len(digits) > MOST_NUMBER_DIGITS or not math.isfinite(number := float(digits)):
        raise ValueError(f"the number {shorten(digits, 40)} is out of range")
    return number


def _integer(digits: str) -> int:
    if len(digits) > MOST_NUMBER_DIGITS:
        raise ValueError(f"the number {shorten(digits, 40)} is out of range")
    return int(digits)
