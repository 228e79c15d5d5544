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


def test_every_user_has_a_password_of_its_own() -> None:
    secrets = Secrets()
    assert secrets.password_of("admin") == secrets.password
    script = secrets.password_of("script")
    assert len(script) >= 32
    assert script not in {secrets.password, secrets.session_key, Secrets().password_of("script")}
