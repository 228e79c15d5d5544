"""Advanced Authoring Format, which Avid Media Composer reads: a sequence of linked pictures.

Nothing is embedded. Each picture is a master clip that leads to its file and to a tape by the name
of its reel; ids follow from panel and picture, so that a new export updates a bin instead of
filling it with copies.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime
from typing import Any

from aaf2.file import AAFFile
from aaf2.mobid import UniqueMobID

from storyboard_ops.core.storyboard.editorial.cut import Cut, CutClip

PICTURE_SLOT, PHYSICAL_TRACK = 1, 1
#: Dates that say nothing, so that equal boards give equal files.
UNDATED = datetime(2000, 1, 1)


def aaf(cut: Cut) -> bytes:
    """Return the cut as the bytes of an AAF file."""
    document = AAFFile()
    _Writer(document, cut).write()
    document.save()
    document.manager.remove_temp()
    document.cfb.close()
    return bytes(document.f.getvalue())


class _Writer:
    def __init__(self, document: Any, cut: Cut) -> None:
        self._document, self._cut = document, cut
        self._create = document.create
        self._edit_rate = str(cut.frame_rate.exact)

    def write(self) -> None:
        cut, rate = self._cut, self._cut.frame_rate
        sequence = self._mob(self._create.CompositionMob, cut.title, "sequence")
        sequence.usage = "Usage_TopLevel"
        pictures = sequence.create_picture_slot(self._edit_rate)
        pictures["PhysicalTrackNumber"].value = PHYSICAL_TRACK
        pictures.name = "Panels"
        for clip in cut.clips:
            pictures.segment.components.append(self._component(clip))
        pictures.segment.length = cut.frames
        timecode = sequence.create_timeline_slot(self._edit_rate)
        timecode["PhysicalTrackNumber"].value = PHYSICAL_TRACK
        timecode.segment = self._create.Timecode(rate.nominal, drop=rate.drop, length=cut.frames)
        timecode.segment.start = cut.start
        self._add_markers(sequence)
        self._date()

    def _mob(self, create: Any, name: str, *identity: str) -> Any:
        mob = create(name)
        mob_id = UniqueMobID()
        digest = hashlib.sha256(repr((self._cut.title, *identity)).encode()).digest()
        mob_id.material = uuid.UUID(bytes=digest[:16], version=4)
        mob.mob_id = mob_id
        self._document.content.mobs.append(mob)
        return mob

    def _component(self, clip: CutClip) -> Any:
        if not clip.picture:
            return self._create.Filler("picture", clip.frames)
        return self._master(clip).create_source_clip(PICTURE_SLOT, length=clip.frames)

    def _master(self, clip: CutClip) -> Any:
        identity = clip.name, clip.panel.sha256
        master = self._mob(self._create.MasterMob, clip.name, "master", *identity)
        slot = master.create_picture_slot(self._edit_rate)
        slot.segment.components.append(
            self._file(clip, identity).create_source_clip(PICTURE_SLOT, length=clip.frames)
        )
        slot.segment.length = clip.frames
        master.comments["Panel"] = clip.name
        master.comments["Comments"] = clip.note
        return master

    def _file(self, clip: CutClip, identity: tuple[str, str]) -> Any:
        file = self._mob(self._create.SourceMob, clip.file_name, "file", *identity)
        file.descriptor = self._descriptor(clip)
        slot = file.create_empty_slot(self._edit_rate, "picture", PICTURE_SLOT)
        tape = self._mob(self._create.SourceMob, clip.reel, "tape", clip.reel)
        rate = self._cut.frame_rate
        tape.create_tape_slots(clip.reel, self._edit_rate, rate.nominal, rate.drop, "picture")
        slot.segment = tape.create_source_clip(PICTURE_SLOT, length=clip.frames)
        return file

    def _descriptor(self, clip: CutClip) -> Any:
        width, height = clip.panel.width, clip.panel.height
        picture = self._create.CDCIDescriptor()
        picture["ComponentWidth"].value = 8
        picture["HorizontalSubsampling"].value = 2
        picture["ImageAspectRatio"].value = f"{width}/{height}"
        picture["StoredWidth"].value = width
        picture["StoredHeight"].value = height
        picture["FrameLayout"].value = "FullFrame"
        picture["VideoLineMap"].value = [0]
        picture["SampleRate"].value = self._edit_rate
        picture["Length"].value = clip.frames
        locator = self._create.NetworkLocator()
        locator["URLString"].value = clip.url
        picture["Locator"].append(locator)
        return picture

    def _add_markers(self, sequence: Any) -> None:
        slot = self._create.EventMobSlot()
        slot["SlotID"].value = 1000
        slot["EditRate"].value = self._edit_rate
        slot["PhysicalTrackNumber"].value = PHYSICAL_TRACK
        slot.segment = self._create.Sequence(media_kind="DescriptiveMetadata")
        slot.segment["Components"].value = []
        for clip in self._cut.clips:
            marker = self._create.DescriptiveMarker()
            marker["DescribedSlots"].value = {PICTURE_SLOT}
            marker["Position"].value = clip.start
            marker["Length"].value = 1
            marker["Comment"].value = f"{clip.name}\n{clip.note}"
            marker["CommentMarkerColor"].value = {"red": 0, "green": 65535, "blue": 0}
            slot.segment.components.append(marker)
        sequence.slots.append(slot)

    def _date(self) -> None:
        """Replace the dates and the random id that the library writes."""
        header = self._document.header
        header["LastModified"].value = UNDATED
        for identification in header["IdentificationList"].value:
            identification["Date"].value = UNDATED
            identification["GenerationAUID"].value = uuid.UUID(int=0)
            identification["ProductName"].value = "Storyboard pipeline"
            identification["CompanyName"].value = ""
        for mob in self._document.content.mobs:
            mob["CreationTime"].value = UNDATED
            mob["LastModified"].value = UNDATED
