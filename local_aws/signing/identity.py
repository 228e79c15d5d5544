"""The keys of the endpoint's one identity: created once, stored in a file only its owner reads."""

import json
import secrets
import string
from dataclasses import asdict, dataclass
from pathlib import Path

from local_aws.storage.private_files import write_private

FILE = "credentials.json"
KEY_LETTERS = string.ascii_uppercase + "234567"


@dataclass(frozen=True)
class Identity:
    """Access key, secret key and the token that the admin paths require."""

    access_key_id: str
    secret_access_key: str
    admin_token: str


def load_identity(data_dir: Path) -> Identity:
    """Return the identity stored in `data_dir`; create it at the first start."""
    path = data_dir / FILE
    if not path.exists():
        write_private(path, json.dumps(asdict(_create_identity())))
    return Identity(**json.loads(path.read_text(encoding="utf-8")))


def discard_identity(data_dir: Path) -> bool:
    """Make the next `load_identity` create new keys; return whether there were any."""
    path = data_dir / FILE
    existed = path.exists()
    path.unlink(missing_ok=True)
    return existed


def _create_identity() -> Identity:
    return Identity(
        access_key_id="AKIALOCAL" + "".join(secrets.choice(KEY_LETTERS) for _ in range(11)),
        secret_access_key=secrets.token_urlsafe(30),
        admin_token=secrets.token_urlsafe(24),
    )
