"""Encode and decode manifests: JSON Lines with a header, written last as the commit marker.

The first line is the header, every further line one record:

    {"count":2,"input_digest":"9c…","kind":"frames","summary":{…}}
    {"k":0,…}
    {"k":1,…}

A step that finds its manifest with the same ``input_digest`` returns it at no cost.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

from pydantic import Field, ValidationError

from storyboard_ops.domain.base_record import Record, canonical_json, faults_of
from storyboard_ops.domain.bounded_text import read_json, short_repr, shorten
from storyboard_ops.domain.error_tree import BadInput, ManifestCorrupt
from storyboard_ops.domain.input_limits import MOST_RECORD_ITEMS, MOST_SHOWN_VALUE

R = TypeVar("R", bound=Record)

#: Hex digits of a digest in file names and free text.
SHORT_DIGEST = 12


class ManifestRef(Record):
    """Reference to rows that is passed through XCom: their URI, number and digest."""

    uri: str
    count: int = Field(ge=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class ManifestHeader(Record):
    """The first line of a manifest."""

    kind: str
    input_digest: str
    count: int = Field(ge=0)
    summary: dict[str, Any] = {}


class Manifest(Record, Generic[R]):
    """A decoded manifest: header and records."""

    header: ManifestHeader
    records: tuple[R, ...]


def encode_header(
    kind: str, input_digest: str, count: int, summary: dict[str, Any] | None = None
) -> bytes:
    """Return the first line of a manifest."""
    header = ManifestHeader(
        kind=kind, input_digest=input_digest, count=count, summary=summary or {}
    )
    return encode_row(header)


def encode_row(record: Record) -> bytes:
    """Return the line of a record; equal records give equal bytes."""
    return f"{canonical_json(record)}\n".encode()


def encode_manifest(
    kind: str, input_digest: str, records: Sequence[Record], summary: dict[str, Any] | None = None
) -> bytes:
    """Return the manifest's bytes; equal input gives equal bytes."""
    header = encode_header(kind, input_digest, len(records), summary)
    return b"".join((header, *map(encode_row, records)))


def decode_header(body: bytes) -> ManifestHeader:
    """Return only the header; raises ManifestCorrupt when the first line is not a header."""
    return decode_record(body.split(b"\n", 1)[0], ManifestHeader, "The first line")


def decode_record(body: bytes | str, record_type: type[R], what: str) -> R:
    """Return a record that was written as JSON; ``what`` names it, e.g. by its URI.

    Raises ManifestCorrupt when it is not one, or exceeds the bounds of ``read_json``.
    """
    try:
        return record_type.model_validate(read_json(body, what, most_items=MOST_RECORD_ITEMS))
    except BadInput as error:
        raise ManifestCorrupt(str(error)) from error
    except ValidationError as error:
        faults = "; ".join(faults_of(error, "record"))
        raise ManifestCorrupt(
            f"{what} is not a valid {record_type.__name__}: {faults}. Clear the task that wrote it."
        ) from error


def decode_rows(
    lines: Iterable[bytes], header: ManifestHeader, record_type: type[R], kind: str
) -> Iterator[R]:
    """Yield the records of the lines after the header.

    Raises ManifestCorrupt when kind, count or a line is wrong, at the first line that is.
    """
    if header.kind != kind:
        raise ManifestCorrupt(
            f"Expected a manifest of {kind!r}, found one of {short_repr(header.kind)}."
        )
    found = 0
    for line in lines:
        found += 1
        yield _decode_row(line, record_type, kind)
    if found != header.count:
        raise ManifestCorrupt(f"{kind}: the header says {header.count} records, {found} found.")


def _decode_row(line: bytes, record_type: type[R], kind: str) -> R:
    try:
        # Rows are many, and their digest is checked: the quick parser will do.
        return record_type.model_validate(json.loads(line))
    except ValidationError as error:
        faults = "; ".join(faults_of(error, "record"))
        raise ManifestCorrupt(
            f"{kind}: a record is not a valid {record_type.__name__}: {faults}. Clear the task "
            "that wrote it."
        ) from error
    except (ValueError, RecursionError) as error:
        fault = shorten(str(error), MOST_SHOWN_VALUE)
        raise ManifestCorrupt(f"{kind}: a record is not JSON: {fault}.") from error


def decode_manifest(body: bytes, record_type: type[R], kind: str) -> Manifest[R]:
    """Return header and records; raises ManifestCorrupt when kind, count or a line is wrong."""
    header = decode_header(body)
    # Not splitlines(): a caption may contain U+2028, which does not end a line in JSON Lines.
    lines = body.rstrip(b"\n").split(b"\n")[1:]
    if header.kind == kind and len(lines) != header.count:
        raise ManifestCorrupt(
            f"{kind}: the header says {header.count} records, {len(lines)} found."
        )
    return Manifest(header=header, records=tuple(decode_rows(lines, header, record_type, kind)))


def sha256_hex(body: bytes) -> str:
    """Return the SHA-256 of the bytes, 64 hex digits."""
    return hashlib.sha256(body).hexdigest()
