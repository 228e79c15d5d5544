"""Write what editing gets of a board: timelines, edit lists, tables of shots, the animatic."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from storyboard_ops.core.storyboard.board import Board
from storyboard_ops.core.storyboard.editorial.aaf import aaf
from storyboard_ops.core.storyboard.editorial.animatic_frames import AnimaticFrames
from storyboard_ops.core.storyboard.editorial.cut import Cut, CutClip, cut_board
from storyboard_ops.core.storyboard.editorial.edl import edit_decision_lists
from storyboard_ops.core.storyboard.editorial.fcp7 import xmeml
from storyboard_ops.core.storyboard.editorial.fcpxml import fcpxml
from storyboard_ops.core.storyboard.editorial.otio_timeline import timeline_json, write_bundle
from storyboard_ops.core.storyboard.editorial.tracker_tables import tracker_tables
from storyboard_ops.domain.base_record import Record, digest_of
from storyboard_ops.domain.error_tree import BadInput, ObjectMissing
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.gateways.storyboard.animatic_file import write_animatic
from storyboard_ops.gateways.storyboard.system_voice import SILENCE, SystemVoice, find_voice
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)

#: Changes when the same board would give other files.
VERSION = 1
RECORD = "storyboard/editorial.json"
ANIMATIC = "animatic.mp4"
_XML, _JSON, _TEXT = "application/xml", "application/json", "text/plain; charset=utf-8"


class EditorialFiles(Record):
    """What was written, and the digest of what it was written from."""

    digest: str
    files: dict[str, str]  # URI by file name
    frames: int  # the running time


def write_editorial_files(
    tools: ToolBox, board: Board, title: str, *, film: bool
) -> dict[str, str]:
    """Write the files next to the board's pictures; returns their URIs by file name.

    ``film``: the animatic, too, which takes longest. Files of an unchanged board stay. A picture
    that is gone leaves its place dark; nothing is raised for it.
    """
    cut = cut_board(board, title, tools.settings.start_timecode)
    writer = _Writer(tools, cut, tools.run_root / "storyboard")
    digest = digest_of(
        [
            VERSION,
            timeline_json(cut),
            tools.settings.animatic_burn_in,
            tools.settings.animatic_voice,
        ]
    )
    before = tools.read_record(RECORD, EditorialFiles)
    files = dict(before.files) if before and before.digest == digest else writer.documents()
    if film and ANIMATIC not in files:
        files |= writer.animatic()
    record = EditorialFiles(digest=digest, files=files, frames=cut.frames)
    if record != before:
        earlier = before.files if before else {}
        stale = [S3Uri.parse(uri) for name, uri in earlier.items() if name not in files]
        tools.objects.delete(stale)
        tools.write_record(RECORD, record)
    return files


@dataclass(frozen=True)
class _Writer:
    tools: ToolBox[Any]
    cut: Cut
    folder: S3Uri

    def documents(self) -> dict[str, str]:
        """Write everything but the animatic."""
        cut = self.cut
        written = [
            self._put("storyboard.otio", timeline_json(cut).encode(), _JSON),
            self._put("storyboard.fcpxml", fcpxml(cut).encode(), _XML),
            self._put("storyboard_fcp7.xml", xmeml(cut).encode(), _XML),
            self._put("storyboard.aaf", aaf(cut), "application/octet-stream"),
        ]
        for part, text in enumerate(edit_decision_lists(cut), start=1):
            name = "storyboard.edl" if part == 1 else f"storyboard_{part}.edl"
            written.append(self._put(name, text.encode(), _TEXT))
        for tracker, table in tracker_tables(cut):
            name = f"shots_{tracker}.csv"
            written.append(self._put(name, table.encode(), "text/csv; charset=utf-8"))
        bundle = self._make("storyboard.otioz", "application/zip", self._write_bundle)
        return dict(written) | bundle

    def animatic(self) -> dict[str, str]:
        """Write the animatic; nothing where this machine cannot encode one."""
        return self._make(ANIMATIC, "video/mp4", self._write_animatic)

    def _put(self, name: str, body: bytes, content_type: str) -> tuple[str, str]:
        return name, self.tools.objects.put(self.folder / name, body, content_type)

    def _make(self, name: str, content_type: str, write: Callable[[Path], None]) -> dict[str, str]:
        """Write a file of any size by way of this machine's disk.

        A machine that cannot costs the run this file, not its report.
        """
        try:
            with tempfile.TemporaryDirectory(prefix="storyboard-editorial-") as folder:
                path = Path(folder) / name
                write(path)
                with path.open("rb") as file:
                    uri = self.tools.objects.upload(file, self.folder / name, content_type)
                log.info("Wrote %s: %.1f MB.", uri, path.stat().st_size / 1e6)
                return {name: uri}
        except (OSError, BadInput) as error:
            log.warning("%s is not made: %s", name, error)
            return {}

    def _write_bundle(self, path: Path) -> None:
        with path.open("wb") as file:
            write_bundle(self.cut, self._pictures(), file)

    def _pictures(self) -> Iterator[tuple[CutClip, bytes]]:
        for clip in self.cut.clips:
            body = self._picture(clip)
            if body is not None:
                yield clip, body

    def _picture(self, clip: CutClip) -> bytes | None:
        if not clip.picture:
            return None
        try:
            return self.tools.objects.get(S3Uri.parse(clip.panel.uri))
        except (ObjectMissing, BadInput) as error:
            log.warning("Panel %s has no picture in the cut: %s", clip.name, error)
            return None

    def _write_animatic(self, path: Path) -> None:
        settings = self.tools.settings
        drawn = AnimaticFrames(self.cut, settings.animatic_burn_in)
        voice = find_voice() if settings.animatic_voice else None
        write_animatic(
            path,
            drawn.size,
            self.cut.frame_rate.exact,
            (
                (drawn.frames(clip, drawn.still(clip, self._picture(clip))), _speak(voice, clip))
                for clip in self.cut.clips
            ),
        )


def _speak(voice: SystemVoice | None, clip: CutClip) -> np.ndarray[Any, np.dtype[np.int16]]:
    if voice is None:
        return SILENCE
    return voice.speak("\n".join(line.text for line in clip.panel.dialogue))
