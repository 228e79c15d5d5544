"""The portal's JSON interface, for scripted reviewers and tests.

    GET  /_localaws/portal/api/loops?status=InProgress    {"loops": [...]}
    GET  /_localaws/portal/api/loops/NAME                 the loop and its "input"
    POST /_localaws/portal/api/loops/NAME/answers         {"workerId", "answerContent"}

All require `Authorization: Bearer TOKEN` with the token of the portal's address.
"""

import json
from http import HTTPStatus
from typing import Any

from local_aws.http.messages import HttpAnswer, HttpRequest
from local_aws.operations.context import Context
from local_aws.portal import access, loop_listing
from local_aws.portal.answers import answer_json, reject
from local_aws.services.sagemaker import human_loops
from local_aws.storage.state_store import Document


def answer(request: HttpRequest, context: Context, path: list[str]) -> HttpAnswer:
    """Answer a request to `api/` followed by the segments of `path`."""
    match (request.method, path):
        case ("GET", ["loops"]):
            return answer_json(
                {"loops": loop_listing.list_loops(context, request.argument("status"))}
            )
        case (_, ["loops", name, *rest]):
            loop = loop_listing.find_loop(context, name)
            if loop is None:
                return reject(HTTPStatus.NOT_FOUND, f"there is no human loop {name}")
            return _answer_loop(request, context, loop, rest)
    return reject(HTTPStatus.NOT_FOUND, "the portal has api/loops, and below it each loop")


def submit(context: Context, loop: Document, worker_id: Any, content: Any) -> HttpAnswer:
    """Store an answer; 400 if it is malformed, 409 if the loop does not accept it."""
    if not isinstance(worker_id, str) or not access.WORKER_ID.fullmatch(worker_id):
        return reject(HTTPStatus.BAD_REQUEST, "workerId: 1 to 63 letters, digits, . _ or -")
    if not isinstance(content, dict):
        return reject(HTTPStatus.BAD_REQUEST, "answerContent: a JSON object is required")
    try:
        answered = human_loops.answer(context, loop["arn"], worker_id, content)
    except human_loops.AnswerRejectedError as error:
        return reject(HTTPStatus.CONFLICT, str(error))
    return answer_json(loop_listing.describe(context, answered), HTTPStatus.CREATED)


def read_object(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object in the body; an empty one if the body is something else."""
    try:
        content = json.loads(request.body.read())
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _answer_loop(
    request: HttpRequest, context: Context, loop: Document, rest: list[str]
) -> HttpAnswer:
    match (request.method, rest):
        case ("GET", []):
            described = loop_listing.describe(context, loop)
            return answer_json({**described, "input": loop_listing.read_input(loop)})
        case ("POST", ["answers"]):
            sent = read_object(request)
            return submit(context, loop, sent.get("workerId"), sent.get("answerContent"))
    return reject(HTTPStatus.NOT_FOUND, "a loop takes POST answers")
