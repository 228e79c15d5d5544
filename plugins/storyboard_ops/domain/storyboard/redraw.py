"""A request to draw one panel of an earlier board again, and why a panel shows its picture."""

from __future__ import annotations

from pydantic import Field

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.settings.storyboard import LARGEST_SEED

#: Characters of what is added to the prompt, of a panel's id and of a picture's URI.
MOST_NOTE, MOST_PANEL_ID, MOST_URI = 400, 40, 1_200


class Redraw(Record):
    """What to change when a panel is drawn again."""

    panel_id: str = Field(min_length=1, max_length=MOST_PANEL_ID)
    note: str = Field("", max_length=MOST_NOTE)  # added to the prompt
    #: Of the first candidate; the others follow. None: the one after those drawn before.
    seed: int | None = Field(None, ge=0, le=LARGEST_SEED)
    reference: str = Field("", max_length=MOST_URI)  # S3 URI of a picture; empty: none is added


class PanelChoice(Record):
    """Who chose the picture of a panel."""

    by: str
    at: str  # ISO 8601
    #: SHA-256 of the picture that the panel had shown before.
    instead_of: str = ""
