"""Answer errors with JSON: a code for the board, and a sentence for the person."""

from __future__ import annotations

import logging
from functools import partial

from airflow.api_fastapi.app import get_auth_manager
from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response

from storyboard_ops.domain.bounded_text import shorten
from storyboard_ops.domain.error_tree import (
    BadInput,
    Contended,
    ManifestCorrupt,
    NotFinished,
    ObjectMissing,
    Outage,
    ReviewRefused,
    ServiceError,
    StoryboardError,
)
from storyboard_ops.domain.input_limits import MOST_FAULTS

log = logging.getLogger(__name__)

#: HTTP status by the code of a ReviewRefused; 409, a conflict with another reviewer, otherwise.
STATUS = {"busy": 503, "token": 403, "origin": 403, "form": 415, "unknown": 422, "cut": 422}
#: HTTP status and code of errors whose message is for the person.
ANSWERS: dict[type[StoryboardError], tuple[int, str]] = {
    BadInput: (410, "corrupt"),  # an object exceeds the bounds on input
    ObjectMissing: (404, "missing"),
    ManifestCorrupt: (410, "corrupt"),
    NotFinished: (409, "unfinished"),
}
#: Code by the HTTP status of Airflow's own refusals.
CODES = {401: "login", 403: "forbidden", 404: "missing", 405: "method"}


def answer_errors(app: FastAPI) -> None:
    """Register a handler for every error that the app can raise."""
    app.exception_handler(ReviewRefused)(_answer_refusal)
    for kind, (status, code) in ANSWERS.items():
        app.exception_handler(kind)(partial(_answer_as, status, code))
    app.exception_handler(ServiceError)(_answer_failure)
    app.exception_handler(Outage)(_answer_outage)
    app.exception_handler(Contended)(_answer_outage)
    app.exception_handler(RequestValidationError)(_answer_invalid)
    app.exception_handler(HTTPException)(_answer_http)


def _answer_refusal(request: Request, error: ReviewRefused) -> Response:
    return _answer(STATUS.get(error.error, 409), error.error, str(error), **error.facts)


def _answer_as(status: int, code: str, request: Request, error: StoryboardError) -> Response:
    return _answer(status, code, str(error))


def _answer_outage(request: Request, error: ServiceError) -> Response:
    """Answer an error that passes by itself; the log has AWS's message, which may name paths."""
    log.warning("AWS could not serve the approval page now: %s", error)
    return _answer(503, "unavailable", "AWS is not available now. Nothing is lost: try again.")


def _answer_failure(request: Request, error: ServiceError) -> Response:
    """Answer an error that people must fix; the log has AWS's message, which may name paths."""
    log.warning("AWS refused a call of the approval page: %s", error)
    return _answer(
        502,
        "service",
        "AWS refused a call of this page. Nothing is lost: ask your administrator to read the log "
        "of the API server.",
    )


def _answer_invalid(request: Request, error: RequestValidationError) -> Response:
    """Answer which field is invalid and why, without repeating the content."""
    faults = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
    return _answer(422, "form", shorten("; ".join(faults[:MOST_FAULTS])))


def _answer_http(request: Request, error: HTTPException) -> Response:
    """Answer Airflow's own refusals: redirect pages to the login, and name the reason otherwise."""
    if error.status_code == 401 and "text/html" in request.headers.get("Accept", ""):
        login = get_auth_manager().get_url_login(next_url=str(request.url))
        return RedirectResponse(login, status_code=303)
    code = CODES.get(error.status_code, "refused")
    return _answer(error.status_code, code, str(error.detail))


def _answer(status: int, code: str, message: str, **facts: object) -> Response:
    return JSONResponse({"error": code, "message": message, **facts}, status_code=status)
