"""Converts HTTP to an operation's request, and its answer or error back to HTTP.

moto's libraries route, parse and serialize by botocore's service models. This module also validates
the request against its shape, as the services do, and the answer against its own, so that no
handler can return what a client cannot read.
"""

import functools
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from xml.sax.saxutils import escape

from botocore.model import Shape, StructureShape
from botocore.utils import parse_timestamp
from moto.core.model import OperationModel
from moto.core.parse import PROTOCOL_PARSERS, RequestDict, RequestParserError
from moto.core.routing import (
    JSONRouter,
    ProtocolRouter,
    QueryRouter,
    RestRouter,
    SQSJSONRouter,
)
from moto.core.serialize import SerializationContext, get_serializer_class
from werkzeug.datastructures import Headers, MultiDict
from werkzeug.exceptions import NotFound

from local_aws.http.messages import HttpAnswer, HttpRequest
from local_aws.protocol.error_statuses import query_code, status_of
from local_aws.protocol.errors import ServiceError
from local_aws.protocol.service_models import service_model
from local_aws.protocol.shape_validation import NULL, Violation, WrongType, check, unknown_members

ROUTERS: Mapping[str, type[ProtocolRouter]] = {
    "json": JSONRouter,
    "query": QueryRouter,
    "rest-json": RestRouter,
    "rest-xml": RestRouter,
}
VALIDATION_CODES = dict.fromkeys(("ecs", "logs"), "InvalidParameterException")
STATUSES = {("s3", "PutBucketPolicy"): HTTPStatus.NO_CONTENT}
"""What the API reference shows where the model has no status of its own."""

MALFORMED_CODES = {"s3": "MalformedXML"}
MALFORMED_TEXT = {
    "s3": "The XML you provided was not well-formed or did not validate against our published "
    "schema"
}


class AnswerError(Exception):
    """A handler's answer violates its output shape: a bug of the endpoint."""


@dataclass(frozen=True)
class RoutingView:
    """The part of a request that moto's routers read."""

    method: str
    raw_path: str
    args: MultiDict[str, str]
    headers: Headers
    host: str = "localhost"

    @property
    def values(self) -> MultiDict[str, str]:
        """Query arguments; no served service is routed by a form."""
        return self.args


@dataclass(frozen=True)
class Call:
    """A routed request: the operation and the boto3 client it is for."""

    service: str
    model: OperationModel
    uri_parameters: Mapping[str, Any]

    @property
    def operation(self) -> str:
        """The AWS operation name, "CreateBucket"."""
        return str(self.model.name)


#: A router reads the model of its service, whose properties are not computed thread by thread.
_BUILDING = threading.Lock()


def route(service: str, request: HttpRequest) -> Call | None:
    """Return the operation of `service` that a request is for, or None."""
    view = RoutingView(
        request.method,
        request.path,
        MultiDict(request.arguments),
        Headers(list(request.headers.items())),
    )
    with _BUILDING:
        router = _make_router(service)
    try:
        model, parameters = router.match(view)  # type: ignore[arg-type]
    except NotFound:
        return None
    return Call(service, model, parameters)


@functools.cache
def _make_router(service: str) -> ProtocolRouter:
    model = service_model(service)
    router = SQSJSONRouter if service == "sqs" else ROUTERS[str(model.protocol)]
    return router(model)


def takes_stream(call: Call) -> bool:
    """Return whether the handler reads the request's body itself, as a stream."""
    payload = _find_payload(call.model.input_shape)
    return payload is not None and bool(payload[1].serialization.get("streaming"))


def _find_payload(shape: StructureShape | None) -> tuple[str, Shape] | None:
    """Return name and shape of the member that is the whole HTTP body, or None."""
    name = shape.serialization.get("payload") if shape is not None else None
    return (name, shape.members[name]) if shape is not None and name is not None else None


