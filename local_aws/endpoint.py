"""One call from HTTP to HTTP: signature, faults, quota, validation, handler, answer.

Paths under `/_localaws/` are the endpoint's own: `admin_paths` and, below `/_localaws/portal`,
the worker portal (`local_aws.portal.pages.answer(request, context)`). Everything else is AWS.
"""

import hashlib
import importlib
import logging
import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local_aws import admin_paths
from local_aws.call_context import Context
from local_aws.call_quotas import CallQuotas
from local_aws.database import Database
from local_aws.endpoint_identity import Identity
from local_aws.endpoint_settings import EndpointSettings
from local_aws.fault_plan import BareStatus, FaultPlan, act
from local_aws.http_messages import HttpAnswer, HttpRequest
from local_aws.moto_services import MOTO_SERVICES, MotoServices
from local_aws.object_store import ObjectStore
from local_aws.operation_table import operations
from local_aws.payload_stream import (
    STREAM_KINDS,
    STREAM_UNSIGNED_TRAILER,
    ChunkedPayload,
    ChunkSigner,
    HashedPayload,
    Payload,
    UnsignedPayload,
)
from local_aws.price_table import read_prices
from local_aws.request_signature import (
    UNSIGNED_PAYLOAD,
    Signature,
    SignatureProblem,
    Signer,
    claimed_signature,
)
from local_aws.s3 import cross_origin, notifications
from local_aws.service_catalogue import CLIENTS_BY_SIGNING_NAME
from local_aws.service_errors import ServiceError
from local_aws.service_meter import Meter
from local_aws.service_protocol import (
    AnswerError,
    Call,
    error_answer,
    parse,
    route,
    serialize,
    takes_stream,
)
from local_aws.signature_errors import signature_error
from local_aws.state_store import StateStore

log = logging.getLogger(__name__)

PORTAL_PREFIX = "/_localaws/portal"


class Endpoint:
    """Everything one endpoint process keeps, and the way from a request to its answer."""

    def __init__(self, settings: EndpointSettings, identity: Identity) -> None:
        self.settings = settings
        self.identity = identity
        self.faults = FaultPlan()
        self._database = _open_database(settings.data_dir)
        self.state = StateStore(self._database)
        self.objects = ObjectStore(self._database, settings.data_dir / "blobs")
        self.meter = Meter(self._database, self.state, read_prices(settings.region))
        self._quotas = CallQuotas() if settings.quotas else None
        self._signer = Signer(identity.access_key_id, identity.secret_access_key, settings.region)
        self._moto = MotoServices(settings.account_id, settings.region, self.state)
        self.objects.announce = notifications.announcer(self.state, self._moto, settings.region)
        self.objects.sweep()

    def answer(self, request: HttpRequest) -> HttpAnswer:
        """The answer to any request; raises DroppedConnection if a fault orders it."""
        if self.settings.answer_delay_ms:
            time.sleep(self.settings.answer_delay_ms / 1000)
        request_id = str(uuid.uuid4())
        try:
            if request.path.startswith(PORTAL_PREFIX):
                return self._portal(request, self._context(request_id, self.settings.region))
            if request.path.startswith(admin_paths.PREFIX):
                return admin_paths.answer(request, self)
            return self._aws_answer(request, request_id)
        except BareStatus as fault:
            return HttpAnswer(fault.status)

    def close(self) -> None:
        """Close the database; the endpoint answers nothing more."""
        self._database.close()

    def _portal(self, request: HttpRequest, context: Context) -> HttpAnswer:
        pages = importlib.import_module("local_aws.portal.pages")
        answer: HttpAnswer = pages.answer(request, context)
        return answer

    def _aws_answer(self, request: HttpRequest, request_id: str) -> HttpAnswer:
        if request.method == "OPTIONS":
            return cross_origin.preflight(request, self.state)
        service = _guessed_service(request)
        try:
            signature = claimed_signature(request)
            if signature is None:
                raise SignatureProblem("Missing")
            service = _signed_service(signature, request)
            payload = self._verified_payload(request, signature, service)
            answer = self._service_answer(service, request, payload, request_id)
        except SignatureProblem as problem:
            answer = error_answer(service, signature_error(problem, service), request_id)
        except ServiceError as error:
            answer = error_answer(service, error, request_id)
        if service == "s3":
            return cross_origin.with_headers(answer, request, self.state)
        return answer

    def _verified_payload(
        self, request: HttpRequest, signature: Signature, service: str
    ) -> Payload:
        """The payload behind a signature that is right; raises SignatureProblem if it is not."""
        now = datetime.now(UTC)
        if service == "s3":
            claimed = request.headers.get("x-amz-content-sha256")
            if claimed is None and not signature.presigned:
                raise SignatureProblem("NoPayloadHash")
            payload_hash = claimed or UNSIGNED_PAYLOAD
            self._signer.verify(request, signature, payload_hash, now)
            return self._s3_payload(request, signature, payload_hash)
        body = request.body.read()
        self._signer.verify(request, signature, hashlib.sha256(body).hexdigest(), now)
        return UnsignedPayload(_Bytes(body))

    def _s3_payload(self, request: HttpRequest, signature: Signature, payload_hash: str) -> Payload:
        if payload_hash == UNSIGNED_PAYLOAD:
            return UnsignedPayload(request.body)
        if payload_hash not in STREAM_KINDS:
            return HashedPayload(request.body, payload_hash)
        length = request.headers.get("x-amz-decoded-content-length", "")
        if not length.isdigit():
            raise ServiceError(
                "MissingContentLength", "You must provide the Content-Length HTTP header."
            )
        signer = ChunkSigner(signature, lambda text: self._signer.sign(signature, text))
        unsigned = payload_hash == STREAM_UNSIGNED_TRAILER
        return ChunkedPayload(request.body, int(length), None if unsigned else signer)

    def _service_answer(
        self, service: str, request: HttpRequest, payload: Payload, request_id: str
    ) -> HttpAnswer:
        if service in MOTO_SERVICES:
            body = payload.read()
            operation = self._moto.operation(service, request, body)
            act(self.faults.due(service, operation, _request_hash(request, body)))
            return self._moto.answer(service, request, body)
        call = _routed(service, request)
        stream = takes_stream(call)
        content: Any = payload if stream else payload.read()
        fingerprint = _request_hash(request, b"" if stream else content)
        due = self.faults.due(call.service, call.operation, fingerprint)
        act(due)
        return self._handled(call, request, content, request_id, {fault.kind for fault in due})

    def _handled(
        self,
        call: Call,
        request: HttpRequest,
        content: Any,
        request_id: str,
        ordered: set[str],
    ) -> HttpAnswer:
        handler = operations(call.service).get(call.operation)
        try:
            if handler is None:
                raise _not_played(call)
            parsed = parse(call, request, content)
            if self._quotas is not None:
                self._quotas.spend(call.service, call.operation)
            context = replace(
                self._context(request_id, self.settings.region), ordered=frozenset(ordered)
            )
            answer = serialize(call, handler(parsed, context), request_id)
            if call.service == "s3":
                self.meter.record("s3", call.operation, {"request": 1})
        except ServiceError as error:
            return error_answer(call.service, error, request_id)
        except (AnswerError, Exception) as error:
            log.exception("%s %s failed", call.service, call.operation)
            failure = ServiceError(_internal_code(call.service), f"Local endpoint: {error}")
            return error_answer(call.service, failure, request_id)
        return replace(answer, headers={**answer.headers, **_request_id(call, request_id)})

    def _context(self, request_id: str, region: str) -> Context:
        return Context(
            account_id=self.settings.account_id,
            region=region,
            access_key=self.identity.access_key_id,
            request_id=request_id,
            state=self.state,
            objects=self.objects,
            meter=self.meter,
            settings=self.settings,
            has_queue=self._moto.has_queue,
            send_message=self._moto.send_message,
        )


