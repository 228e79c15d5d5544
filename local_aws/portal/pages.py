"""The portal's pages: the list of loops, a task, and the frame its template runs in."""

import re
from html import escape
from http import HTTPStatus
from urllib.parse import parse_qs, unquote

from local_aws.http.messages import HttpAnswer, HttpRequest
from local_aws.operations.context import Context
from local_aws.portal import access, loop_listing, scripted_review
from local_aws.portal.answers import (
    answer_html,
    read_script,
    redirect,
    reject,
    render_page,
    serve_file,
)
from local_aws.portal.picture_links import presign_link
from local_aws.services.sagemaker import human_loops
from local_aws.services.sagemaker.worker_template import TemplateError, render
from local_aws.signing.identity import Identity, load_identity
from local_aws.storage.state_store import Document

CROWD_SCRIPT = re.compile(
    r"<script[^>]*\bsrc=[\"'][^\"']*crowd-html-elements\.js[\"'][^>]*>\s*</script>", re.IGNORECASE
)
"""The script of AWS's crowd elements, which templates load; the frame replaces it with its own."""

FRAME_POLICY = (
    "sandbox allow-scripts; default-src 'none'; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; img-src {origin} data:; media-src {origin}; "
    "frame-ancestors {origin}"
)


def answer(request: HttpRequest, context: Context) -> HttpAnswer:
    """Answer any request under `/_localaws/portal`."""
    identity = load_identity(context.settings.data_dir)
    path = [unquote(part) for part in _strip_prefix(request).split("/") if part]
    if not access.is_local_host(request):
        return reject(HTTPStatus.FORBIDDEN, "the portal answers on loopback names only")
    if path[:1] == ["static"] and len(path) == 2:
        return serve_file(path[1])
    if access.has_login_token(request, identity):
        token = access.format_cookie(access.TOKEN_COOKIE, access.derive_portal_token(identity))
        return redirect(request.path, {"Set-Cookie": token})
    if path[:1] == ["api"]:
        if not access.is_scripted_reviewer(request, identity):
            return reject(HTTPStatus.FORBIDDEN, "send the portal's token as a bearer token")
        return scripted_review.answer(request, context, path[1:])
    if not access.is_logged_in(request, identity):
        return render_page("denied.html", HTTPStatus.FORBIDDEN)
    return _answer_page(request, context, identity, path)


def _strip_prefix(request: HttpRequest) -> str:
    return request.path.removeprefix(access.PORTAL_PATH)


def _answer_page(
    request: HttpRequest, context: Context, identity: Identity, path: list[str]
) -> HttpAnswer:
    match (request.method, path):
        case ("GET", []):
            return _render_list(request, context, identity)
        case ("POST", ["worker"]):
            return _choose_worker(request, identity)
        case (_, ["loops", name, *rest]):
            loop = loop_listing.find_loop(context, name)
            if loop is not None:
                return _answer_loop_page(request, context, identity, loop, rest)
    return render_page("missing.html", HTTPStatus.NOT_FOUND)


def _answer_loop_page(
    request: HttpRequest,
    context: Context,
    identity: Identity,
    loop: Document,
    rest: list[str],
) -> HttpAnswer:
    match (request.method, rest):
        case ("GET", []):
            return _render_task(request, context, identity, loop)
        case ("GET", ["frame"]):
            return _render_frame(request, context, identity, loop)
        case ("POST", ["answers"]):
            return _submit(request, context, identity, loop)
    return render_page("missing.html", HTTPStatus.NOT_FOUND)


def _render_list(request: HttpRequest, context: Context, identity: Identity) -> HttpAnswer:
    loops = loop_listing.list_loops(context, status=None)
    worker = access.read_worker_id(request)
    return render_page(
        "loops.html",
        waiting=[loop for loop in loops if _needs_answer(loop, worker)],
        others=[loop for loop in loops if not _needs_answer(loop, worker)],
        worker=worker,
        form_token=access.derive_form_token(identity),
    )


def _needs_answer(loop: dict[str, object], worker: str) -> bool:
    workers = loop["workers"]
    assert isinstance(workers, list)
    return loop["status"] == human_loops.IN_PROGRESS and worker not in workers


def _choose_worker(request: HttpRequest, identity: Identity) -> HttpAnswer:
    form = parse_qs(request.body.read().decode("utf-8", "replace"))
    if not access.is_own_page(request, form.get("form_token", [None])[0], identity):
        return reject(HTTPStatus.FORBIDDEN, "the request did not come from the portal's page")
    worker = form.get("worker", [""])[0].strip()
    if not access.WORKER_ID.fullmatch(worker):
        return reject(HTTPStatus.BAD_REQUEST, "worker: 1 to 63 letters, digits, . _ or -")
    cookie = access.format_cookie(access.WORKER_COOKIE, worker)
    return redirect(access.PORTAL_PATH, {"Set-Cookie": cookie})


def _render_task(
    request: HttpRequest, context: Context, identity: Identity, loop: Document
) -> HttpAnswer:
    worker = access.read_worker_id(request)
    try:
        human_loops.accept(context, loop["arn"], worker)
    except human_loops.AnswerRejectedError as error:
        described = loop_listing.describe(context, loop)
        return render_page("closed.html", HTTPStatus.CONFLICT, loop=described, reason=str(error))
    return render_page(
        "task.html",
        loop=loop_listing.describe(context, loop),
        worker=worker,
        minutes=round(loop["task_seconds"] / 60),
        form_token=access.derive_form_token(identity),
    )


def _render_frame(
    request: HttpRequest, context: Context, identity: Identity, loop: Document
) -> HttpAnswer:
    origin = f"http://{request.headers['host']}"
    policy = FRAME_POLICY.format(origin=origin)
    try:
        content = render(
            loop["template"],
            loop_listing.read_input(loop),
            lambda uri: presign_link(uri, origin, identity, context.region, loop["task_seconds"]),
        )
    except TemplateError as error:
        text = f"<pre>This task's template cannot be rendered.\n\n{escape(str(error))}</pre>"
        return answer_html(text, policy, HTTPStatus.UNPROCESSABLE_ENTITY)
    head = (
        '<!doctype html><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f"<style>{read_script('crowd_elements.css')}</style>"
        f"<script>{read_script('frame_storage.js')}</script>"
        f"<script>{read_script('crowd_elements.js')}</script>"
    )
    return answer_html(head + CROWD_SCRIPT.sub("", content), policy)


def _submit(
    request: HttpRequest, context: Context, identity: Identity, loop: Document
) -> HttpAnswer:
    if not access.is_own_page(request, request.headers.get("x-form-token"), identity):
        return reject(HTTPStatus.FORBIDDEN, "the request did not come from the portal's page")
    sent = scripted_review.read_object(request)
    return scripted_review.submit(
        context, loop, access.read_worker_id(request), sent.get("answerContent")
    )
