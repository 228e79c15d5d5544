"""Errors that are nobody's mistake: a fault of the program, a file that fails on the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher.commands import accounts
from tests.launcher.mistakes.command_lines import Read


def test_an_error_of_nobody_leaves_its_trace_in_a_file(
    folder: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(context: object) -> Iterator[None]:
        raise KeyError("frames")

    monkeypatch.setitem(accounts.ACCOUNTS, "local", break_down)
    status, text = read("release")
    trace = folder / ".airflow" / "launcher-error.log"
    assert status == 1
    assert (
        f"A fault of this program, not of your input: KeyError: 'frames'. Its trace is in {trace}"
        in text
    )
    assert "in break_down" in trace.read_text()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            OSError(28, "No space left on device", "out/a.png"),
            "out/a.png cannot be written: the disk",
        ),
        (PermissionError(13, "Permission denied", "out"), "out cannot be used: Permission denied"),
    ],
)
def test_a_file_that_fails_on_the_way_is_named(
    error: OSError,
    words: str,
    read: Read,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(context: object) -> Iterator[None]:
        raise error

    monkeypatch.setitem(accounts.ACCOUNTS, "local", fail)
    status, text = read("release")
    assert words in text
    assert status == 1
