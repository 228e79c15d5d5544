"""An independent validator of written datasets: it knows the documented limits and nothing else.

Sources: Amazon Nova user guide, "Preparing data for fine-tuning creative content generation
models" (records, captions, pictures, names of files), and the AWS blog on character-consistent
storyboards (labelling file). It imports nothing of the product, so that a limit that the product
has misread is found here.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from PIL import Image

#: Gives the bytes of an object by its s3:// URI, or None when there is none.
Fetch = Callable[[str], bytes | None]

S3_URI = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/(?P<key>.+)")
FILE_NAME = re.compile(r"[A-Za-z0-9_\-/.]+")


def training_faults(manifest: bytes, fetch: Fetch) -> list[str]:
    """Everything for which Nova Canvas fine-tuning would refuse the manifest; empty: nothing."""
    lines, faults = _json_lines(manifest)
    if not 5 <= len(lines) <= 10_000:
        faults.append(f"{len(lines)} records are not 5 to 10,000")
    for number, line in enumerate(lines, start=1):
        faults += [f"record {number}: {fault}" for fault in _training_record(line, fetch)]
    return faults


def labelling_faults(file: bytes, fetch: Fetch) -> list[str]:
    """Everything in which a labelling file differs from the form that the blog prints."""
    lines, faults = _json_lines(file)
    for number, line in enumerate(lines, start=1):
        problem = _keys(line, {"image_ref", "alt_text"})
        if problem:
            faults.append(f"record {number}: {problem}")
        elif fetch(line["image_ref"]) is None:
            faults.append(f"record {number}: {line['image_ref']} does not exist")
    return faults


def _json_lines(body: bytes) -> tuple[list[Any], list[str]]:
    """The values of a JSON Lines file, each of whose objects names every key once."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        return [], [f"not UTF-8: {error}"]
    if body.startswith(b"\xef\xbb\xbf"):
        return [], ["begins with a byte order mark"]
    values, faults = [], []
    for number, line in enumerate(text.removesuffix("\n").split("\n"), start=1):
        try:
            values.append(json.loads(line, object_pairs_hook=_once_each))
        except ValueError as error:
            faults.append(f"line {number} is not JSON: {error}")
    return values, faults


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return dict(pairs)


def _keys(record: Any, wanted: set[str]) -> str:
    """What is wrong with the shape of a record whose values are to be texts."""
    if not isinstance(record, dict) or set(record) != wanted:
        return f"not an object with exactly {sorted(wanted)}"
    if not all(isinstance(value, str) for value in record.values()):
        return "a value is no text"
    return ""


def _training_record(record: Any, fetch: Fetch) -> Iterator[str]:
    problem = _keys(record, {"image-ref", "caption"})
    if problem:
        yield problem
        return
    caption, uri = record["caption"], record["image-ref"]
    if not 3 <= len(caption) <= 1_024:
        yield f"a caption of {len(caption)} characters is not 3 to 1,024"
    match = S3_URI.fullmatch(uri)
    if match is None:
        yield f"{uri!r} is no S3 URI"
        return
    if not FILE_NAME.fullmatch(match["key"]):
        yield f"{match['key']!r} has characters that are not allowed in a file name"
    body = fetch(uri)
    if body is None:
        yield f"{uri} does not exist"
    else:
        yield from _picture(body)


def _picture(body: bytes) -> Iterator[str]:
    if len(body) > 50 * 1_000_000:
        yield f"a picture of {len(body)} bytes is above 50 MB"
    try:
        with Image.open(io.BytesIO(body)) as picture:
            picture.load()
            kind, (width, height) = picture.format, picture.size
    except OSError as error:
        yield f"no picture: {error}"
        return
    if kind not in ("PNG", "JPEG"):
        yield f"a picture of the format {kind} is neither PNG nor JPEG"
    if not all(512 <= side <= 4_096 for side in (width, height)):
        yield f"{width} x {height} px: a side is not 512 to 4,096"
    if width * height > 12_582_912:
        yield f"{width} x {height} px: above 12,582,912 pixels"
    if max(width, height) > 4 * min(width, height):
        yield f"{width} x {height} px: the shape is not 1:4 to 4:1"
