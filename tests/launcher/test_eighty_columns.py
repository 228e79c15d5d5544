"""Help, tables and lists hold in a terminal of 80 columns."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from launcher.__main__ import main
from launcher.product import short_review_page, short_run_page
from launcher.runs import preflight, summary
from launcher.runs.dag_run import make_run_id
from launcher.runs.progress import build_stage_table
from launcher.runs.stages import Stage, StageState
from local_aws.portal.access import make_portal_address
from local_aws.signing.identity import load_identity
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


def test_addresses(tmp_path: Path) -> None:
    """Of the longest ports; a wrapped address cannot be clicked."""
    server = "http://127.0.0.1:65535"
    run_id = make_run_id("paper-lantern")
    portal = make_portal_address(server, load_identity(tmp_path))
    assert widest(f"worker portal   {portal}") <= 80
    assert widest(f"Airflow   {server}{short_run_page(run_id)}") <= 80
    assert widest(f"approval  {server}{short_review_page(run_id)}") <= 80
