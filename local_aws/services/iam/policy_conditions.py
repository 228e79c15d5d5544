"""The conditions of a policy statement that this endpoint evaluates."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

Values = str | list[str]


def conditions_hold(statement: Mapping[str, Any], context: Mapping[str, str]) -> bool:
    """Return whether the conditions of a statement are met.

    StringEquals, StringEqualsIfExists and StringLike are evaluated, with `context` by condition key
    in lower case; others count as met.
    """
    conditions = statement.get("Condition", {})
    if_exists = conditions.get("StringEqualsIfExists", {})
    given = {key: values for key, values in if_exists.items() if key.lower() in context}
    equal = {**conditions.get("StringEquals", {}), **given}
    return all(
        context.get(key.lower()) in as_list(values) for key, values in equal.items()
    ) and all(
        any(fnmatchcase(context.get(key.lower(), ""), pattern) for pattern in as_list(values))
        for key, values in conditions.get("StringLike", {}).items()
    )


def as_list(value: Any) -> list[Any]:
    """Return the members of a policy's list, which may be written without brackets."""
    return value if isinstance(value, list) else [value]
