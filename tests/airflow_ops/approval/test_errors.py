"""Each error of a request is answered with its own code and status."""

from __future__ import annotations

import asyncio
import json

import pytest
from fastapi import FastAPI, Request

from storyboard_ops.airflow_ops.approval.errors import answer_errors
from storyboard_ops.domain.error_tree import (
    Contended,
    CredentialsExpired,
    ManifestCorrupt,
    NotFinished,
    NotPermitted,
    ObjectMissing,
    ReviewRefused,
    ServiceError,
    StoryboardError,
    Throttled,
    Unreachable,
)

PLACE = "s3://studio/runs/secret"


def answer(error: StoryboardError) -> tuple[int, dict[str, str]]:
    """Status and content of what the page's app makes of an error."""
    app = FastAPI()
    answer_errors(app)
    handler = next(
        app.exception_handlers[base]
        for base in type(error).__mro__
        if base in app.exception_handlers
    )
    response = handler(Request({"type": "http"}), error)
    assert not asyncio.iscoroutine(response)
    return response.status_code, json.loads(bytes(response.body))


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NotFinished("The review is not finished."), 409, "unfinished"),
        (ReviewRefused("busy", "Too many reviewers save at this moment."), 503, "busy"),
        (ReviewRefused("stale", "Somebody else has decided."), 409, "stale"),
        (ReviewRefused("token", "Another page."), 403, "token"),
        (ObjectMissing("There is no run."), 404, "missing"),
        (ManifestCorrupt("It has changed."), 410, "corrupt"),
    ],
)
def test_an_error_has_its_own_code_and_keeps_its_message(
    error: StoryboardError, status: int, code: str
) -> None:
    assert answer(error) == (status, {"error": code, "message": str(error)})


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Throttled, (503, "unavailable")),
        (Unreachable, (503, "unavailable")),
        (Contended, (503, "unavailable")),
        (NotPermitted, (502, "service")),
        (CredentialsExpired, (502, "service")),
        (ServiceError, (502, "service")),
    ],
)
def test_an_error_of_a_service_says_whether_to_try_again_and_names_no_place(
    kind: type[ServiceError], expected: tuple[int, str]
) -> None:
    status, content = answer(kind(f"s3 GetObject of {PLACE} failed"))
    assert (status, content["error"]) == expected
    assert ("try again" in content["message"]) == (expected[0] == 503)
    assert PLACE not in content["message"]
