"""A picture that was drawn for a panel, as later runs find it by what was asked for."""

from __future__ import annotations

from storyboard_ops.domain.base_record import Record

#: The operation of the answers that these records are.
PICTURE_ANSWERS = "storyboard.picture"


class DrawnPicture(Record):
    """One picture in the folder of the run that drew it."""

    uri: str
    etag: str  # of the object: another one is another picture under the same name
    sha256: str
    width: int
    height: int
    run_key: str
    notes: tuple[str, ...] = ()  # how the request or the picture was changed