def parse(call: Call, request: HttpRequest, body: Any) -> dict[str, Any]:
    """Parse and validate the operation's request; raises the service's error if it is invalid."""
    parsed = _parse_wire(call, request, body)
    shape = call.model.input_shape
    if shape is None:
        return parsed
    findings = list(check(parsed, shape))
    wrong = [finding for finding in findings if isinstance(finding, WrongType)]
    if wrong:
        raise _malformed(call.service, wrong[0].text)
    violations = [finding for finding in findings if isinstance(finding, Violation)]
    if violations:
        raise validation_error(call, violations)
    return parsed


def _parse_wire(call: Call, request: HttpRequest, body: Any) -> dict[str, Any]:
    if _carries_json(call):
        _require_json_object(call.service, body)
    parser_class = PROTOCOL_PARSERS[str(call.model.service_model.protocol)]
    parser = parser_class(call.model, timestamp_parser=parse_timestamp)
    wire: RequestDict = {
        "body": body,
        "headers": Headers(list(request.headers.items())),
        "method": request.method,
        "url_params": dict(call.uri_parameters),
        "url_path": request.path,
        "values": MultiDict(request.arguments),
    }
    try:
        parsed: dict[str, Any] = parser.parse(wire)
    except (
        *(RequestParserError, ValueError, TypeError, AttributeError, KeyError),
        *(ArithmeticError, OSError),  # of dates that no clock can hold
    ) as error:
        raise _malformed(call.service, str(error)) from error
    return {name: value for name, value in parsed.items() if value is not None}


def _carries_json(call: Call) -> bool:
    """Return whether the body is JSON; False also for a blob that the handler reads."""
    payload = _find_payload(call.model.input_shape)
    is_blob = payload is not None and payload[1].type_name == "blob"
    return "json" in str(call.model.service_model.protocol) and not is_blob


def _require_json_object(service: str, body: bytes) -> None:
    if not body:
        return
    try:
        document = json.loads(body)
    except ValueError as error:
        raise _malformed(service, str(error)) from error
    if not isinstance(document, dict):
        raise _malformed(service, "Start of structure or map found where not expected.")


def _malformed(service: str, detail: str) -> ServiceError:
    code = MALFORMED_CODES.get(service, "SerializationException")
    return ServiceError(code, MALFORMED_TEXT.get(service, detail))


def validation_error(call: Call, violations: Sequence[Violation]) -> ServiceError:
    """Return the service's own error for a request that violates its model."""
    if call.service == "s3":
        return s3_validation_error(call, violations[0])
    if call.service == "sqs":
        return sqs_validation_error(violations[0])
    count = len(violations)
    noun = "error" if count == 1 else "errors"
    texts = "; ".join(violation.text for violation in violations)
    code = VALIDATION_CODES.get(call.service, "ValidationException")
    return ServiceError(code, f"{count} validation {noun} detected: {texts}")


def s3_validation_error(call: Call, violation: Violation) -> ServiceError:
    """Return S3's error: it names an argument in a header or query, the document otherwise."""
    first = violation.path.partition(".")[0]
    shape = call.model.input_shape
    members = shape.members if shape is not None else {}
    name = next(name for name in members if name.lower() == first.lower())
    if violation.path.endswith(".locationConstraint"):
        return ServiceError(
            "InvalidLocationConstraint", "The specified location-constraint is not valid"
        )
    if "location" not in members[name].serialization:
        return ServiceError("MalformedXML", MALFORMED_TEXT["s3"])
    if name == "StorageClass":
        return ServiceError("InvalidStorageClass", "The storage class you specified is not valid")
    return ServiceError("InvalidArgument", violation.text, ArgumentName=name)


def sqs_validation_error(violation: Violation) -> ServiceError:
    """Return SQS's error: for a missing parameter or an unknown attribute."""
    name = violation.path[:1].upper() + violation.path[1:]
    if violation.value is NULL:
        message = f"The request must contain the parameter {name}."
        return ServiceError("MissingRequiredParameterException", message)
    return ServiceError("InvalidAttributeName", f"Unknown Attribute {violation.value}.")


