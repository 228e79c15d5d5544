"""The resource types of IAM actions, from `data/iam_actions.yaml`."""

import functools
import re
from pathlib import Path
from typing import Any

import yaml

ACTIONS_FILE = Path(__file__).parents[2] / "data" / "iam_actions.yaml"
#: Placeholders of ARNs that may be empty: a global inference profile has a model in no region.
OPTIONAL = frozenset({"Region"})
#: Placeholders of ARNs whose values may contain slashes and colons.
PATHS = frozenset({"ObjectName", "ResourceId", "RoleNameWithPath", "UserNameWithPath"})
PLACEHOLDER = re.compile(r"\$\{(\w+)\}")


@functools.cache
def read_actions() -> dict[str, Any]:
    """Read the file: `resources` maps types to ARNs, `actions` maps actions to their types."""
    document: dict[str, Any] = yaml.safe_load(ACTIONS_FILE.read_text(encoding="utf-8"))
    return document


def find_judged_resource(action: str, resource: str) -> str | None:
    """Return what IAM compares statements with when it judges an action on a resource.

    This is `*` for an action without resource types; None for an ARN of a type that the action does
    not have; else the resource, also for an action that the file does not list.
    """
    types = read_actions()["actions"].get(action)
    if types is None or resource == "*":
        return resource
    if not types:
        return "*"
    service = action.partition(":")[0]
    known = (_compile_arn(f"{service}:{name}") for name in types)
    return resource if any(arn.fullmatch(resource) for arn in known) else None


@functools.cache
def _compile_arn(name: str) -> re.Pattern[str]:
    """Return the pattern of the ARNs of a resource type, such as `s3:bucket`."""
    parts = PLACEHOLDER.split(read_actions()["resources"][name])
    pattern = "".join(
        re.escape(part) if number % 2 == 0 else _value_pattern(part)
        for number, part in enumerate(parts)
    )
    return re.compile(pattern)


def _value_pattern(placeholder: str) -> str:
    if placeholder in PATHS:
        return ".+"
    return "[^/:]*" if placeholder in OPTIONAL else "[^/:]+"
