"""Which desk reviews a run, and why."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator

from storyboard_ops.domain.base_record import Record

#: ``a2i`` and ``page`` are desks of people; ``without_people``: the pipeline approves by itself.
DeskName = Literal["a2i", "page", "without_people"]
#: What earlier versions called a desk, in records of their runs.
FORMER_NAMES = {"auto": "without_people"}

#: A desk in a record of any version.
RecordedDesk = Annotated[
    DeskName,
    BeforeValidator(lambda name: FORMER_NAMES.get(name, name) if isinstance(name, str) else name),
]


class DeskChoice(Record):
    """The desk of a run: preflight decides once, and no later step changes it."""

    desk: RecordedDesk
    why: str  # continues the name, e.g. "chosen because …"

    def __str__(self) -> str:
        return f"{self.desk}, {self.why}"
