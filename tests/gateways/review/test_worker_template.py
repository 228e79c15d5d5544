"""The worker template: one text with the whole board in it, which Liquid leaves alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from storyboard_ops.gateways.include_files import INCLUDE_ROOT
from storyboard_ops.gateways.review.worker_template import MAX_CHARACTERS, worker_template

BOARD = INCLUDE_ROOT / "review_board"
#: What belongs to the page inside Airflow alone.
AIRFLOW_ONLY = {"airflow_page.js", "airflow_store.js", "airflow_theme.js", "runs.js"}
IMPORT = re.compile(r'^import .* from "\./(.*)";$', re.MULTILINE)


@pytest.fixture(scope="module")
def template() -> str:
    return worker_template()


@pytest.fixture(scope="module")
def script(template: str) -> str:
    return template.partition('<script type="module">')[2].partition("</script>")[0]


def test_it_fits_a_task_ui(template):
    assert len(template) < MAX_CHARACTERS


def test_nothing_is_left_to_be_put_in(template, script):
    assert "/* include" not in template
    assert not re.search(r"^(import|export) ", script, re.MULTILINE)


def test_liquid_finds_nothing_of_its_own_in_the_board(template, script):
    style = template.partition("<style>")[2].partition("</style>")[0]
    for text in (script, style):
        assert text.strip()
        assert "{{" not in text and "{%" not in text


def test_every_module_is_in_once_and_behind_what_it_imports(script):
    modules = {file.name: file.read_text() for file in BOARD.glob("*.js")}
    places = {name: script.find(first_line(text)) for name, text in modules.items()}
    for name in modules.keys() - AIRFLOW_ONLY:
        assert script.count(first_line(modules[name])) == 1, name
        for imported in IMPORT.findall(modules[name]):
            assert places[imported] < places[name], f"{name} comes before {imported}"
    assert all(places[name] == -1 for name in AIRFLOW_ONLY)


def first_line(text: str) -> str:
    """The comment that a module begins with, which says what it is for."""
    return text.partition("\n")[0]


def test_no_module_needs_anything_from_elsewhere():
    for file in (*BOARD.glob("*.js"), *BOARD.glob("*.html"), BOARD / "board.css"):
        assert not re.search(r"https?://|@import|innerHTML|eval\(", file.read_text()), file.name


@pytest.mark.parametrize("page", ["review.html", "runs.html"])
def test_pages_have_no_script_or_style_in_line(page):
    markup = Path(BOARD / page).read_text()
    assert not re.search(r"<style|style=|\son\w+=|<script(?![^>]*\bsrc=)", markup)
