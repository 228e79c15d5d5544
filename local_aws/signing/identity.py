"""The keys of the endpoint's one identity: created once, stored in a file only its owner reads."""

import json
import os
import secrets
import string
from dataclasses import asdict, dataclass
from pathlib import Path

KEY_LETTERS = string.ascii_uppercase + "234567"


@dataclass(frozen=True)
class Identity:
    """Access key, secret key and the token that the admin paths require."""

    access_key_id: str
    secret_access_key: str
    admin_token: str


def load_identity(data_dir: Path) -> Identity:
    """Return the identity stored in `data_dir`; create it at the first start."""
    path = data_dir / "credentials.json"
    if not path.exists():
        _write_private(path, json.dumps(asdict(_create_identity())))
    return Identity(**json.loads(path.read_text(encoding="utf-8")))


def _create_identity() -> Identity:
    return Identity(
        access_key_id="AKIALOCAL" + "".join(secrets.choice(KEY_LETTERS) for _ in range(11)),
        secret_access_key=secrets.token_urlsafe(30),
        admin_token=secrets.token_urlsafe(24),
    )


def _write_private(path: Path, text: str) -> None:
    partial = path.with_suffix(".partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    partial.replace(path)
