"""The keys and the password of one embedded Airflow, made once, readable by the owner only."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path


def _url_safe_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _password() -> str:
    return secrets.token_urlsafe(12)


@dataclass(frozen=True)
class Secrets:
    """Random values that all components of one Airflow have to agree on."""

    jwt_secret: str = field(default_factory=_url_safe_key, repr=False)
    session_key: str = field(default_factory=_url_safe_key, repr=False)
    fernet_key: str = field(default_factory=_url_safe_key, repr=False)
    password: str = field(default_factory=_password, repr=False)
    user: str = "admin"


def load_or_create(path: Path) -> Secrets:
    """The secrets kept in `path` (JSON, mode 0600); made and written when the file is not there."""
    if path.exists():
        return Secrets(**json.loads(path.read_text()))
    made = Secrets()
    write_private(path, json.dumps(asdict(made)))
    return made


def write_private(path: Path, text: str) -> None:
    """Write `text` to `path` with mode 0600, never visible half-written or readable by others."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600, exist_ok=False)
    partial.write_text(text)
    partial.replace(path)
