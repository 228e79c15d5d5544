"""Run a check of preflight; a service that fails becomes a finding."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from storyboard_ops.domain.error_tree import ServiceError
from storyboard_ops.domain.preflight.preflight_report import Check, Finding, State
from storyboard_ops.steps.run.tool_box import ToolBox

T = TypeVar("T")
#: A question to the account or the data of a run; it only reads.
CheckFunction = Callable[[ToolBox[Any]], Finding]
#: State of a check that a service error prevents, "fail" by default; the run may still work.
ON_ERROR: dict[str, State] = {
    "own rights": "warn",
    "prompt rights": "warn",
    "model units": "warn",
    "training rights": "warn",
    "review rights": "warn",
}


def run_check(name: str, check: CheckFunction, tools: ToolBox) -> Check:
    """Run a check; a service error becomes a failed check, or a warning (see ``ON_ERROR``)."""
    _, found = find_out(name, lambda tools: (None, check(tools)), tools)
    return found


def find_out(
    name: str, question: Callable[[ToolBox[Any]], tuple[T, Finding]], tools: ToolBox[Any]
) -> tuple[T | None, Check]:
    """Run a check that also finds a fact; the fact is None if a service error prevents it."""
    fact: T | None = None
    try:
        fact, found = question(tools)
    except ServiceError as error:
        found = Finding(
            state=ON_ERROR.get(name, "fail"),
            finding=f"could not be checked: {error}",
            remedy="Check the credentials, the region and the rights of the role (include/iam).",
        )
    return fact, found.named(name)
