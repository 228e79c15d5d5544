"""Takes what mentions removed material out of manifests, records and tables, and nothing else.

What a record is about is told by its lineage alone, so that the filter knows no kind of manifest:
a mapping leaves when one of its own values is the digest or the URI of something removed, or when
the frame it descends from lies in a removed stretch of film. What merely compares itself with
something removed stays and forgets the comparison. A line that loses nothing stays byte for byte
as it was.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.manifest_codec import (
    SHORT_DIGEST,
    ManifestHeader,
    ManifestRef,
    decode_header,
)
from storyboard_ops.domain.sampling.film_spans import FilmSpans

#: What a record descends from: when this leaves, so does the record.
ANCESTORS = frozenset({"frame", "video"})
#: What a record only compares itself with.
NEIGHBOURS = frozenset({"nearest"})
INSTEAD = "a removed picture"

_HEX = re.compile(r"[0-9a-f]{12,64}")


class _Gone:
    """In place of a value that leaves."""


GONE = _Gone()

#: Gives the reference that now belongs to the manifest at a URI; None: it has not changed.
Refresh = Callable[[str], ManifestRef | None]


@dataclass(frozen=True)
class Marks:
    """What was removed: stretches of film, digests of pictures, URIs of objects."""

    spans: FilmSpans = field(default_factory=FilmSpans)
    digests: frozenset[str] = frozenset()  # SHA-256 of frames, pictures and panels
    uris: frozenset[str] = frozenset()

    @cached_property
    def _short(self) -> frozenset[str]:
        return frozenset(digest[:SHORT_DIGEST] for digest in self.digests)

    @cached_property
    def _clues(self) -> frozenset[str]:
        """Starts of every digest that stands in the marks, of films and in URIs too."""
        films = {span.video_sha256[:SHORT_DIGEST] for span in self.spans}
        in_uris = {found[:SHORT_DIGEST] for uri in self.uris for found in _HEX.findall(uri)}
        return self._short | films | in_uris

    @cached_property
    def _plain_uris(self) -> tuple[str, ...]:
        """URIs that hold no digest."""
        return tuple(uri for uri in self.uris if not _HEX.search(uri))

    def may_concern(self, text: str) -> bool:
        """Whether a text can hold anything that was removed; quick, and never wrongly False."""
        if any(found[:SHORT_DIGEST] in self._clues for found in _HEX.findall(text)):
            return True
        return any(uri in text for uri in self._plain_uris)

    def named_in(self, text: str) -> bool:
        """Whether a text holds the digest, or the start of one, of something removed."""
        return any(found[:SHORT_DIGEST] in self._short for found in _HEX.findall(text))

    def told_without(self, text: str) -> str:
        """The text with such digests replaced by words."""
        if not self.named_in(text):
            return text
        return _HEX.sub(lambda m: INSTEAD if m[0][:SHORT_DIGEST] in self._short else m[0], text)

    def is_about(self, value: Any) -> bool:
        """Whether a text is, as a whole, the digest or the URI of something removed."""
        return isinstance(value, str) and (value in self.digests or value in self.uris)

    def cover(self, frame: Mapping[str, Any]) -> bool:
        """Whether a frame, as JSON, lies in a removed stretch."""
        ticks = frame["pts"] - frame["start_pts"]
        seconds = float(ticks * Fraction(frame["time_base"]))
        return self.spans.covers(frame["video"]["sha256"], seconds)


def nothing_changed(_uri: str) -> ManifestRef | None:
    """For a value in which no reference has to be refreshed."""
    return None


def without(value: Any, marks: Marks, refresh: Refresh = nothing_changed) -> Any:
    """A JSON value without what was removed; GONE when nothing of it stays."""
    if isinstance(value, dict):
        return _mapping_without(value, marks, refresh)
    if isinstance(value, list):
        cleaned = [without(item, marks, refresh) for item in value]
        return [item for item in cleaned if item is not GONE]
    if isinstance(value, str):
        return _text_without(value, marks, refresh)
    return value


def _mapping_without(value: dict[str, Any], marks: Marks, refresh: Refresh) -> Any:
    if _is_about_something_removed(value, marks):
        return GONE
    if value.keys() == {"uri", "count", "sha256"} and (ref := refresh(value["uri"])):
        return ref.model_dump(mode="json")
    kept = {}
    for name, item in value.items():
        if marks.is_about(name):
            continue
        cleaned = "" if name in NEIGHBOURS and marks.is_about(item) else item
        cleaned = without(cleaned, marks, refresh)
        if cleaned is not GONE:
            kept[name] = cleaned
        elif name in ANCESTORS:
            return GONE
    return kept


def _is_about_something_removed(value: dict[str, Any], marks: Marks) -> bool:
    if {"pts", "start_pts", "time_base", "video"} <= value.keys() and marks.cover(value):
        return True
    if {"sha256", "version", "uri"} <= value.keys() and marks.spans.whole(value["sha256"]):
        return True
    own = (item for name, item in value.items() if name not in NEIGHBOURS)
    return any(map(marks.is_about, own))


def _text_without(text: str, marks: Marks, refresh: Refresh) -> Any:
    if marks.is_about(text):
        return GONE
    inner = _json_in(text)
    if inner is None:
        return marks.told_without(text)
    cleaned = without(inner, marks, refresh)
    if cleaned == inner:
        return text
    return json.dumps([] if cleaned is GONE else cleaned, ensure_ascii=False)


def _json_in(text: str) -> Any:
    """The value of a text that is JSON itself, as in the answers of reviewers; else None."""
    if not text.lstrip().startswith(("[", "{")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def json_without(body: bytes, marks: Marks, refresh: Refresh = nothing_changed) -> bytes | None:
    """A JSON document without what was removed; None when nothing of it stays."""
    value = json.loads(body)
    cleaned = without(value, marks, refresh)
    if cleaned is GONE:
        return None
    return body if cleaned == value else canonical_json(cleaned).encode()


def lines_without(body: bytes, marks: Marks, refresh: Refresh = nothing_changed) -> bytes:
    """JSON Lines, with or without a manifest's header, without what was removed.

    The header keeps the digest of what the manifest was made from and tells in its summary, as
    ``removed_rows``, how many rows it has lost since; its other figures are those of the making.
    """
    lines = body.decode().split("\n")
    header = header_of(body)
    rows = lines[1:] if header else lines
    kept = [cleaned for row in rows if (cleaned := _line_without(row, marks, refresh)) is not None]
    if header is None:
        return "\n".join(kept).encode()
    summary = without(header.summary, marks, refresh)
    lost = len(rows) - len(kept)
    if lost:
        summary = {**summary, "removed_rows": summary.get("removed_rows", 0) + lost}
    if summary == header.summary:
        return "\n".join([lines[0], *kept]).encode()
    told = header.model_copy(update={"count": header.count - lost, "summary": summary})
    return "\n".join([canonical_json(told), *kept]).encode()


def header_of(body: bytes) -> ManifestHeader | None:
    """The header of a manifest; None for other JSON Lines."""
    first = body.split(b"\n", 1)[0]
    return decode_header(body) if b'"input_digest"' in first else None


def _line_without(line: str, marks: Marks, refresh: Refresh) -> str | None:
    if not marks.may_concern(line):
        return line
    value = json.loads(line)
    cleaned = without(value, marks, refresh)
    if cleaned is GONE:
        return None
    return line if cleaned == value else canonical_json(cleaned)


def table_without(body: bytes, marks: Marks) -> bytes:
    """CSV with a heading, without the rows of which a cell is, as a whole, removed."""
    text = body.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    kept = [
        [marks.told_without(cell) for cell in row]
        for row in rows
        if not any(map(marks.is_about, row))
    ]
    if kept == rows:
        return body
    file = io.StringIO(newline="")
    csv.writer(file).writerows(kept)
    prefix = b"\xef\xbb\xbf" if body.startswith(b"\xef\xbb\xbf") else b""
    return prefix + file.getvalue().encode()
