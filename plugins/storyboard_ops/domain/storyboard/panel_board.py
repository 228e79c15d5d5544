"""Records of the panel board, on which people compare candidates, choose, and ask for redraws.

Its log is append-only: every save is a ``ChoiceEntry``, and the current state is their fold
(``core.storyboard.choosing.state``). Panels are named as ``Panel.key`` says.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator

from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.review.review_records import UUID_PATTERN, SignedEntry
from storyboard_ops.domain.settings.storyboard import LARGEST_SEED
from storyboard_ops.domain.storyboard.redraw import MOST_NOTE, MOST_PANEL_ID

#: Most panels in one save.
MOST_CHOICES = 200
DIGEST_OR_NONE = r"^([0-9a-f]{64})?$"

PanelId = Annotated[str, Field(min_length=1, max_length=MOST_PANEL_ID)]
Digest = Annotated[str, Field(pattern=DIGEST_OR_NONE)]
#: A page sends an empty field for a seed that nobody has chosen.
Seed = Annotated[
    Annotated[int, Field(ge=0, le=LARGEST_SEED)] | None,
    BeforeValidator(lambda given: None if given == "" else given),
]


class ReferencePicture(Record):
    """A picture that a redraw can be shown: the production's, or one that people have approved."""

    id: str = Field(pattern="^[0-9a-f]{64}$")
    uri: str
    character: str
    approved: bool  # a picture of the films that people have approved


class EarlierPicture(Record):
    """What a panel showed on an earlier run's board."""

    panel_id: str
    run_key: str
    uri: str
    sha256: str
    seed: int
    chosen_by: str = ""


class PanelBoard(Record):
    """What the page shows beside the panels; ``storyboard/panel_board.json`` of a run."""

    panels: ManifestRef
    laid_out_at: str  # ISO 8601
    references: tuple[ReferencePicture, ...] = ()
    #: Why a redraw cannot be shown a reference picture; empty: it can.
    no_references: str = ""
    earlier: tuple[EarlierPicture, ...] = ()  # the latest run first
    #: Most tokens of a request that looks for the characters in one of these panels.
    detection_tokens: int = Field(0, ge=0)


class LoggedChoice(Record):
    """What somebody wants of one panel.

    ``choose``: this candidate. ``redraw``: draw it again; the chosen candidate, if any, stands
    until then. ``open``: as the pipeline has chosen.
    """

    panel_id: PanelId
    based_on: int = Field(ge=0)  # version of the panel that the person saw; 0: untouched
    decision: Literal["choose", "redraw", "open"]
    candidate: Digest = ""  # SHA-256 of its picture
    note: str = Field("", max_length=MOST_NOTE)
    seed: Seed = None
    reference: Digest = ""  # id of a reference picture


class StartedRun(Record):
    """The run that draws and publishes what was chosen."""

    dag_id: str
    run_id: str
    run_key: str
    conf: dict[str, Any]  # its parameters
    usd: float  # the price that was agreed to


class ChoiceEntry(SignedEntry):
    """One line of the log of a panel board."""

    kind: Literal["choices", "publish", "reopen"]
    choices: tuple[LoggedChoice, ...] = ()
    run: StartedRun | None = None  # with "publish"


class PanelState(Record):
    """What is wanted of one panel now, and the version of the log that set it."""

    version: int
    decision: Literal["choose", "redraw", "open"]
    candidate: str
    note: str
    seed: int | None
    reference: str
    reviewer: str
    decided_at: str
    #: Who chose the candidate, when; another may have asked for a redraw since.
    chosen_by: str = ""
    chosen_at: str = ""


class Publication(Record):
    """Who published a board, when, and by which run."""

    by: str
    at: str
    run: StartedRun


class ChoiceBatch(Record):
    """One save of a person, applied atomically."""

    id: str = Field(pattern=UUID_PATTERN)
    choices: tuple[LoggedChoice, ...] = Field(min_length=1, max_length=MOST_CHOICES)

    @field_validator("choices")
    @classmethod
    def _each_panel_once(cls, made: tuple[LoggedChoice, ...]) -> tuple[LoggedChoice, ...]:
        if len({choice.panel_id for choice in made}) < len(made):
            raise ValueError("a panel occurs twice in one save; send one choice per panel")
        return made


class PublishRequest(Record):
    """Request to publish; names what the person saw, so no later change slips in."""

    id: str = Field(pattern=UUID_PATTERN)
    based_on: int = Field(ge=0)  # version of the log that the person saw
    redraws: int = Field(ge=0)
    usd: float = Field(ge=0)  # the price that the page showed
