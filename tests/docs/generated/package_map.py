"""The maps in docs/architecture.md, from the imports.

``python -m tests.docs.generated.package_map`` writes them.

A place is a floor of the product with its stage (``steps/dataset``), or another top folder with its
package (``launcher/aws``). The records of ``domain`` count as one place for whoever uses them.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.docs.markdown_files import DOCS, ROOT

PAGE = DOCS / "architecture.md"
UPDATE = "PYTHONPATH=plugins:. .venv/bin/python -m tests.docs.generated.package_map"
PRODUCT = "storyboard_ops"
#: From the top floor down; the order of both maps.
FLOORS = ("dags", "airflow_ops", "cli", "steps", "core", "gateways", "domain")
BESIDE = ("launcher", "bench", "tools", "sample_film", "local_aws", "trainer")

Map = Mapping[str, set[str]]


def package_map(root: Path = ROOT) -> dict[str, set[str]]:
    """Every place, and the places that its modules import."""
    found: dict[str, set[str]] = {}
    for path in _sources(root):
        here = _place(root, _module(root, path))
        wanted = {_place(root, name) for name in _imports(root, path)}
        found.setdefault(here, set()).update(wanted - {"", here})
    return {
        place: _with_one_domain(place, wanted)
        for place, wanted in found.items()
        if place and (wanted or not any(other.startswith(f"{place}/") for other in found))
    }


def _with_one_domain(place: str, wanted: set[str]) -> set[str]:
    if _floor(place) == "domain":
        return wanted
    return {"domain" if _floor(each) == "domain" else each for each in wanted}


def _sources(root: Path) -> Iterator[Path]:
    for folder in (f"plugins/{PRODUCT}", FLOORS[0], *BESIDE):
        yield from sorted((root / folder).rglob("*.py"))


def _module(root: Path, path: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[1:] if parts[0] == "plugins" else parts)


def _imports(root: Path, path: Path) -> Iterator[str]:
    package = _module(root, path).split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            origin = [*above, *([node.module] if node.module else [])]
            # A name may be a package: ``from storyboard_ops.steps import training``.
            yield from (".".join([*origin, alias.name]) for alias in node.names)


def _place(root: Path, module: str) -> str:
    """Where a module belongs, or "" for one of another project."""
    top, *parts = module.split(".")
    folder, place = root / top, [top]
    if top == PRODUCT:
        folder, place = root / "plugins" / top, []
        if parts:
            folder, place = folder / parts[0], [parts.pop(0)]
    elif top not in (FLOORS[0], *BESIDE):
        return ""
    if parts and (folder / parts[0]).is_dir():
        place.append(parts[0])
    return "/".join(place) if place != ["__init__"] else ""


def _floor(place: str) -> str:
    return place.partition("/")[0]


def _rank(place: str) -> tuple[int, str]:
    return (*FLOORS, *BESIDE).index(_floor(place)), place


def floor_chart(found: Map) -> str:
    """A Mermaid chart of the floors: an arrow for every floor that imports another."""
    edges = {
        (_floor(place), _floor(other))
        for place, wanted in found.items()
        for other in wanted
        if _floor(place) != _floor(other)
    }
    ordered = sorted(edges, key=lambda edge: (_rank(edge[0]), _rank(edge[1])))
    return "\n".join(["graph TD", *(f"    {one} --> {other}" for one, other in ordered)]) + "\n"


def package_table(found: Map) -> str:
    """One line for every place: what it imports, from the top floor down."""
    width = max(map(len, found)) + 2
    lines = []
    for place in sorted(found, key=_rank):
        wanted = " ".join(sorted(found[place], key=_rank)) or "-"
        lines += textwrap.wrap(
            wanted,
            100,
            initial_indent=f"{place:<{width}}",
            subsequent_indent=" " * width,
            break_on_hyphens=False,
        )
    return "\n".join(lines) + "\n"


def updated(page: str, found: Map) -> str:
    """The page with both maps as the imports are."""
    for language, body in (("mermaid", floor_chart(found)), ("text", package_table(found))):
        blocks = re.findall(rf"^```{language}\n.*?^```$", page, re.MULTILINE | re.DOTALL)
        assert len(blocks) == 1, f"the page needs one block of {language}"
        page = page.replace(blocks[0], f"```{language}\n{body}```")
    return page


if __name__ == "__main__":
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8"), package_map()), encoding="utf-8")
