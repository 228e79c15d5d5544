"""Answers one HTTP request: signature, faults, quota, validation, handler, answer.

Paths under `/_localaws/` are the endpoint's own: `admin_paths` and, below `/_localaws/portal`, the
worker portal. Everything else is AWS.
"""

import hashlib
import logging
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from local_aws import admin_paths
from local_aws.account.call_quotas import CallQuotas
from local_aws.account.fault_plan import BareStatus, apply_faults
from local_aws.backend import Backend
from local_aws.http.messages import DroppedConnection, HttpAnswer, HttpRequest
from local_aws.operations.context import Context
from local_aws.protocol.errors import ServiceError
from local_aws.protocol.s3_arguments import read_arguments
from local_aws.protocol.service_models import CLIENTS_BY_SIGNING_NAME
from local_aws.protocol.wire import (
    Call,
    error_answer,
    parse,
    route,
    serialize,
    takes_stream,
)
from local_aws.services.iam.moto_services import MOTO_SERVICES
from local_aws.services.iam.policy_simulation import make_owner_arn
from local_aws.services.registry import load_operations
from local_aws.services.s3 import cross_origin
from local_aws.services.s3.checks.documents import verify_document
from local_aws.services.s3.checks.elements import require_known_elements
from local_aws.signing.issued_keys import make_key_finder
from local_aws.signing.payload_stream import Payload
from local_aws.signing.payload_verification import verify_payload
from local_aws.signing.request_signature import (
    Signature,
    SignatureProblem,
    Verifier,
    read_signature,
)
from local_aws.signing.signature_errors import make_signature_error

log = logging.getLogger(__name__)

PORTAL_PREFIX = "/_localaws/portal"
INTERNAL_CODES = {
    "s3": "InternalError",
    "bedrock": "InternalServerException",
    "bedrock-runtime": "InternalServerException",
    "rekognition": "InternalServerError",
    "sagemaker-a2i-runtime": "InternalServerException",
}
"""Each service's code for an internal error."""

PLAYED_ELSEWHERE = frozenset(
    {
        "GetFoundationModel",
        "GetFoundationModelAvailability",
        "ListFoundationModels",
        "InvokeModel",
    }
)
"""Operations of Bedrock that are played in every region: some models are offered in one only. The
account has no capacity, jobs or buckets outside the endpoint's own region."""

HANDLED_ABOVE = (DroppedConnection, BareStatus)
"""Exceptions that the caller handles, not this service call."""


