"""Find in the answer of a language model what was asked for: a list of items, or an object.

Of several answers in a text, the last one that fits counts: those before it are drafts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from storyboard_ops.core.text.json_in_prose import FoundValue, find_values, inner_values, member
from storyboard_ops.domain.error_tree import AnswerCutOff, AnswerUnusable
from storyboard_ops.domain.models.model_answers import cut_off_reason

#: Longer answers are refused: no valid one comes near this, and parsing would only cost time.
MAX_CHARACTERS = 200_000
#: The most objects, lists and texts around an answer.
MAX_WRAPPERS = 6
#: The most characters of an answer that a message quotes.
QUOTED = 60
#: Stands for a key that an object does not have.
MISSING = object()


def last_list(text: str, key: str, item_keys: Sequence[str]) -> tuple[list[Any], bool]:
    """Return the last list of items under a key in an answer, and whether it is whole.

    ``item_keys``: by which an object is recognized as an item.

    Objects without a list around them are one: they are what is left of a list that is cut off.
    """
    found = found_values(text)
    lists: list[tuple[list[Any], bool]] = []
    loose: list[Any] = []
    for value, is_inner in found:
        if _is_item(value, item_keys):
            if not lists or lists[-1][0] is not loose:
                loose = []
                lists.append((loose, not is_inner))
            loose.append(value)
        elif value == [] and not is_inner:
            lists.append(([], True))
        else:
            lists += [(one, True) for one in _lists(value, key, item_keys, MAX_WRAPPERS)]
    if lists:
        return lists[-1]
    for value in reversed(objects_with(key, found)):
        listed = quoted(member(value, key))
        raise AnswerUnusable(f'"{key}" is not a list: {listed}')
    raise nothing_found(key, text, found)


def _lists(value: Any, key: str, item_keys: Sequence[str], depth: int) -> Iterator[list[Any]]:
    """Yield the lists of items in a value: with their key, bare, or in wrappers and texts."""
    listed = member(value, key)
    if isinstance(listed, str):  # of JSON
        listed = next(iter(inner_values(listed)), listed)
    if isinstance(listed, list):
        yield listed
    elif _is_item(value, item_keys):
        yield [value]
    elif isinstance(value, list) and any(_is_item(one, item_keys) for one in value):
        yield value
    elif depth:
        for inner in inner_values(value):
            yield from _lists(inner, key, item_keys, depth - 1)


def _is_item(value: Any, item_keys: Sequence[str]) -> bool:
    return any(member(value, key) is not None for key in item_keys)


def objects_with(key: str, found: Sequence[FoundValue]) -> list[dict[str, Any]]:
    """Return the objects with a key that were found, outer ones before those within them."""
    return [one for value, _ in found for one in _with_key(key, value, MAX_WRAPPERS)]


def _with_key(key: str, value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if member(value, key, MISSING) is not MISSING:
        yield value
    if depth:
        for inner in inner_values(value):
            yield from _with_key(key, inner, depth - 1)


def found_values(text: str) -> list[FoundValue]:
    """Return the JSON values in a text; raises AnswerUnusable when it is empty or much too long."""
    if not text.strip() and not cut_off_reason(text):
        raise AnswerUnusable("The answer is empty.")
    if len(text) > MAX_CHARACTERS:
        raise AnswerUnusable(
            f"The answer has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read."
        )
    return [*find_values(text)]


def nothing_found(key: str, text: str, found: Sequence[FoundValue]) -> AnswerUnusable:
    if stopped := cut_off_reason(text):
        return AnswerCutOff(f"The answer was cut off (stop reason {stopped}): {quoted(text)}")
    is_object = any(isinstance(value, dict) for value, _ in found)
    fault = f"no JSON object with the key {key!r}" if is_object else "no complete JSON object"
    return AnswerUnusable(f"The answer contains {fault}: {quoted(text)}")


def quoted(value: Any) -> str:
    """Quote the beginning of a value as plain ASCII, safe for any log."""
    text = ascii(value)
    return text if len(text) <= QUOTED else f"{text[:QUOTED]}..."
