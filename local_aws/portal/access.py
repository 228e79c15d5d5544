"""Access to the worker portal, and the check that a request comes from its own pages.

One token gives access to the portal. It is part of the printed address and becomes a cookie that
scripts cannot read and other sites cannot send; scripted reviewers send it as a bearer token. Host
names other than loopback are rejected, which prevents DNS rebinding.
"""

import base64
import hashlib
import hmac
import re
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, urlsplit

from local_aws.http.messages import HttpRequest
from local_aws.signing.identity import Identity
from local_aws.signing.secret_comparison import is_secret

PORTAL_PATH = "/_localaws/portal"
TOKEN_COOKIE = "localaws_portal"
WORKER_COOKIE = "localaws_worker"
DEFAULT_WORKER = "reviewer-1"
WORKER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
LOOPBACK_HOST = re.compile(r"(127(?:\.\d{1,3}){3}|localhost|\[::1\])(:\d{1,5})?")


def derive_portal_token(identity: Identity) -> str:
    """Return the token of the portal, constant for an identity of the endpoint."""
    return _derive_token(identity.admin_token, "worker portal")


def make_portal_address(base_url: str, identity: Identity) -> str:
    """Return the address that logs a person in; `base_url` has no trailing slash."""
    return f"{base_url}{PORTAL_PATH}?token={quote(derive_portal_token(identity))}"


def derive_form_token(identity: Identity) -> str:
    """Return the token that the portal's own pages send with a change."""
    return _derive_token(identity.admin_token, "worker portal form")


def is_local_host(request: HttpRequest) -> bool:
    """Return whether the request's Host is this machine."""
    return LOOPBACK_HOST.fullmatch(request.headers.get("host", "")) is not None


def has_login_token(request: HttpRequest, identity: Identity) -> bool:
    """Return whether the address has the right token."""
    return is_secret(request.argument("token"), derive_portal_token(identity))


def is_logged_in(request: HttpRequest, identity: Identity) -> bool:
    """Return whether the cookie has the right token."""
    return is_secret(read_cookie(request, TOKEN_COOKIE), derive_portal_token(identity))


def is_scripted_reviewer(request: HttpRequest, identity: Identity) -> bool:
    """Return whether the bearer token is right."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return kind.casefold() == "bearer" and is_secret(token, derive_portal_token(identity))


def is_own_page(request: HttpRequest, sent_token: str | None, identity: Identity) -> bool:
    """Return whether a change was sent by one of the portal's own pages."""
    return _is_same_origin(request) and is_secret(sent_token, derive_form_token(identity))


def _is_same_origin(request: HttpRequest) -> bool:
    origin = request.headers.get("origin")
    try:
        return origin is None or urlsplit(origin).netloc == request.headers.get("host")
    except ValueError:  # such as "http://["
        return False


def read_cookie(request: HttpRequest, name: str) -> str | None:
    """Return the value of a cookie, or None."""
    try:
        cookies = SimpleCookie(request.headers.get("cookie", ""))
    except CookieError:
        return None
    return cookies[name].value if name in cookies else None


def format_cookie(name: str, value: str) -> str:
    """Return a `Set-Cookie` header for the portal only, hidden from scripts and other sites."""
    return f"{name}={value}; Path={PORTAL_PATH}; HttpOnly; SameSite=Strict"


def read_worker_id(request: HttpRequest) -> str:
    """Return the name under which the person answers."""
    chosen = read_cookie(request, WORKER_COOKIE)
    return chosen if chosen and WORKER_ID.fullmatch(chosen) else DEFAULT_WORKER


def _derive_token(secret: str, purpose: str) -> str:
    # 96 bits, so that the printed address fits a terminal of 80 columns.
    digest = hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).digest()[:12]
    return base64.urlsafe_b64encode(digest).decode()
