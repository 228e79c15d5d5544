"""Runs the cells of a notebook in order, as a kernel does, and keeps what they show.

Jupyter's own client needs a kernel, ZeroMQ and tornado; executing cells needs none of these. What
is replaced is the display alone: ``HTML``, ``display`` and the handle that updates a picture.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch


@dataclass(frozen=True)
class Cell:
    """One cell of a notebook."""

    id: str
    is_code: bool
    source: str
    outputs: tuple[Any, ...]
    count: int | None

    @property
    def imports(self) -> set[str]:
        """The packages that the cell imports."""
        found = set()
        for node in ast.walk(ast.parse(self.source)):
            if isinstance(node, ast.Import):
                found |= {one.name.partition(".")[0] for one in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(str(node.module).partition(".")[0])
        return found


def read_cells(path: Path) -> list[Cell]:
    """Read a notebook of format 4.5."""
    document = json.loads(path.read_text("utf-8"))
    assert (document["nbformat"], document["nbformat_minor"]) == (4, 5)
    return [
        Cell(
            one["id"],
            one["cell_type"] == "code",
            "".join(one["source"]),
            tuple(one.get("outputs", ())),
            one.get("execution_count"),
        )
        for one in document["cells"]
    ]


@dataclass
class Shown:
    """What the cells have displayed: the HTML of each display, with its updates."""

    pages: list[list[str]] = field(default_factory=list)

    def display(self, html: str, display_id: bool = False) -> Handle:
        self.pages.append([html])
        return Handle(self.pages[-1])


@dataclass(frozen=True)
class Handle:
    """One display, which a cell may update."""

    page: list[str]

    def update(self, html: str) -> None:
        self.page.append(html)


@dataclass
class Notebook:
    """A notebook that runs in this process."""

    path: Path
    parameters: Mapping[str, Any] = field(default_factory=dict)  # after the cell of this name
    names: dict[str, Any] = field(default_factory=dict)
    shown: Shown = field(default_factory=Shown)

    def run(self) -> Iterator[str]:
        """Run cell after cell, yielding the id of each that has ended."""
        for cell in read_cells(self.path):
            if cell.is_code:
                code = compile(cell.source, f"{self.path.name}: {cell.id}", "exec")
                with _displaying(self.shown):
                    exec(code, self.names)
                if cell.id == "parameters":
                    self.names.update(self.parameters)
                yield cell.id


@contextmanager
def _displaying(shown: Shown) -> Iterator[None]:
    package, module = ModuleType("IPython"), ModuleType("IPython.display")
    module.HTML, module.display = str, shown.display  # type: ignore[attr-defined]
    with patch.dict(sys.modules, {"IPython": package, "IPython.display": module}):
        yield
