"""Those who may log in to a composed Airflow, and their password file."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from launcher.errors import UsageError
from launcher.state.private_files import write_private

#: Of Airflow's simple auth manager.
ROLES = ("viewer", "user", "op", "admin")
_USER = re.compile(rf"(\w[\w.@-]*):({'|'.join(ROLES)}):(\w{{8,}})")


@dataclass(frozen=True)
class User:
    """One of those who may log in."""

    name: str
    role: str
    password: str = field(repr=False)


def read_users(text: str) -> list[User]:
    """Read ``name:role:password`` of users, separated by commas.

    Raises:
        UsageError: one is written otherwise, or there is none; it does not quote passwords.
    """
    users = []
    for number, one in enumerate(text.split(","), start=1):
        found = _USER.fullmatch(one.strip())
        if found is None:
            raise UsageError(
                f"STORYBOARD_USERS: user {number} is not written name:role:password, where the "
                f"role is one of {', '.join(ROLES)} and the password has 8 or more letters and "
                "digits. `make compose-env` writes one into .env."
            )
        users.append(User(*found.groups()))
    names = [user.name for user in users]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UsageError(f"STORYBOARD_USERS names {', '.join(twice)} more than once.")
    return users


def write_password_file(users: Sequence[User], airflow_home: Path) -> dict[str, str]:
    """Write the passwords for their owner only; return the variables that name users and file."""
    file = airflow_home / "passwords.json"
    write_private(file, json.dumps({user.name: user.password for user in users}))
    return {
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(
            f"{user.name}:{user.role}" for user in users
        ),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(file),
    }
