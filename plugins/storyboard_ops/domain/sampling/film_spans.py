"""Spans of films by content, and tombstones of what was removed from a workspace."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property

from pydantic import Field

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.image_records import Frame

#: Length of an instant in seconds; the seconds of frames are rounded to a millionth.
INSTANT_S = 1e-3


class FilmSpan(Record):
    """A span of one version of a film, in seconds since its first displayed frame."""

    video_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    from_s: float = Field(0.0, ge=0)
    to_s: float | None = None  # exclusive; None: to the end

    @property
    def whole(self) -> bool:
        """Whether it is the whole film."""
        return self.from_s == 0 and self.to_s is None

    @property
    def end(self) -> float:
        return float("inf") if self.to_s is None else self.to_s


class FilmSpans:
    """Merged spans of many films, with fast lookup of a moment."""

    def __init__(self, spans: Iterable[FilmSpan] = ()) -> None:
        by_video: dict[str, list[FilmSpan]] = defaultdict(list)
        for span in spans:
            by_video[span.video_sha256].append(span)
        self._merged = {sha: _merged(sha, found) for sha, found in by_video.items()}
        self._starts = {sha: [s.from_s for s in found] for sha, found in self._merged.items()}

    def __bool__(self) -> bool:
        return bool(self._merged)

    def __iter__(self) -> Iterator[FilmSpan]:
        return iter([span for sha in sorted(self._merged) for span in self._merged[sha]])

    def of(self, video_sha256: str) -> tuple[FilmSpan, ...]:
        """Return the merged spans of one film, in order."""
        return tuple(self._merged.get(video_sha256, ()))

    def covers(self, video_sha256: str, seconds: float) -> bool:
        """Return whether a moment of a film is in one of the spans."""
        starts = self._starts.get(video_sha256, [])
        place = bisect_right(starts, seconds + INSTANT_S / 2) - 1
        return place >= 0 and seconds < self._merged[video_sha256][place].end - INSTANT_S / 2

    def whole(self, video_sha256: str) -> bool:
        """Return whether the whole film is covered."""
        return any(span.whole for span in self.of(video_sha256))


def _merged(sha: str, spans: Iterable[FilmSpan]) -> list[FilmSpan]:
    merged: list[FilmSpan] = []
    for span in sorted(spans, key=lambda s: (s.from_s, s.end)):
        if merged and span.from_s <= merged[-1].end:
            last = merged.pop()
            to_s = None if max(last.end, span.end) == float("inf") else max(last.end, span.end)
            span = FilmSpan(video_sha256=sha, from_s=last.from_s, to_s=to_s)
        merged.append(span)
    return merged


class Tombstone(Record):
    """One removal, which every later run must honour."""

    removal_id: str
    what: str  # for people: "shot 40 of s3://studio/videos/film.mp4"
    video_uri: str = ""  # of a film removed by URI: every version there is refused
    spans: tuple[FilmSpan, ...] = ()
    production: str = ""  # slug, of a removed person
    character: str = ""
    reason: str
    requested_by: str
    removed_at: str  # ISO 8601

    @property
    def explanation(self) -> str:
        """Reason of the removal, for the log and reports."""
        return (
            f"removed on {self.removed_at[:10]} by {self.requested_by}: {self.reason} "
            f"(removals/{self.removal_id}.html)"
        )


class Tombstones(Record):
    """``removed.json`` of a workspace: what later runs leave out."""

    removals: tuple[Tombstone, ...] = ()

    @cached_property
    def spans(self) -> FilmSpans:
        return FilmSpans(span for removal in self.removals for span in removal.spans)

    def film(self, uri: str, video_sha256: str) -> Tombstone | None:
        """Return the tombstone of a whole film, or None when it may be used."""
        for removal in self.removals:
            whole = FilmSpans(removal.spans).whole(video_sha256)
            if whole or (removal.video_uri and removal.video_uri == uri):
                return removal
        return None

    def person(self, production: str, character: str) -> Tombstone | None:
        """Return the tombstone of a character, or None when they may be detected."""
        wanted = (production, character)
        found = (one for one in self.removals if (one.production, one.character) == wanted)
        return next(found, None)

    def covers(self, frame: Frame) -> bool:
        """Return whether a frame was removed."""
        return self.spans.covers(frame.video.sha256, frame.seconds)

    def with_tombstone(self, tombstone: Tombstone) -> Tombstones:
        """Return these with one more, which replaces an earlier one of the same removal."""
        others = [one for one in self.removals if one.removal_id != tombstone.removal_id]
        return Tombstones(removals=(*others, tombstone))