class _Bytes:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, size: int = -1, /) -> bytes:
        data, self._data = self._data, b""
        return data


def _open_database(data_dir: Path) -> Database:
    data_dir.mkdir(parents=True, exist_ok=True)
    return Database(data_dir / "endpoint.db")


def _guessed_service(request: HttpRequest) -> str:
    """Whose error format an unsigned request gets: AWS knows by the host, here by the target."""
    target = request.headers.get("x-amz-target", "")
    if target.startswith("RekognitionService."):
        return "rekognition"
    return "sagemaker" if target.startswith("SageMaker.") else "s3"


def _signed_service(signature: Signature, request: HttpRequest) -> str:
    clients = CLIENTS_BY_SIGNING_NAME.get(signature.service)
    if clients is None:
        raise ServiceError(
            "NotImplemented", f"The local endpoint does not stand in for {signature.service!r}."
        )
    if signature.service == "sagemaker":
        target = "x-amz-target" in request.headers
        return "sagemaker" if target else "sagemaker-a2i-runtime"
    return next((client for client in clients if route(client, request)), clients[0])


def _routed(service: str, request: HttpRequest) -> Call:
    call = route(service, request)
    if call is None and service == "s3":
        raise ServiceError("MethodNotAllowed", "The specified method is not allowed.")
    if call is None:
        raise ServiceError("UnknownOperationException", f"{service} has no such operation.")
    return call


def _not_played(call: Call) -> ServiceError:
    return ServiceError(
        "NotImplemented",
        f"The local endpoint does not play {call.service} {call.operation}; "
        "docs/local-endpoint.md lists what it does.",
    )


def _internal_code(service: str) -> str:
    return {
        "s3": "InternalError",
        "bedrock": "InternalServerException",
        "bedrock-runtime": "InternalServerException",
        "rekognition": "InternalServerError",
        "sagemaker-a2i-runtime": "InternalServerException",
    }.get(service, "InternalFailure")


def _request_id(call: Call, request_id: str) -> Mapping[str, str]:
    if call.service == "s3":
        return {"x-amz-request-id": request_id, "x-amz-id-2": request_id}
    return {"x-amzn-RequestId": request_id}


def _request_hash(request: HttpRequest, body: bytes) -> str:
    """A hash of what a request asks for, the same for each try of it."""
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
