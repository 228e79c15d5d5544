"""Relative links of all Markdown files lead somewhere, and the map leads to every document."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.markdown_files import DECISIONS, DOCS, ROOT, anchors, links, markdown_files

MAP = DOCS / "README.md"
FILES = markdown_files()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_resolve(path: Path) -> None:
    broken = [target for target in links(path) if not _resolves(path, target)]
    assert not broken, f"{path.relative_to(ROOT)} links to what does not exist: {broken}"


def _resolves(path: Path, target: str) -> bool:
    if "://" in target or target.startswith("mailto:"):
        return True
    name, _, fragment = target.partition("#")
    found = (path.parent / name).resolve() if name else path
    if not found.exists():
        return False
    return not fragment or found.suffix != ".md" or fragment in anchors(found)


def test_the_map_links_every_document() -> None:
    linked = {(DOCS / target.partition("#")[0]).resolve() for target in links(MAP)}
    written = {path for path in FILES if path.is_relative_to(DOCS)} - {MAP}
    missing = sorted(str(path.relative_to(DOCS)) for path in written - linked)
    assert not missing, f"docs/README.md does not link {missing}; add each to its stage"


def test_the_map_has_decisions() -> None:
    """The tests above would pass on an empty folder."""
    assert sum(path.parent == DECISIONS for path in FILES) > 30