def serialize(call: Call, answer: dict[str, Any], request_id: str) -> HttpAnswer:
    """Write the answer as HTTP; raises AnswerError if it violates the output shape."""
    _require_valid(call, answer)
    return write_answer(call, answer, request_id)


def write_answer(call: Call, answer: dict[str, Any], request_id: str) -> HttpAnswer:
    """Write the answer as HTTP in the protocol of the service, without validation."""
    payload = _find_payload(call.model.output_shape)
    raw = payload[0] if payload and payload[1].type_name in ("blob", "string") else None
    fields = {name: value for name, value in answer.items() if name != raw}
    serializer = get_serializer_class(call.service, str(call.model.service_model.protocol))
    wire = serializer(call.model, SerializationContext(request_id)).serialize(fields)
    body = answer.get(raw, b"") if raw else wire["body"]
    status = STATUSES.get((call.service, call.operation), wire["status_code"])
    return HttpAnswer(
        status=HTTPStatus.PARTIAL_CONTENT if "ContentRange" in answer else status,
        headers={str(name): str(value) for name, value in wire["headers"].items()},
        body=body.encode() if isinstance(body, str) else body,
        length=getattr(body, "length", None),
    )


#: Operations whose answers AWS itself takes beyond the bounds of its model, with the member: up to
#: six models behind an inference profile, where five are allowed, and one ARN without a region. The
#: sources are in data/inference_profiles.yaml.
BEYOND_THE_MODEL = {"ListInferenceProfiles": "models", "GetInferenceProfile": "models"}


def _require_valid(call: Call, answer: dict[str, Any]) -> None:
    shape = call.model.output_shape
    if shape is None:
        problems = [f"{name}: the operation has no output" for name in answer]
    else:
        free = BEYOND_THE_MODEL.get(call.operation)
        found = check(answer, shape)
        problems = [each.text for each in found if free not in each.path.split(".")]
        problems += [f"{path}: not in the model" for path in unknown_members(answer, shape)]
    if problems:
        raise AnswerError(f"{call.service} {call.operation}: {'; '.join(problems)}")


def error_answer(service: str, error: ServiceError, request_id: str) -> HttpAnswer:
    """Write an error as HTTP in the protocol of the service."""
    status = status_of(service, error.code)
    protocol = str(service_model(service).protocol)
    if protocol in ("rest-xml", "query"):
        return _write_xml_error(service, error, status, request_id)
    document = {"__type": error.code, "message": error.message, **error.members}
    headers = {
        "Content-Type": _find_json_type(service),
        "x-amzn-RequestId": request_id,
        "x-amzn-ErrorType": error.code,
    }
    if "awsQueryCompatible" in service_model(service).metadata:
        fault = "Sender" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "Receiver"
        headers["x-amzn-query-error"] = f"{query_code(service, error.code)};{fault}"
    return HttpAnswer(status, headers, json.dumps(document, default=str).encode())


def _find_json_type(service: str) -> str:
    model = service_model(service)
    if model.protocol == "rest-json":
        return "application/json"
    return f"application/x-amz-json-{model.metadata['jsonVersion']}"


def _write_xml_error(service: str, error: ServiceError, status: int, request_id: str) -> HttpAnswer:
    fields = {"Code": error.code, "Message": error.message, **error.members}
    inner = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in fields.items())
    request = f"<RequestId>{request_id}</RequestId>"
    if service == "s3":
        text = f"<Error>{inner}{request}<HostId>{request_id}</HostId></Error>"
    else:
        fault = "Sender" if status < 500 else "Receiver"
        text = f"<ErrorResponse><Error><Type>{fault}</Type>{inner}</Error>{request}</ErrorResponse>"
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode()
    headers = {"Content-Type": "application/xml", "x-amz-request-id": request_id, **error.headers}
    return HttpAnswer(status, headers, body)
