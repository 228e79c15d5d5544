"""The tree in the docstring is the tree of the classes."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator

import pytest

from storyboard_ops.domain import error_tree
from storyboard_ops.domain.error_tree import (
    JobFailed,
    JobStopped,
    NotFinished,
    QuotaExhausted,
    ServiceError,
    StoryboardError,
    error_for_status,
)

INDENT, STEP = 4, 4
BRANCH = re.compile(r"^(?P<lead>[ │├└─]*)(?P<name>[A-Z]\w+)(?P<rest>.*)$")


def documented() -> dict[str, tuple[str, str, str]]:
    """By class: its parent, who raises it and what happened, what a person does.

    Below ServiceError, a class's ``advice`` says what a person does.
    """
    lines = (error_tree.__doc__ or "").splitlines()
    start = next(n for n, line in enumerate(lines) if line.strip() == "StoryboardError")
    found: dict[str, tuple[str, str, str]] = {}
    path = ["StoryboardError"]
    for line, after in zip(lines[start + 1 :], lines[start + 2 :], strict=False):
        branch = BRANCH.match(line)
        if not line.strip():
            break
        if not branch:
            continue
        depth = (len(branch["lead"]) - INDENT) // STEP
        name = branch["name"]
        path[depth:] = [name]
        kind = getattr(error_tree, name)
        remedy = f"-> {kind.advice}" if "ServiceError" in path[:depth] else after.strip(" │")
        found[name] = (path[depth - 1], branch["rest"].strip(), remedy)
    return found


def classes(root: type[Exception]) -> Iterator[type[Exception]]:
    for child in root.__subclasses__():
        yield child
        yield from classes(child)


def own() -> list[type[Exception]]:
    """The classes of the module; tests elsewhere may have derived more."""
    return [one for one in classes(StoryboardError) if one.__module__ == error_tree.__name__]


def test_every_class_is_documented_below_its_parent() -> None:
    parents = {name: parent for name, (parent, _, _) in documented().items()}
    assert parents == {one.__name__: one.__bases__[0].__name__ for one in own()}


def test_every_class_says_who_raises_it_and_what_a_person_does() -> None:
    for name, (_, raised, remedy) in documented().items():
        assert re.match(r"^[a-z, ]+: \S", raised), f"{name}: {raised!r} does not say who raises it"
        assert re.match(r"^-> \S", remedy), f"{name}: {remedy!r} does not say what to do"


@pytest.mark.parametrize("kind", [ServiceError, *classes(ServiceError)])
def test_the_advice_in_a_message_is_a_sentence_of_its_own(kind: type[ServiceError]) -> None:
    assert "advice" in vars(kind)
    assert re.match(r"^[A-Z].*\.$", kind.advice)


def test_a_reworded_error_keeps_its_class_and_its_facts() -> None:
    error = QuotaExhausted("full", service="rekognition", operation="StartProjectVersion", code="L")
    again = error.with_message("Stop another model.")
    assert (type(again), str(again)) == (QuotaExhausted, "Stop another model.")
    assert vars(again) == vars(error)


def test_a_service_error_comes_whole_out_of_another_process() -> None:
    error = QuotaExhausted("full", service="bedrock", operation="CreateX", code="Limit")
    copied = pickle.loads(pickle.dumps(error))
    assert (str(copied), vars(copied)) == (str(error), vars(error))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("", JobStopped),
        ("Stopped", JobStopped),
        ("Stopping", JobStopped),
        ("Deleting", JobStopped),
        ("InProgress", NotFinished),
        ("Creating", NotFinished),
        ("Updating", NotFinished),
        ("Initializing", NotFinished),
        ("Failed", JobFailed),
        ("a status of tomorrow", JobFailed),
    ],
)
def test_a_status_without_result_has_its_error(status: str, kind: type[StoryboardError]) -> None:
    assert error_for_status(status) is kind
