"""Rooms stay findable: few files a folder, one sentence each, and a core that touches nothing."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

from tests.studio.endpoint_fixture import PROJECT_ROOT

MOST_FILES = 15
ROOMS = ("plugins/storyboard_ops", "local_aws", "launcher", "trainer", "bench", "tools", "dags")
PACKAGES = sorted({path.parent for room in ROOMS for path in (PROJECT_ROOT / room).rglob("*.py")})
CORE = sorted((PROJECT_ROOT / "plugins/storyboard_ops/core").rglob("*.py"))
#: Calls that read or write files or reach for the network, by the last part of their name.
TOUCHING = frozenset(
    {
        *("open", "imread", "imwrite", "fromfile", "tofile", "VideoCapture", "VideoWriter"),
        *("read_text", "write_text", "read_bytes", "write_bytes", "mkdir", "unlink", "urlopen"),
    }
)


def name_of(path: Path) -> str:
    return str(path.relative_to(PROJECT_ROOT))


@pytest.mark.parametrize(
    "folder", [*PACKAGES, *(PROJECT_ROOT / "include").rglob("*/")], ids=name_of
)
def test_a_folder_holds_few_code_files(folder: Path) -> None:
    code = [path.name for path in folder.iterdir() if path.suffix in {".py", ".js", ".css"}]
    assert len(code) <= MOST_FILES, sorted(code)


@pytest.mark.parametrize("package", [p for p in PACKAGES if p.name != "dags"], ids=name_of)
def test_a_package_says_in_one_sentence_what_it_is(package: Path) -> None:
    docstring = ast.get_docstring(ast.parse((package / "__init__.py").read_text()))
    assert docstring, "no docstring"
    first = docstring.partition("\n\n")[0]
    assert first.endswith("."), first


def called_names(tree: ast.AST) -> Counter[str]:
    """The last part of every name that is called."""
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return Counter(
        func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "") for func in calls
    )


@pytest.mark.parametrize("module", CORE, ids=name_of)
def test_the_core_opens_no_files(module: Path) -> None:
    found = TOUCHING & set(called_names(ast.parse(module.read_text())))
    # Image.open reads bytes from memory there: Pillow takes a file object.
    allowed = {"open"} if "Image.open(io.BytesIO(" in module.read_text() else set()
    assert found <= allowed


@pytest.mark.parametrize(
    "line", ["open('x')", "Path('x').read_text()", "cv2.imread('x')", "path.open()"]
)
def test_the_check_sees_a_file_that_is_opened(line: str) -> None:
    assert TOUCHING & set(called_names(ast.parse(line)))
