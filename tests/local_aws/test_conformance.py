"""The endpoint against botocore's models.

Requests that violate a model are rejected in the service's words, and every answer that a model
allows is written without loss. The cases are derived from the models of all served operations, so
a new operation is tested at once.
"""

import io
from datetime import UTC, datetime
from typing import Any

import botocore.parsers
import pytest
from botocore import xform_name
from botocore.awsrequest import HeadersDict
from botocore.exceptions import ClientError
from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.response import StreamingBody

from local_aws.protocol.service_models import service_model
from local_aws.protocol.shape_validation import check, compile_pattern
from local_aws.protocol.wire import VALIDATION_CODES, Call, write_answer
from local_aws.services.registry import SERVICE_MODULES, load_operations
from tests.local_aws.model_violations import Case, cases
from tests.studio.endpoint_fixture import RunningEndpoint

SERVED = [
    (service, operation)
    for service in SERVICE_MODULES
    for operation in sorted(load_operations(service))
]
CODES_OF_THEIR_OWN = {
    "s3": {
        *("InvalidArgument", "InvalidLocationConstraint", "InvalidStorageClass", "MalformedXML"),
        "400",
    },
    "sqs": {"MissingParameter", "InvalidAttributeName"},
}
"""S3 and SQS have their own codes for each argument; a HEAD request has no body for them."""

PARSED_BY_HAND = {("s3", "GetBucketLocation")}
"""botocore parses these in its client, not by the model; the S3 suite covers them."""

WHOLE_SECOND = datetime(2026, 3, 2, 12, 30, 15, tzinfo=UTC)
DEEPEST = 12


@pytest.mark.parametrize(("service", "operation"), SERVED)
def test_what_breaks_the_model_is_refused(
    local_endpoint: RunningEndpoint, service: str, operation: str
) -> None:
    client = local_endpoint.client(service, parameter_validation=False)
    model = client.meta.service_model.operation_model(operation)
    call = getattr(client, xform_name(operation))
    outcomes = [(case, _problem(call, service, case)) for case in cases(model)]
    problems = [f"{case.expected}: {problem}" for case, problem in outcomes if problem]
    assert not problems, "\n".join(problems)


def _problem(call: Any, service: str, case: Case) -> str:
    """Return an empty text if the call is rejected as expected, otherwise what happened."""
    try:
        call(**case.request)
    except ClientError as error:
        code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 400:
            return str(error)
        if service in CODES_OF_THEIR_OWN:
            return "" if code in CODES_OF_THEIR_OWN[service] else str(error)
        expected_code = VALIDATION_CODES.get(service, "ValidationException")
        return "" if code == expected_code and case.expected in message else str(error)
    return "accepted"


def example(shape: Shape, depth: int = 0) -> Any:
    """Return a value with every member of the shape, down to where the shape recurs."""
    if isinstance(shape, StructureShape):
        if shape.is_document_type or depth > DEEPEST:
            return {}
        members = list(shape.members.items())
        if shape.is_tagged_union:
            members = members[:1]
        return {name: example(member, depth + 1) for name, member in members}
    if isinstance(shape, ListShape):
        return [
            example(shape.member, depth + 1) for _ in range(max(1, shape.metadata.get("min", 1)))
        ]
    if isinstance(shape, MapShape):
        return {"a-key": example(shape.value, depth + 1)}
    return SCALARS.get(shape.type_name, _text)(shape)


def _text(shape: Shape) -> str:
    enum = getattr(shape, "enum", None)
    in_header = shape.serialization.get("location") == "header"
    return enum[0] if enum else "plain text" if in_header else 'text <&> "é" 日本'


SCALARS: dict[str, Any] = {
    "integer": lambda shape: 7,
    "long": lambda shape: 2**40,
    "float": lambda shape: 0.25,
    "double": lambda shape: 0.1,
    "boolean": lambda shape: True,
    "blob": lambda shape: b"\x00\xff bytes",
    "timestamp": lambda shape: WHOLE_SECOND,
}


@pytest.mark.parametrize(("service", "operation"), SERVED)
def test_every_answer_is_carried_without_loss(service: str, operation: str) -> None:
    model = service_model(service).operation_model(operation)
    if model.output_shape is None or (service, operation) in PARSED_BY_HAND:
        pytest.skip("the model has nothing to parse here")
    answer = example(model.output_shape)
    wire = write_answer(Call(service, model, {}), answer, "request-id")
    assert isinstance(wire.body, bytes)
    streams = model.has_streaming_output
    response = {
        "status_code": wire.status,
        "headers": HeadersDict(wire.headers),
        "body": StreamingBody(io.BytesIO(wire.body), len(wire.body)) if streams else wire.body,
    }
    parser = botocore.parsers.create_parser(model.service_model.protocol)
    parsed = parser.parse(response, model.output_shape)
    parsed.pop("ResponseMetadata")
    for name, value in parsed.items():
        if isinstance(value, StreamingBody):
            parsed[name] = value.read()
    assert parsed == answer


@pytest.mark.parametrize("service", SERVICE_MODULES)
def test_the_patterns_of_a_service_are_understood(service: str) -> None:
    """Every pattern of a request or an answer compiles in Python."""
    for operation in load_operations(service):
        model = service_model(service).operation_model(operation)
        for shape in (model.input_shape, model.output_shape):
            for member in _nested(shape, set()):
                if "pattern" in member.metadata:
                    compile_pattern(member.metadata["pattern"])


def _nested(shape: Shape | None, seen: set[str]) -> list[Shape]:
    if shape is None or shape.name in seen:
        return []
    seen.add(shape.name)
    inner: list[Shape] = []
    if isinstance(shape, StructureShape):
        inner = list(shape.members.values())
    elif isinstance(shape, ListShape):
        inner = [shape.member]
    elif isinstance(shape, MapShape):
        inner = [shape.key, shape.value]
    return [shape, *(found for member in inner for found in _nested(member, seen))]


def test_a_number_where_a_text_belongs_is_malformed(local_endpoint: RunningEndpoint) -> None:
    client = local_endpoint.client("rekognition", parameter_validation=False)
    with pytest.raises(ClientError, match="SerializationException"):
        client.create_collection(CollectionId=7)


def test_a_findings_path_is_the_services(local_endpoint: RunningEndpoint) -> None:
    shape = service_model("bedrock").operation_model("CreateModelCustomizationJob").input_shape
    request = {"jobTags": [{"key": "fine", "value": "v"}, {"key": "", "value": "v"}]}
    paths = [finding.path for finding in check(request, shape)]
    assert "jobTags.2.member.key" in paths
    assert "roleArn" in paths
