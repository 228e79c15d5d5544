"""The cut of a picture as a reviewer corrects it: whole pixels of the displayed frame."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from storyboard_ops.domain.base_record import Record

#: A cut as decisions carry it: ``left,top,width,height`` in pixels; empty: as the pipeline cut it.
CutText = Annotated[str, Field(pattern=r"^(\d{1,5},\d{1,5},[1-9]\d{0,4},[1-9]\d{0,4})?$")]


class CutBox(Record):
    """A rectangle of a displayed frame, in pixels from its top left corner."""

    left: int = Field(ge=0)
    top: int = Field(ge=0)
    width: int = Field(gt=0)
    height: int = Field(gt=0)

    @classmethod
    def read(cls, text: str) -> CutBox:
        """Read a CutText that is not empty."""
        left, top, width, height = map(int, text.split(","))
        return cls(left=left, top=top, width=width, height=height)

    def __str__(self) -> str:
        return f"{self.left},{self.top},{self.width},{self.height}"

    def scaled(self, frame: tuple[int, int], to: tuple[int, int]) -> CutBox:
        """Return the same part of a frame that is stored in another size, (width, height) in px."""
        across, down = to[0] / frame[0], to[1] / frame[1]
        left, right = round(self.left * across), round((self.left + self.width) * across)
        top, bottom = round(self.top * down), round((self.top + self.height) * down)
        return CutBox(left=left, top=top, width=max(1, right - left), height=max(1, bottom - top))


class CutCorrection(Record):
    """Who corrected the cut of a picture, and what it was before."""

    by: str
    before: CutBox
    image_id: str = Field(pattern="^[0-9a-f]{64}$")  # of the picture before
