"""What was read of a script, and what was left out of the storyboard."""

from __future__ import annotations

from collections import Counter

from storyboard_ops.domain.base_record import Record


class OmittedLine(Record):
    """A part of the script that is in no panel."""

    line: int  # from 1; in Final Draft's files, the position among the paragraphs
    kind: str  # of element, e.g. "dialogue"
    text: str  # the start and the end of long ones
    reason: str
    lines: tuple[int, ...] = ()  # all its lines that are in no panel; a note shares one with it


class ScriptRecord(Record):
    """``script.json``: every line of the script is in a panel or listed here."""

    origin: str  # URI of the script
    format: str
    elements: dict[str, int]  # how many there are of each kind
    scenes: int
    panels: int
    omitted: tuple[OmittedLine, ...]

    @property
    def reasons(self) -> dict[str, int]:
        """How many paragraphs are in no panel for each reason, the most frequent first."""
        return dict(Counter(omitted.reason for omitted in self.omitted).most_common())

    def __str__(self) -> str:
        """Describe it in one line.

        >>> print(ScriptRecord(
        ...     origin="a.txt", format="text", elements={"action": 2, "dialogue": 1},
        ...     scenes=1, panels=2, omitted=()))
        text with action: 2, dialogue: 1; read as scenes: 1, panels: 2
        """
        counts = ", ".join(f"{kind}: {count:,}" for kind, count in self.elements.items())
        return (
            f"{self.format} with {counts or 'nothing'}; read as scenes: {self.scenes:,}, "
            f"panels: {self.panels:,}"
        )
