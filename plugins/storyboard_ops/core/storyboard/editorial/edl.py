"""Edit decision lists as CMX 3600 has them: events, and comments with names and notes.

The format knows one track, 999 events and no frame rate above 30; players of today count up to 60
frames, and longer boards are continued in further lists.
"""

from __future__ import annotations

from collections.abc import Iterator

from storyboard_ops.core.storyboard.editorial.cut import Cut, CutClip, one_line
from storyboard_ops.domain.storyboard.frame_rate import FrameRate

MOST_EVENTS = 999
MOST_TITLE = 70
BLACK = "BL"


def edit_decision_lists(cut: Cut) -> tuple[str, ...]:
    """Return the cut as lists of at most 999 events each; timecode runs on from one to the next."""
    parts = range(0, len(cut.clips), MOST_EVENTS)
    return tuple(
        _list(cut, cut.clips[first : first + MOST_EVENTS], part, len(parts))
        for part, first in enumerate(parts, start=1)
    )


def _list(cut: Cut, clips: tuple[CutClip, ...], part: int, parts: int) -> str:
    title = one_line(cut.title)[:MOST_TITLE] + (f" {part} of {parts}" if parts > 1 else "")
    mode = "DROP FRAME" if cut.frame_rate.drop else "NON-DROP FRAME"
    lines = [f"TITLE: {title}", f"FCM: {mode}", ""]
    for number, clip in enumerate(clips, start=1):
        lines += _event(cut, number, clip)
    return "\n".join(lines)


def _event(cut: Cut, number: int, clip: CutClip) -> Iterator[str]:
    rate, end = cut.frame_rate, clip.start + clip.frames
    reel = clip.reel if clip.picture else BLACK
    times = (*_source(rate, clip), cut.timecode(clip.start), cut.timecode(end))
    yield f"{number:03d}  {reel:<8} V     C        {' '.join(times)}"
    yield f"* FROM CLIP NAME: {clip.file_name or clip.name}"
    if clip.picture:
        yield f"* SOURCE FILE: {clip.picture}"
    yield f"* PANEL: {clip.name}"
    if clip.opens_scene:
        yield f"* SCENE: {one_line(clip.panel.scene)}"
    marker = one_line(clip.dialogue or clip.action)
    yield f"* LOC: {cut.timecode(clip.start)} GREEN   {clip.name} {marker}"
    for comment in clip.note.split("\n"):
        yield f"* COMMENT: {one_line(comment)}"
    yield ""


def _source(rate: FrameRate, clip: CutClip) -> tuple[str, str]:
    """Stills have no timecode of their own: theirs begins at zero."""
    return rate.timecode(0), rate.timecode(clip.frames)
