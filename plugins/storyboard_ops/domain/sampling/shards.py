"""Records of shard planning: what one mapped task samples, and the quarantined videos."""

from __future__ import annotations

from pydantic import Field, model_validator

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.image_records import VideoRef


class Shard(Record):
    """A range of a video's samples, processed by one mapped task; small enough for XCom."""

    video: VideoRef
    first_k: int = Field(ge=0)
    last_k: int = Field(gt=0)  # exclusive
    label: str  # for people: "film.mp4 0:10:00-0:20:00"
    lost: str = ""  # where the video breaks off; empty: it is complete

    @model_validator(mode="after")
    def _contains_a_sample(self) -> Shard:
        if self.last_k <= self.first_k:
            raise ValueError(f"a shard needs at least one sample: {self.first_k}..{self.last_k}")
        return self


class QuarantinedVideo(Record):
    """A video, or a part of one, that could not be read; the run continues without it."""

    uri: str
    reason: str
    part: str = ""  # label of the lost shard; empty: the whole video
