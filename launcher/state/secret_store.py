"""The keys and the password of one embedded Airflow, generated once, for the owner only."""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from secrets import token_bytes, token_urlsafe

from launcher.state.private_files import write_private


def _url_safe_key() -> str:
    return base64.urlsafe_b64encode(token_bytes(32)).decode()


def _password() -> str:
    return token_urlsafe(12)


@dataclass(frozen=True)
class Secrets:
    """Random values that all components of one Airflow must share."""

    jwt_secret: str = field(default_factory=_url_safe_key, repr=False)
    session_key: str = field(default_factory=_url_safe_key, repr=False)
    fernet_key: str = field(default_factory=_url_safe_key, repr=False)
    password: str = field(default_factory=_password, repr=False)
    user: str = "admin"

    def password_of(self, user: str) -> str:
        """Return the password of a user of this Airflow; only the owner's is shown to people."""
        if user == self.user:
            return self.password
        digest = hmac.digest(self.session_key.encode(), f"password of {user}".encode(), "sha256")
        return base64.urlsafe_b64encode(digest).decode()


def load_or_create_secrets(path: Path) -> Secrets:
    """Read the secrets in `path` (JSON, mode 0600); generate them if it does not exist."""
    if path.exists():
        return Secrets(**json.loads(path.read_text()))
    secrets = Secrets()
    write_private(path, json.dumps(asdict(secrets)))
    return secrets
