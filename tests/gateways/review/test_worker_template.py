"""The worker template: one text with the whole board in it, which Liquid leaves alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from storyboard_ops.gateways.include_files import INCLUDE_ROOT
from storyboard_ops.gateways.review.board_pages import PAGES, SHELL, read_board_page
from storyboard_ops.gateways.review.worker_template import MAX_CHARACTERS, worker_template

KIT, BOARDS = INCLUDE_ROOT / "board_kit", INCLUDE_ROOT / "boards"
MODULES = (*KIT.rglob("*.js"), *BOARDS.rglob("*.js"))
STYLES = (*KIT.rglob("*.css"), *BOARDS.rglob("*.css"))
#: Pages that A2I does not have.
OTHER_BOARDS = {folder.name for folder in BOARDS.iterdir() if folder.is_dir()} - {"review"}
#: Modules that belong to pages inside Airflow alone.
AIRFLOW_ONLY = {"airflow_page.js", "airflow_store.js", "airflow_theme.js", "runs.js"}
IMPORT = re.compile(r'^import .* from "(\..*)";$', re.MULTILINE)


@pytest.fixture(scope="module")
def template() -> str:
    return worker_template()


@pytest.fixture(scope="module")
def script(template: str) -> str:
    return template.partition('<script type="module">')[2].partition("</script>")[0]


def test_it_fits_a_task_ui(template):
    assert len(template) < MAX_CHARACTERS


def test_nothing_is_left_to_include(template, script):
    assert "/* include" not in template
    assert not re.search(r"^(import|export) ", script, re.MULTILINE)


def test_liquid_finds_nothing_of_its_own_in_the_board(template, script):
    style = template.partition("<style>")[2].partition("</style>")[0]
    for text in (script, style):
        assert text.strip()
        assert "{{" not in text and "{%" not in text


def test_every_module_is_included_once_and_after_what_it_imports(script):
    positions = {file.resolve(): script.find(first_line(file)) for file in MODULES}
    for file in MODULES:
        if file.name in AIRFLOW_ONLY or file.parent.name in OTHER_BOARDS:
            assert positions[file.resolve()] == -1, file.name
            continue
        assert script.count(first_line(file)) == 1, file.name
        for imported in IMPORT.findall(file.read_text()):
            before = positions[(file.parent / imported).resolve()]
            assert before < positions[file.resolve()], f"{file.name} comes before {imported}"


def first_line(file: Path) -> str:
    """Return the comment that a module begins with, which says what it is for."""
    return file.read_text().partition("\n")[0]


def test_the_styles_of_the_airflow_page_are_in_the_template(template):
    linked = re.findall(r'href="\.\./\.\./\.\./static/(.*\.css)"', read_board_page("review"))
    assert len(linked) > 3
    positions = [template.find((INCLUDE_ROOT / path).read_text()) for path in linked]
    assert -1 not in positions and positions == sorted(positions)


def test_every_board_has_a_page():
    assert sorted(PAGES) == sorted(folder.name for folder in BOARDS.iterdir() if folder.is_dir())


@pytest.mark.parametrize("board", PAGES)
def test_pages_load_files_that_exist(board):
    linked = re.findall(r'(?:src|href)="(?:\.\./)*static/([^"]+)"', read_board_page(board))
    assert linked
    assert [path for path in linked if not (INCLUDE_ROOT / path).is_file()] == []


def test_no_module_needs_anything_from_elsewhere():
    for file in (*MODULES, INCLUDE_ROOT / SHELL, *STYLES):
        assert not re.search(r"https?://|@import|innerHTML|eval\(", file.read_text()), file.name


@pytest.mark.parametrize("board", PAGES)
def test_pages_have_no_script_or_style_in_line(board):
    assert not re.search(r"<style|style=|\son\w+=|<script(?![^>]*\bsrc=)", read_board_page(board))


def test_the_kit_does_not_import_a_board():
    for file in KIT.rglob("*.js"):
        for imported in IMPORT.findall(file.read_text()):
            assert KIT in (file.parent / imported).resolve().parents, file.name
