"""Texts from outside in the terminal: nothing is interpreted, by rich or by the terminal."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from launcher.commands import account, release
from launcher.context import Context
from launcher.processes.interrupts import Interrupts
from launcher.product import PreflightReport, SweepReport, visible
from launcher.runs import preflight, summary
from launcher.runs.aws_run import AwsRun
from launcher.runs.progress import LiveProgress, PlainProgress, open_progress
from launcher.runs.stages import Stage, StageState
from launcher.state.layout import Project
from launcher.terminal import print_text
from storyboard_ops.domain.money.sweep_report import SweptResource
from storyboard_ops.domain.preflight.preflight_report import Check
from tests.material.hostile_texts import SHORT


def terminal(width: int = 200) -> tuple[Console, StringIO]:
    out = StringIO()
    return Console(file=out, width=width, force_terminal=True, color_system=None), out


def lines_of(text: str) -> str:
    """The visible text, with the line ends of a terminal."""
    return visible(text).replace("\r\n", "\n")


def cells(text: str) -> str:
    """The text without the blanks and borders of a table."""
    return "".join(letter for letter in text if not letter.isspace() and letter not in "│┃")


@pytest.mark.parametrize("text", SHORT.values(), ids=SHORT)
def test_a_text_is_printed_as_it_is(text: str) -> None:
    console, out = terminal()
    print_text(console, text)
    assert out.getvalue() == f"{lines_of(text)}\n"
    assert not set(out.getvalue()) & set("\x00\x07\x08\x0b\x0c\x1b\x7f\x85\x9b\u202e")


@pytest.mark.parametrize("text", SHORT.values(), ids=SHORT)
def test_a_note_about_a_film_is_printed_as_it_is(text: str) -> None:
    console, out = terminal()
    PlainProgress(console).note(text)
    assert out.getvalue() == f"  0:00  {lines_of(text.rstrip())}\n"


def hostile_tables(text: str) -> Iterator[Table]:
    """Every table that the launcher prints, with the text in each place that takes one."""
    yield summary.build_table(text, [("model", text)])
    yield account._build_table(text, [("role", text)])


@pytest.mark.parametrize("text", SHORT.values(), ids=SHORT)
def test_a_table_shows_a_text_as_it_is(text: str) -> None:
    for table in hostile_tables(text):
        console, out = terminal()
        console.print(table)
        assert cells(out.getvalue()).count(cells(visible(text))) == 2


@pytest.mark.parametrize("text", SHORT.values(), ids=SHORT)
def test_findings_and_leases_are_shown_as_they_are(text: str) -> None:
    console, out = terminal()
    check = Check(name="videos", state="fail", finding=text, remedy="Upload it again.")
    preflight.show(console, PreflightReport(checks=(check,), estimate=(), price_table_date=""))
    found = SweptResource(kind="endpoint", name=text, arn="arn:x", outcome="leased", expires_at="")
    release.show(console, SweepReport(resources=(found,), others=0))
    assert cells(out.getvalue()).count(cells(visible(text))) == 2
    assert "\x1b" not in out.getvalue()


def test_the_live_table_shows_its_heading_as_it_is() -> None:
    console, out = terminal()
    with open_progress(console, SHORT["escapes"]) as progress:
        assert isinstance(progress, LiveProgress)
        progress.show([Stage("film.sample", StageState.RUNNING, 1, 1, 2.0)])
    assert visible(SHORT["escapes"]) in out.getvalue()
    assert SHORT["escapes"] not in out.getvalue()


def test_only_the_terminal_module_gives_a_text_to_rich() -> None:
    """rich interprets a str, in `print` as in `add_row`; a Text or a Table it does not."""
    found = []
    for file in Path("launcher").rglob("*.py"):
        if file.name == "terminal.py":
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                texts = (ast.Constant, ast.JoinedStr, ast.BinOp)
                gives_text = any(isinstance(given, texts) for given in node.args)
                if node.func.attr == "add_row" or (
                    node.func.attr in ("print", "input") and gives_text
                ):
                    found.append(f"{file}:{node.lineno}")
    assert found == []


def test_the_question_about_the_cost_shows_its_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    console, out = terminal()
    monkeypatch.setattr("builtins.input", lambda: "y")
    AwsRun(Context(Project(), console, Interrupts()))._ask()
    assert out.getvalue() == "Start, at this cost? [y/N] "
