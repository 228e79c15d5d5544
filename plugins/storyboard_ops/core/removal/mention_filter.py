"""Remove mentions of removed material from manifests, records and tables, and nothing else.

The filter looks only at a record's lineage, so it does not depend on the kind of manifest: a
mapping is removed when one of its own values is the digest or the URI of something removed, or when
the frame it descends from is in a removed span of film. A record that is only compared with
something removed stays and loses the comparison. A line that loses nothing stays byte for byte the
same.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import chain
from typing import Any

from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.bounded_text import read_json
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.manifest_codec import (
    SHORT_DIGEST,
    ManifestHeader,
    ManifestRef,
    decode_header,
)
from storyboard_ops.domain.sampling.film_spans import FilmSpans

#: Fields that a record descends from: when one is removed, so is the record.
ANCESTORS = frozenset({"frame", "video"})
#: Fields that a record is only compared with.
NEIGHBOURS = frozenset({"nearest"})
INSTEAD = "a removed picture"

_HEX = re.compile(r"[0-9a-f]{12,64}")


class _Gone:
    """Placeholder for a removed value."""


GONE = _Gone()

#: Returns the new reference of the manifest at a URI; None: it has not changed.
Refresh = Callable[[str], ManifestRef | None]


@dataclass(frozen=True)
class Marks:
    """What was removed: spans of film, digests of pictures, URIs of objects."""

    spans: FilmSpans = field(default_factory=FilmSpans)
    digests: frozenset[str] = frozenset()  # SHA-256 of frames, pictures and panels
    uris: frozenset[str] = frozenset()

    @cached_property
    def _short(self) -> frozenset[str]:
        return frozenset(digest[:SHORT_DIGEST] for digest in self.digests)

    @cached_property
    def _clues(self) -> frozenset[str]:
        """Prefixes of every digest in the marks, including those of films and in URIs."""
        films = {span.video_sha256[:SHORT_DIGEST] for span in self.spans}
        in_uris = {found[:SHORT_DIGEST] for uri in self.uris for found in _HEX.findall(uri)}
        return self._short | films | in_uris

    @cached_property
    def _plain_uris(self) -> tuple[str, ...]:
        """URIs that contain no digest."""
        return tuple(uri for uri in self.uris if not _HEX.search(uri))

    def may_mention(self, text: str) -> bool:
        """Return whether a text may mention anything removed; fast, without false negatives."""
        if any(found[:SHORT_DIGEST] in self._clues for found in _HEX.findall(text)):
            return True
        return any(uri in text for uri in self._plain_uris)

    def named_in(self, text: str) -> bool:
        """Return whether a text contains the digest, or its prefix, of something removed."""
        return any(found[:SHORT_DIGEST] in self._short for found in _HEX.findall(text))

    def redact(self, text: str) -> str:
        """Replace the digests of removed material by words."""
        if not self.named_in(text):
            return text
        return _HEX.sub(lambda m: INSTEAD if m[0][:SHORT_DIGEST] in self._short else m[0], text)

    def is_about(self, value: Any) -> bool:
        """Return whether a value is exactly the digest or the URI of something removed."""
        return isinstance(value, str) and (value in self.digests or value in self.uris)

    def covers(self, frame: Mapping[str, Any]) -> bool:
        """Return whether a frame, as JSON, is in a removed span."""
        ticks = frame["pts"] - frame["start_pts"]
        seconds = float(ticks * Fraction(frame["time_base"]))
        return self.spans.covers(frame["video"]["sha256"], seconds)


def keep_reference(_uri: str) -> ManifestRef | None:
    """Refresh no reference."""
    return None


def clean_value(value: Any, marks: Marks, refresh: Refresh = keep_reference) -> Any:
    """Remove mentions from a JSON value; returns GONE when nothing of it remains."""
    if isinstance(value, dict):
        return _clean_mapping(value, marks, refresh)
    if isinstance(value, list):
        cleaned = [clean_value(item, marks, refresh) for item in value]
        return [item for item in cleaned if item is not GONE]
    if isinstance(value, str):
        return _clean_text(value, marks, refresh)
    return value


def _clean_mapping(value: dict[str, Any], marks: Marks, refresh: Refresh) -> Any:
    if _is_about_something_removed(value, marks):
        return GONE
    if value.keys() == {"uri", "count", "sha256"} and (ref := refresh(value["uri"])):
        return ref.model_dump(mode="json")
    kept = {}
    for name, item in value.items():
        if marks.is_about(name):
            continue
        cleaned = "" if name in NEIGHBOURS and marks.is_about(item) else item
        cleaned = clean_value(cleaned, marks, refresh)
        if cleaned is not GONE:
            kept[name] = cleaned
        elif name in ANCESTORS:
            return GONE
    return kept


def _is_about_something_removed(value: dict[str, Any], marks: Marks) -> bool:
    if {"pts", "start_pts", "time_base", "video"} <= value.keys() and marks.covers(value):
        return True
    if {"sha256", "version", "uri"} <= value.keys() and marks.spans.whole(value["sha256"]):
        return True
    own = (item for name, item in value.items() if name not in NEIGHBOURS)
    return any(map(marks.is_about, own))


def _clean_text(text: str, marks: Marks, refresh: Refresh) -> Any:
    if marks.is_about(text):
        return GONE
    inner = _json_in(text)
    if inner is None:
        return marks.redact(text)
    cleaned = clean_value(inner, marks, refresh)
    if cleaned == inner:
        return text
    return json.dumps([] if cleaned is GONE else cleaned, ensure_ascii=False)


def _json_in(text: str) -> Any:
    """Parse a text that is JSON itself, as in the answers of reviewers; None for other text."""
    if not text.lstrip().startswith(("[", "{")):
        return None
    try:
        return read_json(text, "")
    except BadInput:
        return None


def clean_json(
    body: bytes, marks: Marks, refresh: Refresh = keep_reference, what: str = "The document"
) -> bytes | None:
    """Remove mentions from a JSON document; returns None when nothing of it remains.

    Raises BadInput naming it as ``what`` when it is not JSON, or exceeds its bounds.
    """
    value = read_json(body, what)
    cleaned = clean_value(value, marks, refresh)
    if cleaned is GONE:
        return None
    return body if cleaned == value else canonical_json(cleaned).encode()


def clean_lines(
    body: bytes, marks: Marks, refresh: Refresh = keep_reference, what: str = "The document"
) -> bytes:
    """Remove mentions from JSON Lines, with or without a manifest's header.

    The header keeps the digest of the manifest's input, and counts in its summary, as
    ``removed_rows``, the rows lost since; the other figures of the summary stay unchanged.
    Raises BadInput naming the document as ``what`` when a row is not JSON.
    """
    cleaner = LineCleaner(marks, refresh, what)
    kept = list(cleaner.rows(body.split(b"\n")))
    return b"\n".join([*cleaner.head, *kept])


class LineCleaner:
    """Removes mentions from JSON Lines of any number, see ``clean_lines``."""

    def __init__(self, marks: Marks, refresh: Refresh = keep_reference, what: str = "") -> None:
        self._marks, self._refresh, self._what = marks, refresh, what
        self._first = b""
        self._header: ManifestHeader | None = None
        self._is_changed = False
        self.lost = 0  # rows

    def rows(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the rows that are left, without a header; ``head`` is complete after the last."""
        left = iter(lines)
        self._first = next(left, b"")
        self._header = header_of(self._first)
        for line in left if self._header else chain([self._first], left):
            text = line.decode()
            cleaned = _clean_line(text, self._marks, self._refresh, self._what)
            self.lost += cleaned is None
            self._is_changed |= cleaned != text
            if cleaned is not None:
                yield cleaned.encode()

    @property
    def is_changed(self) -> bool:
        """Whether anything was removed or refreshed."""
        return self._is_changed or self.head != ([self._first] if self._header else [])

    @property
    def head(self) -> list[bytes]:
        """The line of the header; none when there is no header."""
        if self._header is None:
            return []
        summary = clean_value(self._header.summary, self._marks, self._refresh)
        if self.lost:
            summary = {**summary, "removed_rows": summary.get("removed_rows", 0) + self.lost}
        if summary == self._header.summary:
            return [self._first]
        count = self._header.count - self.lost
        update = {"count": count, "summary": summary}
        return [canonical_json(self._header.model_copy(update=update)).encode()]


def header_of(body: bytes) -> ManifestHeader | None:
    """Return the header of a manifest; None for other JSON Lines."""
    first = body.split(b"\n", 1)[0]
    return decode_header(body) if b'"input_digest"' in first else None


def _clean_line(line: str, marks: Marks, refresh: Refresh, what: str) -> str | None:
    if not marks.may_mention(line):
        return line
    value = read_json(line, f"A row of {what}")
    cleaned = clean_value(value, marks, refresh)
    if cleaned is GONE:
        return None
    return line if cleaned == value else canonical_json(cleaned)


def clean_table(body: bytes, marks: Marks) -> bytes:
    """Remove rows with a cell that is removed material from CSV, and redact the other cells."""
    text = body.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    kept = [
        [marks.redact(cell) for cell in row] for row in rows if not any(map(marks.is_about, row))
    ]
    if kept == rows:
        return body
    file = io.StringIO(newline="")
    csv.writer(file).writerows(kept)
    prefix = b"\xef\xbb\xbf" if body.startswith(b"\xef\xbb\xbf") else b""
    return prefix + file.getvalue().encode()
