"""HTTP answers of the portal, each with the headers that isolate it."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from local_aws.http.messages import HttpAnswer

FOLDER = Path(__file__).parent
STATIC_FILES = {path.name: path for path in (FOLDER / "static").iterdir()}
STATIC_TYPES = {".css": "text/css", ".js": "text/javascript"}

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "frame-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
COMMON_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

_templates = Environment(
    loader=FileSystemLoader(FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render_page(template: str, status: int = HTTPStatus.OK, **values: Any) -> HttpAnswer:
    """Return one of the portal's own pages, rendered and escaped."""
    body = _templates.get_template(template).render(**values)
    return answer_html(body, PAGE_POLICY, status)


def answer_html(body: str, policy: str, status: int = HTTPStatus.OK) -> HttpAnswer:
    """Return an HTML answer under a content security policy."""
    headers = {
        **COMMON_HEADERS,
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": policy,
    }
    return HttpAnswer(status, headers, body.encode())


def answer_json(content: Any, status: int = HTTPStatus.OK) -> HttpAnswer:
    """Return a JSON answer."""
    headers = {**COMMON_HEADERS, "Content-Type": "application/json"}
    return HttpAnswer(status, headers, json.dumps(content).encode())


def reject(status: int, message: str) -> HttpAnswer:
    """Return a JSON answer that says why a request is rejected."""
    return answer_json({"error": message}, status)


def redirect(location: str, cookies: Mapping[str, str]) -> HttpAnswer:
    """Redirect to another page, with at most one cookie."""
    return HttpAnswer(
        HTTPStatus.SEE_OTHER, {**COMMON_HEADERS, **cookies, "Location": location}, b""
    )


def serve_file(name: str) -> HttpAnswer:
    """Return a style sheet or script of the portal; 404 if there is none of that name."""
    path = STATIC_FILES.get(name)
    if path is None:
        return reject(HTTPStatus.NOT_FOUND, f"there is no file {name}")
    headers = {**COMMON_HEADERS, "Content-Type": STATIC_TYPES[path.suffix]}
    return HttpAnswer(HTTPStatus.OK, headers, path.read_bytes())


def read_script(name: str) -> str:
    """Return the text of a script of the portal, for use inside a page."""
    return (FOLDER / "static" / name).read_text(encoding="utf-8")
