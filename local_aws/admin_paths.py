"""The endpoint's own paths under `/_localaws/`: health, faults, clock, bill, resources.

All but `health` ask for the token of the ready file in the header `x-localaws-token`.
"""

import hmac
import json
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from local_aws.account.fault_plan import BadFaultError, read_fault
from local_aws.http.messages import HttpAnswer, HttpRequest

if TYPE_CHECKING:
    from local_aws.endpoint import Endpoint

PREFIX = "/_localaws/"
TOKEN_HEADER = "x-localaws-token"


def answer(request: HttpRequest, endpoint: "Endpoint") -> HttpAnswer:
    """The answer of an admin path; 403 without the token, 404 for an unknown path."""
    page = request.path.removeprefix(PREFIX)
    if (request.method, page) == ("GET", "health"):
        return _health(endpoint)
    token = request.headers.get(TOKEN_HEADER, "")
    if not hmac.compare_digest(token, endpoint.identity.admin_token):
        message = f"send the admin_token of the ready file in the header {TOKEN_HEADER}"
        return _json(HTTPStatus.FORBIDDEN, {"error": message})
    page_answer = PAGES.get((request.method, page))
    if page_answer is None:
        served = ", ".join(f"{method} {PREFIX}{name}" for method, name in PAGES)
        return _json(HTTPStatus.NOT_FOUND, {"error": f"no such page; there are {served}"})
    return page_answer(request, endpoint)


def _health(endpoint: "Endpoint") -> HttpAnswer:
    return _json(
        HTTPStatus.OK,
        {
            "status": "ready",
            "today": endpoint.settings.today.isoformat(),
            "region": endpoint.settings.region,
            "account_id": endpoint.settings.account_id,
        },
    )


def _read_faults(request: HttpRequest, endpoint: "Endpoint") -> HttpAnswer:
    return _json(HTTPStatus.OK, endpoint.faults.document())


def _replace_faults(request: HttpRequest, endpoint: "Endpoint") -> HttpAnswer:
    try:
        document = json.loads(request.body.read())
        rules = [read_fault(fault) for fault in document["faults"]]
    except (ValueError, TypeError, KeyError, BadFaultError) as error:
        return _json(HTTPStatus.BAD_REQUEST, {"error": str(error), "expected": '{"faults": []}'})
    endpoint.faults.replace(rules)
    return _json(HTTPStatus.OK, endpoint.faults.document())


def _clear_faults(request: HttpRequest, endpoint: "Endpoint") -> HttpAnswer:
    endpoint.faults.replace([])
    return _json(HTTPStatus.OK, endpoint.faults.document())


def _read_clock(request: HttpRequest, endpoint: "Endpoint") -> HttpAnswer:
    clock = endpoint.clock
    return _json(
        HTTPStatus.OK, {"ahead_seconds": clock.ahead_seconds, "now": clock.now().isoformat()}
    )


def _set_clock(request: HttpRequest, endpoint: "Endpoint") -> HttpAnswer:
    try:
        seconds = float(json.loads(request.body.read())["ahead_seconds"])
        timedelta(seconds=seconds)
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        expected = '{"ahead_seconds": 3600}'
        return _json(HTTPStatus.BAD_REQUEST, {"error": str(error), "expected": expected})
    endpoint.clock.set_ahead(seconds)
    return _read_clock(request, endpoint)


def _bill(request: HttpRequest, endpoint: "Endpoint") -> HttpAnswer:
    return _json(HTTPStatus.OK, endpoint.meter.bill(endpoint.clock.now()))


def _resources(request: HttpRequest, endpoint: "Endpoint") -> HttpAnswer:
    buckets = [
        {
            "bucket": name,
            "created": created.isoformat(),
            **endpoint.objects.usage(name),
        }
        for name, created in endpoint.objects.buckets()
    ]
    return _json(
        HTTPStatus.OK,
        {
            "running": endpoint.meter.running(),
            "buckets": buckets,
            "documents": endpoint.state.kinds(),
        },
    )


PAGES = {
    ("GET", "faults"): _read_faults,
    ("PUT", "faults"): _replace_faults,
    ("DELETE", "faults"): _clear_faults,
    ("GET", "clock"): _read_clock,
    ("PUT", "clock"): _set_clock,
    ("GET", "bill"): _bill,
    ("GET", "resources"): _resources,
}


def _json(status: int, document: Any) -> HttpAnswer:
    body = json.dumps(document, indent=2).encode() + b"\n"
    return HttpAnswer(status, {"Content-Type": "application/json"}, body)
