"""People who review besides the owner of the local Airflow, from the variable `REVIEWERS`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from launcher.errors import UsageError

VARIABLE = "REVIEWERS"
#: Roles of Airflow's simple auth manager: `user` decides about pictures, `viewer` only looks.
ROLES = ("user", "viewer")
NAME = re.compile(r"[a-z][a-z0-9._-]{0,39}")
RESERVED = ("admin", "scripted-reviewer")


def reviewers_from(variables: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the roles of the reviewers in `REVIEWERS`, e.g. `ana,ben:viewer`, by name.

    Raises:
        UsageError: a name or a role cannot be used.
    """
    entries = [entry.strip() for entry in variables.get(VARIABLE, "").split(",")]
    return dict(_read(entry) for entry in entries if entry)


def _read(entry: str) -> tuple[str, str]:
    name, _, role = entry.partition(":")
    if not NAME.fullmatch(name) or name in RESERVED:
        raise UsageError(
            f"REVIEWERS names {name!r}, which no reviewer can be called. Write small letters, "
            f"digits, dots and dashes, and none of {', '.join(RESERVED)}: REVIEWERS=ana,ben:viewer."
        )
    if (role := role or ROLES[0]) not in ROLES:
        raise UsageError(
            f"REVIEWERS gives {name} the role {role!r}. Roles are: user, who decides, and viewer, "
            "who only looks."
        )
    return name, role
