"""What a run gives to programs: its panels in words, and the files that they may read."""

from __future__ import annotations

from storyboard_ops.domain.base_record import Record

#: Where the record is in the folder of a run.
RESULTS = "results.json"
#: Files of a run that are given out by their names; one that the run has not written is missing.
FILES = (
    "report.html",
    "receipt.json",
    "dataset/README.md",
    "dataset/lineage.csv",
    "storyboard/consistency.json",
    "storyboard/storyboard.pdf",
    "storyboard/storyboard.otio",
)


class ResultPanel(Record):
    """One panel of the board in its place."""

    label: str  # as printed
    scene: str  # heading
    description: str
    cast: tuple[str, ...] = ()  # display names
    seconds: float
    sha256: str = ""  # of the picture; empty: it was not drawn
    uri: str = ""
    failure: str = ""  # why it was not drawn
    candidates: int = 0  # pictures that were drawn to choose from
    chosen_because: str = ""


class RunResults(Record):
    """The result of a run as its report shows it."""

    production: str
    attribution: str
    approved: int  # pictures of the dataset
    likeness: str = ""  # of the panels, in words; empty: it was not measured
    panels: tuple[ResultPanel, ...] = ()
