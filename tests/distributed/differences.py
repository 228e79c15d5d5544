"""Which fields of a dataset's README.md, card.json and lineage.csv two runs write differently."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import PurePosixPath
from typing import Any

#: What a run leaves has the moment of its review in it, and digests of the files with that moment.
DIFFERING = {
    "README.md": ["lineage.csv", "picture's lineage"],
    "card.json": ["files.lineage.csv", "manifest_sha256"],
    "lineage.csv": ["reviewed_at"],
}
#: What a line of a README is about: the first cell of a row, else the words before its colon.
_LABEL = re.compile(r"\| `?(?P<cell>[^|`]*)|(?P<words>[^:]*)")


def differing_fields(found: dict[str, bytes], expected: dict[str, bytes]) -> dict[str, list[str]]:
    """Return the fields that differ by file; a file of another kind has the one field ``bytes``."""
    assert found.keys() == expected.keys()
    differing = {
        name: sorted(set(_fields(PurePosixPath(name).name, found[name], expected[name])))
        for name in expected
        if found[name] != expected[name]
    }
    return dict(sorted(differing.items()))


def _fields(name: str, one: bytes, other: bytes) -> Iterator[str]:
    match name:
        case "card.json":
            yield from _in_values(json.loads(one), json.loads(other), "")
        case _ if name.endswith(".jsonl"):
            lines = zip_longest(one.splitlines(), other.splitlines(), fillvalue=b"null")
            for line, another in lines:
                yield from _in_values(json.loads(line), json.loads(another), "")
        case "lineage.csv":
            yield from _in_columns(one.decode(), other.decode())
        case "README.md":
            yield from _in_lines(one.decode(), other.decode())
        case _:
            yield "bytes"


def _in_values(one: Any, other: Any, path: str) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in one.keys() | other.keys():
            yield from _in_values(one.get(key), other.get(key), f"{path}.{key}".lstrip("."))
    elif isinstance(one, list) and isinstance(other, list):
        for each, another in zip_longest(one, other):
            yield from _in_values(each, another, f"{path}[]")
    elif one != other:
        yield path


def _in_columns(one: str, other: str) -> Iterator[str]:
    for row, another in zip_longest(*(csv.DictReader(io.StringIO(text)) for text in (one, other))):
        columns = (row or {}).keys() | (another or {}).keys()
        yield from (name for name in columns if (row or {}).get(name) != (another or {}).get(name))


def _in_lines(one: str, other: str) -> Iterator[str]:
    for line, another in zip_longest(one.splitlines(), other.splitlines(), fillvalue=""):
        if line != another:
            label = _LABEL.match(line or another)
            yield (label["cell"] or label["words"]).strip()
