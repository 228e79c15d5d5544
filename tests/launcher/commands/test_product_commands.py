"""`remove` and `diff` pass what follows `--` to the commands of the product, unchanged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from launcher.__main__ import main
from launcher.commands import accounts
from storyboard_ops.domain.error_tree import ReleaseFailed, SettingsError, StoryboardError


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

    def prepare(arguments: list[str]) -> Callable[[object], None]:
        return lambda clients: received.extend([arguments, clients])

    monkeypatch.setattr("storyboard_ops.cli.remove.prepare", prepare)
    given = ["--film", "s3://studio/a.mp4", "--reason", "no licence", "--by", "ana", "--yes"]
    assert main(["remove", "--", *given]) == 0
    assert received == [given, account]


@pytest.mark.parametrize(("error", "status"), [(SettingsError, 2), (ReleaseFailed, 1)])
def test_what_the_command_raises_is_one_message_and_an_exit_status(
    account: object,
    error: type[StoryboardError],
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(clients: object) -> None:
        raise error("There is no run 'run-a'.")

    monkeypatch.setattr("storyboard_ops.cli.diff.prepare", lambda arguments: fail)
    assert main(["diff", "--", "run-a", "run-b"]) == status
    assert capsys.readouterr().out == "There is no run 'run-a'.\n"
