"""The part of a page between two comments, which code writes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class MarkedPart:
    """What is between ``<!-- name: begin -->`` and ``<!-- name: end -->`` in a page."""

    page: Path
    name: str

    def read(self) -> str:
        """Return the part that the page has now."""
        return self._split()[1].strip()

    def write(self, text: str) -> None:
        """Write another part into the page."""
        before, _, after = self._split()
        self.page.write_text(f"{before}\n{text}\n{after}", "utf-8")

    def _split(self) -> tuple[str, str, str]:
        """Return what is before, between and after; the comments are not between."""
        whole = self.page.read_text("utf-8")
        begin, end = (f"<!-- {self.name}: {place} -->" for place in ("begin", "end"))
        first, last = whole.index(begin) + len(begin), whole.index(end)
        return whole[:first], whole[first:last], whole[last:]
