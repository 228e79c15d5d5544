"""The arguments of an S3 request that are no document: its headers and query parameters.

S3 names the argument that it cannot read, where the parsers of botocore's models raise anything,
or read a wrong boolean as false.
"""

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from email.utils import parsedate_to_datetime

from botocore.model import OperationModel, Shape

from local_aws.http.messages import HttpRequest
from local_aws.protocol.errors import ServiceError
from local_aws.protocol.service_models import service_model

INTEGER = re.compile(r"-?[0-9]{1,18}")
BOOLEAN = re.compile(r"true|false", re.IGNORECASE)
PATTERNS = {"integer": INTEGER, "long": INTEGER, "boolean": BOOLEAN}
LARGEST_INTEGER = 2**31 - 1
PROBLEMS = {
    "integer": "Provided {} not an integer or within integer range",
    "long": "Provided {} not an integer",
    "boolean": "Argument {} must be true or false",
    "timestamp": "Argument {} must be a date",
}
LENGTHS = {"content-length", "x-amz-decoded-content-length"}
DIGEST = re.compile(r"x-amz-(?:sdk-)?checksum-.*")
CONDITION = re.compile(r"(?:x-amz-copy-source-)?if-(?:un)?modified-since", re.IGNORECASE)


def read_arguments(request: HttpRequest, model: OperationModel) -> HttpRequest:
    """Return the request of an operation as S3 reads it.

    A presigned URL may carry headers as query parameters. A date of a condition that cannot be
    read is ignored (RFC 9110, section 13.1.3). Raises ServiceError InvalidArgument for any other
    argument that cannot be read, or that belongs to other operations only, and for a body of
    unknown length MissingContentLength or NotImplemented.
    """
    hoisted = {
        name.lower(): value
        for name, value in request.arguments
        if name.lower().startswith("x-amz-")
    }
    headers = {**hoisted, **request.headers}
    arguments = dict(request.arguments)
    for location, name, member in _list_arguments(model):
        given: Mapping[str, str] = headers if location == "header" else arguments
        value = given.get(name)
        if value is None:
            continue
        if _is_readable(value, member):
            continue
        if not CONDITION.fullmatch(name):
            raise ServiceError(
                "InvalidArgument",
                PROBLEMS[member.type_name].format(name),
                ArgumentName=name,
                ArgumentValue=value,
            )
        del headers[name]
    _require_own(model, headers, arguments)
    if "content-length" in _list_names(model) and not LENGTHS & set(headers):
        raise _without_length(headers)
    return replace(request, headers=headers)


def _without_length(headers: Mapping[str, str]) -> ServiceError:
    if "transfer-encoding" in headers:
        return ServiceError(
            "NotImplemented",
            "A header you provided implies functionality that is not implemented",
            Header="Transfer-Encoding",
        )
    return ServiceError("MissingContentLength", "You must provide the Content-Length HTTP header.")


def _require_own(
    model: OperationModel, headers: Mapping[str, str], arguments: Mapping[str, str]
) -> None:
    for name in sorted(_list_foreign("s3") - _list_names(model)):
        if name in headers or name in arguments:
            raise ServiceError(
                "InvalidArgument",
                f"The argument {name} does not apply to {model.name}.",
                ArgumentName=name,
                ArgumentValue=headers.get(name, arguments.get(name)),
            )


def _list_names(model: OperationModel) -> set[str]:
    return {name for _, name, _ in _list_arguments(model)}


@functools.cache
def _list_foreign(service: str) -> frozenset[str]:
    """Return the arguments that clients can add to any request, of all operations together.

    Those of HTTP are left out, such as Content-Type, and so are digests of the body.
    """
    model = service_model(service)
    named = {
        (location, name)
        for operation in model.operation_names
        for location, name, _ in _list_arguments(model.operation_model(operation))
    }
    return frozenset(
        name
        for location, name in named
        if location == "querystring" or (name.startswith("x-amz-") and not DIGEST.fullmatch(name))
    )


def _list_arguments(model: OperationModel) -> Iterator[tuple[str, str, Shape]]:
    """Yield location, wire name (of a header in lower case) and shape of each argument."""
    shape = model.input_shape
    for name, member in shape.members.items() if shape is not None else ():
        location = member.serialization.get("location")
        wire_name = str(member.serialization.get("name", name))
        if location == "header":
            yield location, wire_name.lower(), member
        elif location == "querystring":
            yield location, wire_name, member


def _is_readable(text: str, shape: Shape) -> bool:
    if shape.type_name == "timestamp":
        iso = shape.serialization.get("timestampFormat") == "iso8601"
        try:
            datetime.fromisoformat(text) if iso else parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return False
        return True
    pattern = PATTERNS.get(shape.type_name)
    matches = pattern is None or bool(pattern.fullmatch(text))
    return matches and (shape.type_name != "integer" or abs(int(text)) <= LARGEST_INTEGER)
