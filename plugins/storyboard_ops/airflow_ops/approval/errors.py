"""From errors to answers: a machine's word for the board, a sentence for the person."""

from __future__ import annotations

import logging

from airflow.api_fastapi.app import get_auth_manager
from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response

from storyboard_ops.domain.error_tree import (
    ManifestCorrupt,
    NotFinished,
    ObjectMissing,
    ReviewRefused,
    ServiceError,
)

log = logging.getLogger(__name__)

#: What is no conflict with another reviewer.
STATUS = {"busy": 503, "token": 403, "origin": 403, "form": 415, "unknown": 422}
WORDS = {401: "login", 403: "forbidden", 404: "missing", 405: "method"}


def answer_errors(app: FastAPI) -> None:
    """Install the answers."""
    app.exception_handler(ReviewRefused)(_refused)
    app.exception_handler(ObjectMissing)(_missing)
    app.exception_handler(ManifestCorrupt)(_corrupt)
    app.exception_handler(NotFinished)(_unfinished)
    app.exception_handler(ServiceError)(_aws)
    app.exception_handler(RequestValidationError)(_out_of_form)
    app.exception_handler(HTTPException)(_http)


def _refused(request: Request, error: ReviewRefused) -> Response:
    return _answer(STATUS.get(error.error, 409), error.error, str(error), **error.facts)


def _missing(request: Request, error: ObjectMissing) -> Response:
    return _answer(404, "missing", str(error))


def _corrupt(request: Request, error: ManifestCorrupt) -> Response:
    return _answer(410, "corrupt", str(error))


def _unfinished(request: Request, error: NotFinished) -> Response:
    return _answer(409, "unfinished", str(error))


def _aws(request: Request, error: ServiceError) -> Response:
    """What AWS says stays in the log: it may name places that a reviewer has no business with."""
    log.warning("AWS did not do what the approval page asked for: %s", error)
    return _answer(503, "service", "AWS does not answer as it should. Nothing is lost: try again.")


def _out_of_form(request: Request, error: RequestValidationError) -> Response:
    """Says which field is wrong and why; never repeats what was sent."""
    faults = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
    return _answer(422, "form", "; ".join(faults))


def _http(request: Request, error: HTTPException) -> Response:
    """Airflow's own refusals. A page leads to the login, everything else says what is missing."""
    if error.status_code == 401 and "text/html" in request.headers.get("Accept", ""):
        login = get_auth_manager().get_url_login(next_url=str(request.url))
        return RedirectResponse(login, status_code=303)
    word = WORDS.get(error.status_code, "refused")
    return _answer(error.status_code, word, str(error.detail))


def _answer(status: int, word: str, message: str, **facts: object) -> Response:
    return JSONResponse({"error": word, "message": message, **facts}, status_code=status)
