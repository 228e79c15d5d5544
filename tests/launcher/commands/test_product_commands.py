"""`remove` and `diff` pass what follows `--` to the commands of the product, unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from launcher.__main__ import main
from launcher.commands import accounts


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> object:
    """A placeholder for the clients of an account."""
    clients = object()

    @contextmanager
    def opened(context: Any) -> Iterator[object]:
        yield clients

    monkeypatch.setitem(accounts.ACCOUNTS, "local", opened)
    return clients


def test_the_arguments_and_the_accounts_clients_reach_the_command(
    account: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    received: list[Any] = []

    def product_main(arguments: list[str], clients: object) -> int:
        received.extend([arguments, clients])
        return 0

    monkeypatch.setattr("storyboard_ops.cli.remove.main", product_main)
    given = ["--film", "s3://studio/a.mp4", "--reason", "no licence", "--by", "ana", "--yes"]
    assert main(["remove", "--", *given]) == 0
    assert received == [given, account]


def test_the_commands_exit_status_is_the_launchers(
    account: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("storyboard_ops.cli.diff.main", lambda arguments, clients: 2)
    assert main(["diff", "--", "run-a", "run-b"]) == 2
    assert capsys.readouterr().out == ""  # the command itself has printed why
