"""Read an OpenTimelineIO timeline, alone or in an OTIOZ bundle."""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import opentimelineio as otio

from storyboard_ops.core.storyboard.editorial.otio_timeline import METADATA_KEY
from storyboard_ops.core.storyboard.retiming.cut_events import (
    CutEvent,
    ReadCut,
    file_of,
    in_order,
    known,
)
from storyboard_ops.domain.bounded_text import read_json
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.input_limits import MOST_CUT_BYTES
from storyboard_ops.domain.storyboard.frame_rate import FrameRate, closest_rate

#: What OpenTimelineIO raises for documents of another shape.
_FAULTS = (
    otio.exceptions.OTIOError, ArithmeticError, AttributeError, LookupError, RuntimeError,
    StopIteration, TypeError, ValueError,
)  # fmt: skip
#: What ``zipfile`` and its decoders raise for damaged files.
_ZIP_FAULTS = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, LookupError, OSError, RuntimeError,
    ValueError,
)  # fmt: skip


def unpack_bundle(body: bytes, what: str) -> bytes:
    """Return the timeline in an OTIOZ; raises BadInput when there is none within the bounds."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as bundle:
            entry = bundle.getinfo("content.otio")
            if entry.file_size > MOST_CUT_BYTES:
                raise BadInput(
                    f"{what} has a timeline of {entry.file_size:,} bytes; at most "
                    f"{MOST_CUT_BYTES:,} are read."
                )
            return bundle.read(entry)
    except _ZIP_FAULTS as error:
        raise BadInput(
            f"{what} is not an OTIOZ bundle: {error}. Export the timeline again."
        ) from None


def read_otio(body: bytes, what: str, board_rate: FrameRate) -> ReadCut:
    """Read the video tracks of a timeline; raises BadInput when it is none."""
    read_json(body, what, MOST_CUT_BYTES)  # within bounds, before a library reads it
    try:
        timeline = otio.adapters.read_from_string(body.decode("utf-8-sig"), "otio_json")
        if isinstance(timeline, otio.schema.SerializableCollection):
            timeline = next(iter(timeline.find_children(descended_from_type=otio.schema.Timeline)))
        tracks = list(timeline.video_tracks())
        rate = _rate(timeline, tracks, what, board_rate)
        start = _frames(timeline.global_start_time, rate) if timeline.global_start_time else 0
        events = in_order(event for track in tracks for event in _events(track, rate, start))
    except _FAULTS:
        raise BadInput(
            f"{what} is not a timeline that OpenTimelineIO {otio.__version__} can read; export the "
            "sequence again as .otio, EDL or XML."
        ) from None
    return ReadCut(rate, events)


def _rate(timeline: Any, tracks: list[Any], what: str, board_rate: FrameRate) -> FrameRate:
    fps = next((c.duration().rate for track in tracks for c in track.find_clips()), None)
    if timeline.global_start_time is not None:
        fps = timeline.global_start_time.rate
    if fps is None:
        return board_rate
    rate = closest_rate(fps, board_rate.drop)
    if rate is None:
        raise BadInput(
            f"{what} has {fps:g} frames per second, which is no frame rate of editing; set the "
            "timeline's rate, and export it again."
        )
    return rate


def _frames(time: Any, rate: FrameRate) -> int:
    value: float = time.rescaled_to(float(rate.exact)).value
    return round(value)


def _events(track: Any, rate: FrameRate, start: int) -> Iterator[CutEvent]:
    if not track.enabled:
        return
    for item in track:
        if isinstance(item, otio.schema.Transition) or not getattr(item, "enabled", True):
            continue
        place = track.range_of_child(item)
        first, end = (
            _frames(time, rate) for time in (place.start_time, place.end_time_exclusive())
        )
        blank = isinstance(item, otio.schema.Gap)
        yield CutEvent(_names(item), start + first, end - first, blank)


def _names(item: Any) -> tuple[str, ...]:
    own = item.metadata.get(METADATA_KEY, {})
    reference = getattr(item, "media_reference", None)
    reel = item.metadata.get("cmx_3600", {}).get("reel")
    return known(
        own.get("panel_id"),
        item.name,
        file_of(getattr(reference, "target_url", None)),
        getattr(reference, "name", None),
        reel,
    )
