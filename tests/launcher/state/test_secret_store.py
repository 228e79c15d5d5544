"""Secrets: generated once, and shown to nobody else."""

from __future__ import annotations

import stat
from pathlib import Path

from launcher.state.secret_store import Secrets, load_or_create_secrets


def test_secrets_are_made_once_and_readable_by_the_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "state" / "secrets.json"
    made = load_or_create_secrets(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_or_create_secrets(path) == made
    assert load_or_create_secrets(tmp_path / "other.json").password != made.password


def test_secrets_do_not_show_in_their_repr() -> None:
    assert repr(Secrets()) == "Secrets(user='admin')"
