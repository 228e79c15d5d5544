"""Write ``.env`` for docker-compose.yaml: a copy of ``.env.example`` with every secret made."""

from __future__ import annotations

import base64
import re
import secrets
import sys
from pathlib import Path

from launcher.errors import UsageError
from launcher.state.private_files import write_private

#: Secrets of the example, which are empty there.
_EMPTY = re.compile(r"^(\w*(?:PASSWORD|SECRET|SECRET_KEY|JWT_SECRET)|FERNET_KEY)=$", re.MULTILINE)
_NO_PASSWORD = re.compile(r"^(STORYBOARD_USERS=.*:)$", re.MULTILINE)


def write_env(folder: Path) -> Path:
    """Write ``.env`` beside ``.env.example``, readable by its owner only, and return its path.

    Raises:
        UsageError: there is one; its secrets are those of the volumes that exist.
    """
    file = folder / ".env"
    if file.exists():
        raise UsageError(
            f"{file} exists, and the database was created with its secrets. Edit the file, or, to "
            "start over, run `docker compose down --volumes` and delete the file."
        )
    example = (folder / ".env.example").read_text(encoding="utf-8")
    filled = _EMPTY.sub(lambda found: f"{found[1]}={_secret(found[1])}", example)
    write_private(file, _NO_PASSWORD.sub(lambda found: found[1] + secrets.token_hex(12), filled))
    return file


def _secret(name: str) -> str:
    if name == "FERNET_KEY":
        return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return secrets.token_hex(32)


def main() -> None:
    """Write the file in this folder and say what it is for."""
    try:
        file = write_env(Path.cwd())
    except UsageError as error:
        sys.exit(str(error))
    print(f"{file.name} is written. The login is in STORYBOARD_USERS. Next:")  # noqa: T201
    print("  docker compose up --build --detach")  # noqa: T201


if __name__ == "__main__":
    main()
