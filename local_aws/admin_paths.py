"""The endpoint's own paths under `/_localaws/`: health, faults, clock, quotas, bill,
resources.

All but `health` require the token of the ready file in the header `x-localaws-token`.
"""

import json
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from local_aws.account.fault_plan import BadFaultError, read_fault
from local_aws.account.instance_quotas import read_values, replace_values
from local_aws.backend import Backend
from local_aws.http.messages import HttpAnswer, HttpRequest
from local_aws.signing.secret_comparison import is_secret

PREFIX = "/_localaws/"
TOKEN_HEADER = "x-localaws-token"


def answer(request: HttpRequest, backend: Backend) -> HttpAnswer:
    """Answer an admin path; 403 without the token, 404 for an unknown path."""
    page = request.path.removeprefix(PREFIX)
    if (request.method, page) == ("GET", "health"):
        return _read_health(backend)
    if not is_secret(request.headers.get(TOKEN_HEADER), backend.identity.admin_token):
        message = f"send the admin_token of the ready file in the header {TOKEN_HEADER}"
        return _answer_json(HTTPStatus.FORBIDDEN, {"error": message})
    page_answer = PAGES.get((request.method, page))
    if page_answer is None:
        served = ", ".join(f"{method} {PREFIX}{name}" for method, name in PAGES)
        return _answer_json(
            HTTPStatus.NOT_FOUND, {"error": f"no such path; available are {served}"}
        )
    return page_answer(request, backend)


def _read_health(backend: Backend) -> HttpAnswer:
    return _answer_json(
        HTTPStatus.OK,
        {
            "status": "ready",
            "today": backend.settings.today.isoformat(),
            "region": backend.settings.region,
            "account_id": backend.settings.account_id,
        },
    )


def _read_faults(request: HttpRequest, backend: Backend) -> HttpAnswer:
    return _answer_json(HTTPStatus.OK, backend.faults.document())


def _replace_faults(request: HttpRequest, backend: Backend) -> HttpAnswer:
    try:
        document = json.loads(request.body.read())
        rules = [read_fault(fault) for fault in document["faults"]]
    except (ValueError, TypeError, KeyError, RecursionError, BadFaultError) as error:
        return _answer_json(
            HTTPStatus.BAD_REQUEST, {"error": str(error), "expected": '{"faults": []}'}
        )
    backend.faults.replace(rules)
    return _answer_json(HTTPStatus.OK, backend.faults.document())


def _clear_faults(request: HttpRequest, backend: Backend) -> HttpAnswer:
    backend.faults.replace([])
    return _answer_json(HTTPStatus.OK, backend.faults.document())


def _read_clock(request: HttpRequest, backend: Backend) -> HttpAnswer:
    clock = backend.clock
    document = {
        "ahead_seconds": clock.ahead_seconds,
        "stopped": clock.stopped,
        "now": clock.now().isoformat(),
    }
    return _answer_json(HTTPStatus.OK, document)


def _set_clock(request: HttpRequest, backend: Backend) -> HttpAnswer:
    try:
        document = json.loads(request.body.read())
        seconds, stopped = float(document["ahead_seconds"]), document.get("stopped", False)
        timedelta(seconds=seconds)
        if not isinstance(stopped, bool):
            raise TypeError(f"stopped is {stopped!r}")
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
        expected = '{"ahead_seconds": 3600, "stopped": false}'
        return _answer_json(HTTPStatus.BAD_REQUEST, {"error": str(error), "expected": expected})
    backend.clock.set_ahead(seconds)
    if stopped:
        backend.clock.stop()
    else:
        backend.clock.run()
    return _read_clock(request, backend)


def _read_quotas(request: HttpRequest, backend: Backend) -> HttpAnswer:
    return _answer_json(HTTPStatus.OK, {"quotas": read_values(backend.settings, backend.state)})


def _replace_quotas(request: HttpRequest, backend: Backend) -> HttpAnswer:
    try:
        values = json.loads(request.body.read())["quotas"]
        replace_values({str(name): float(value) for name, value in values.items()}, backend.state)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        expected = '{"quotas": {"ml.g6e.2xlarge for training job usage": 1}}'
        return _answer_json(HTTPStatus.BAD_REQUEST, {"error": str(error), "expected": expected})
    return _read_quotas(request, backend)


def _read_bill(request: HttpRequest, backend: Backend) -> HttpAnswer:
    return _answer_json(HTTPStatus.OK, backend.meter.bill(backend.clock.now()))


def _read_resources(request: HttpRequest, backend: Backend) -> HttpAnswer:
    buckets = [
        {
            "bucket": name,
            "created": created.isoformat(),
            **backend.objects.usage(name),
        }
        for name, created in backend.objects.buckets()
    ]
    return _answer_json(
        HTTPStatus.OK,
        {
            "running": backend.meter.running(),
            "buckets": buckets,
            "documents": backend.state.kinds(),
        },
    )


PAGES = {
    ("GET", "faults"): _read_faults,
    ("PUT", "faults"): _replace_faults,
    ("DELETE", "faults"): _clear_faults,
    ("GET", "clock"): _read_clock,
    ("PUT", "clock"): _set_clock,
    ("GET", "quotas"): _read_quotas,
    ("PUT", "quotas"): _replace_quotas,
    ("GET", "bill"): _read_bill,
    ("GET", "resources"): _read_resources,
}


def _answer_json(status: int, document: Any) -> HttpAnswer:
    body = json.dumps(document, indent=2).encode() + b"\n"
    return HttpAnswer(status, {"Content-Type": "application/json"}, body)