class Endpoint:
    """Answers requests with the state of one backend."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        settings = backend.settings
        self._quotas = CallQuotas() if settings.quotas else None
        self._verifier = Verifier(
            make_key_finder(backend.identity, backend.state),
            settings.region,
            everywhere=frozenset({"bedrock"}),
        )

    def answer(self, request: HttpRequest) -> HttpAnswer:
        """Answer any request; raises DroppedConnection for an injected fault."""
        if self._backend.settings.answer_delay_ms:
            time.sleep(self._backend.settings.answer_delay_ms / 1000)
        request_id = str(uuid.uuid4())
        try:
            if request.path.startswith(PORTAL_PREFIX):
                return self._answer_portal(request, self._backend.context(request, request_id))
            if request.path.startswith(admin_paths.PREFIX):
                return admin_paths.answer(request, self._backend)
            return self._answer_aws(request, request_id)
        except BareStatus as fault:
            return HttpAnswer(fault.status)

    def _answer_portal(self, request: HttpRequest, context: Context) -> HttpAnswer:
        from local_aws.portal import pages  # imported at first use: it is slow

        return pages.answer(request, context)

    def _answer_aws(self, request: HttpRequest, request_id: str) -> HttpAnswer:
        if request.method == "OPTIONS":
            return cross_origin.answer_preflight(request, self._backend.state)
        service = _guess_service(request)
        try:
            signature = read_signature(request)
            if signature is None:
                _require_no_form(request)
                raise SignatureProblem("Missing")
            clients = _find_clients(signature, request)
            service = clients[0]
            payload = verify_payload(self._verifier, request, signature, service)
            context = replace(
                self._backend.context(request, request_id),
                caller=self._find_caller(signature),
                region=signature.region,
            )
            answer = self._answer_service(clients, request, payload, context)
        except SignatureProblem as problem:
            answer = error_answer(service, make_signature_error(problem, service), request_id)
        except ServiceError as error:
            answer = error_answer(service, error, request_id)
        except HANDLED_ABOVE:
            raise
        except Exception as error:
            log.exception("%s %s failed", request.method, request.path)
            code = INTERNAL_CODES.get(service, "InternalFailure")
            answer = error_answer(
                service, ServiceError(code, f"Local endpoint: {error}"), request_id
            )
        if service == "s3":
            return cross_origin.add_headers(answer, request, self._backend.state)
        return answer

    def _answer_service(
        self, clients: Sequence[str], request: HttpRequest, payload: Payload, context: Context
    ) -> HttpAnswer:
        if clients[0] in MOTO_SERVICES:
            body = payload.read()
            operation = self._backend.moto.operation(request, body)
            apply_faults(
                self._backend.faults.find_due(clients[0], operation, _hash_request(request, body))
            )
            return self._backend.moto.answer(clients[0], request, body)
        call = _find_call(clients, request)
        try:
            return self._answer_call(call, request, payload, context)
        except ServiceError as error:  # of this client: others of the same name have other statuses
            return error_answer(call.service, error, context.request_id)

    def _answer_call(
        self, call: Call, request: HttpRequest, payload: Payload, context: Context
    ) -> HttpAnswer:
        stream = takes_stream(call)
        content: Any = payload if stream else payload.read()
        fingerprint = _hash_request(request, b"" if stream else content)
        due = self._backend.faults.find_due(call.service, call.operation, fingerprint)
        apply_faults(due)
        ordered = replace(
            context,
            ordered=frozenset(fault.kind for fault in due),
            injected_failure=next((fault for fault in due if fault.kind == "fail"), None),
        )
        answer = self._run_handler(call, request, content, ordered)
        named = _format_request_id(call, context.request_id)
        return replace(answer, headers={**answer.headers, **named})

    def _find_caller(self, signature: Signature) -> str:
        """Return the ARN of the user or role of a verified signature."""
        key = self._verifier.find_key(signature.access_key)
        owner = make_owner_arn(self._backend.settings.account_id)
        return (key.principal if key else "") or owner

    def _run_handler(
        self, call: Call, request: HttpRequest, content: Any, context: Context
    ) -> HttpAnswer:
        handler = load_operations(call.service).get(call.operation)
        if handler is None:
            raise _unsupported(call)
        own_region = self._backend.settings.region
        if context.region != own_region and call.operation not in PLAYED_ELSEWHERE:
            raise ServiceError(
                "NotImplemented",
                f"The local endpoint plays {call.operation} in {own_region} only.",
            )
        if call.service == "s3":
            request = read_arguments(request, call.model)
            if isinstance(content, bytes):
                verify_document(call.model, request.headers, content)
                require_known_elements(call.model, content)
        parsed = parse(call, request, content)
        if self._quotas is not None:
            self._quotas.count_call(call.service, call.operation)
        answer = serialize(call, handler(parsed, context), context.request_id)
        if call.service == "s3":
            self._backend.meter.record("s3", call.operation, {"request": 1})
        return answer


def _require_no_form(request: HttpRequest) -> None:
    """Refuse S3's uploads by an HTML form, whose signature is in the form."""
    if request.method == "POST" and request.headers.get("content-type", "").startswith(
        "multipart/form-data"
    ):
        message = "The local endpoint does not implement uploads by an HTML form (POST Object)."
        raise ServiceError("NotImplemented", message)


def _guess_service(request: HttpRequest) -> str:
    """Return the service whose error format an unsigned request gets, by its target header."""
    target = request.headers.get("x-amz-target", "")
    if target.startswith("RekognitionService."):
        return "rekognition"
    return "sagemaker" if target.startswith("SageMaker.") else "s3"


def _find_clients(signature: Signature, request: HttpRequest) -> Sequence[str]:
    """Return the boto3 clients that sign with the signature's service name."""
    if signature.service == "sagemaker":
        return ["sagemaker" if "x-amz-target" in request.headers else "sagemaker-a2i-runtime"]
    clients = CLIENTS_BY_SIGNING_NAME.get(signature.service)
    if clients is None:
        message = f"The local endpoint does not implement the service {signature.service!r}."
        raise ServiceError("NotImplemented", message)
    return clients


def _find_call(clients: Sequence[str], request: HttpRequest) -> Call:
    for client in clients:
        call = route(client, request)
        if call is not None:
            return call
    if clients[0] == "s3":
        raise ServiceError("MethodNotAllowed", "The specified method is not allowed.")
    raise ServiceError("UnknownOperationException", f"{clients[0]} has no such operation.")


def _unsupported(call: Call) -> ServiceError:
    return ServiceError(
        "NotImplemented",
        f"The local endpoint does not implement {call.service} {call.operation}; "
        "docs/local-endpoint.md lists what it does.",
    )


def _format_request_id(call: Call, request_id: str) -> Mapping[str, str]:
    if call.service == "s3":
        return {"x-amz-request-id": request_id, "x-amz-id-2": request_id}
    return {"x-amzn-RequestId": request_id}


def _hash_request(request: HttpRequest, body: bytes) -> str:
    """Return a hash of the request that is the same for each of its retries."""
    arguments = [pair for pair in request.arguments if not pair[0].startswith("X-Amz-")]
    claimed = request.headers.get("x-amz-content-sha256", "")
    described = (
        request.method,
        request.path,
        arguments,
        claimed,
        request.headers.get("x-amz-target"),
        request.headers.get("range"),
    )
    return hashlib.sha256(repr(described).encode() + body).hexdigest()
