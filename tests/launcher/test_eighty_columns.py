"""Help, tables and lists hold in a terminal of 80 columns."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from launcher.__main__ import main
from launcher.runs import preflight, summary
from launcher.runs.progress import build_stage_table
from launcher.runs.stages import Stage, StageState
from storyboard_ops.domain.preflight.preflight_report import Check, PreflightReport
from tests.docs.make_commands import run_make

COMMANDS = (
    *("", "demo", "run", "preflight", "results", "release", "remove", "diff"),
    *("setup-aws", "teardown-aws", "up", "down", "status"),
)
LONG = "arn:aws:bedrock:us-east-1:000000000000:custom-model/" + "a" * 90


def widest(text: str) -> int:
    return max(map(len, text.splitlines()))


@pytest.mark.parametrize("command", COMMANDS)
def test_help(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as ended:
        main([*filter(None, [command]), "--help"])
    assert ended.value.code == 0
    assert 0 < widest(capsys.readouterr().out) <= 80


def test_help_of_make() -> None:
    assert widest(run_make("help").stdout) <= 80


def test_tables() -> None:
    out = StringIO()
    console = Console(file=out, width=80)
    check = Check(name="base model", state="fail", finding=LONG, remedy="Choose another one.")
    preflight.show(console, PreflightReport(checks=(check,)))
    console.print(summary.build_table(f"{LONG}, on AWS", [("model", LONG)]))
    console.print(
        build_stage_table([Stage("shard.detect_characters", StageState.DEFERRED, 1, 400, 4000.0)])
    )
    assert widest(out.getvalue()) <= 80
    letters = "".join(letter for letter in out.getvalue() if letter not in " \n│┃")
    assert letters.count("a" * 90) >= 2
