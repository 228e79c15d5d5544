"""Every path and module that a document names exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.markdown_files import ROOT, code_blocks, code_spans, markdown_files

PRODUCT = ROOT / "plugins/storyboard_ops"
FLOORS = {path.name for path in PRODUCT.iterdir() if path.is_dir()}
#: Folders of the repository; other paths are those of a run, a bucket or another project.
TOP = {"plugins", "dags", "include", "local_aws", "launcher", "tests", "bench", "docs", "tools"}
TOP |= {"sample_film", "trainer"}
SOURCES = (PRODUCT.parent, ROOT)

PATH = re.compile(r"[\w.*-]+(/[\w.*-]*)+")
MODULE = re.compile(r"(?:python -m )?((?:storyboard_ops|local_aws|launcher|bench|tests)(?:\.\w+)+)")

FILES = [path for path in markdown_files() if path.name != "CHANGELOG.md"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_named_paths_exist(path: Path) -> None:
    missing = sorted({name for name in _named(path) if not _exists(name)})
    assert not missing, f"{path.relative_to(ROOT)} names what does not exist: {missing}"


def _named(path: Path) -> Iterator[str]:
    words = [*code_spans(path), *" ".join(code_blocks(path, "sh")).split()]
    for word in words:
        first = word.partition("/")[0]
        if PATH.fullmatch(word) and first in TOP | FLOORS:
            yield word
        elif module := MODULE.fullmatch(word):
            yield module[1]


def _exists(name: str) -> bool:
    if "/" in name:
        roots = (PRODUCT, ROOT) if name.partition("/")[0] in FLOORS else (ROOT,)
        return any(next(root.glob(name.rstrip("/")), None) for root in roots)
    return any(_is_module(source, name.split(".")) for source in SOURCES)


def _is_module(source: Path, parts: list[str]) -> bool:
    """A module, or what a module defines."""
    for end in (len(parts), len(parts) - 1):
        place = source.joinpath(*parts[:end])
        if place.is_dir() and end == len(parts):
            return True
        if (file := place.with_suffix(".py")).is_file():
            return end == len(parts) or parts[-1] in file.read_text(encoding="utf-8")
    return False


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("domain/object_keys.py", True),
        ("plugins/storyboard_ops/domain/", True),
        ("include/iam/*.json", True),
        ("storyboard_ops.domain.object_keys", True),
        ("storyboard_ops.domain.object_keys.Workspace", True),
        ("domain/no_such_file.py", False),
        ("include/no_such_folder/*.json", False),
        ("storyboard_ops.domain.no_such_module", False),
        ("storyboard_ops.domain.object_keys.NoSuchName", False),
    ],
)
def test_what_exists_is_told_from_what_does_not(name: str, there: bool) -> None:
    assert _exists(name) is there
