"""Strict JSON bodies of InvokeModel: parsed into records, rejected with Bedrock's errors."""

import base64
import binascii
import json
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from local_aws.protocol.errors import ServiceError
from local_aws.services.bedrock.model_catalogue import RequestLimits
from local_aws.vision.picture_codec import (
    Pixels,
    UnreadablePictureError,
    decode_picture,
    picture_format,
)

CODE = "ValidationException"


class StrictBody(BaseModel):
    """A JSON object without unknown members and with strict JSON types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


Body = TypeVar("Body", bound=BaseModel)


def _decode_base64(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("expected type: String")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("string is not valid base64") from error


Base64Bytes = Annotated[bytes, BeforeValidator(_decode_base64)]
"""A base64 JSON string, decoded to bytes."""


def parse_body(raw: bytes, kind: type[Body]) -> Body:
    """Parse the body into a record of `kind`.

    Raises:
        ServiceError: ValidationException "Malformed input request: #/member: reason, ...".
    """
    try:
        return kind.model_validate(parse_json_object(raw))
    except ValidationError as error:
        first = error.errors()[0]
        pointer = "#/" + "/".join(str(part) for part in first["loc"])
        raise malformed(f"{pointer}: {first['msg']}") from error


def parse_json_object(raw: bytes) -> dict[str, Any]:
    """Parse the body into a JSON object; raises ServiceError ValidationException."""
    try:
        document = json.loads(raw)
    except ValueError as error:
        raise malformed("the body is not valid JSON") from error
    if not isinstance(document, dict):
        raise malformed("#: expected type: JSONObject")
    return document


def malformed(reason: str) -> ServiceError:
    """Return the error of a body that violates its schema."""
    return ServiceError(
        CODE,
        f"Malformed input request: {reason}, please reformat your input and try again.",
    )


def read_picture(data: bytes, formats: tuple[str, ...], what: str) -> Pixels:
    """Decode a picture in one of `formats`; raises ServiceError ValidationException."""
    if picture_format(data) not in formats:
        raise ServiceError(CODE, f"{what} is not a picture in one of: {', '.join(formats)}.")
    try:
        return decode_picture(data)
    except UnreadablePictureError as error:
        raise ServiceError(CODE, f"{what} could not be processed: {error}.") from error


def check_picture(data: bytes, height: int, width: int, limits: RequestLimits) -> None:
    """Raise ServiceError ValidationException for a picture beyond the limits of a model."""
    if len(data) > limits.picture_bytes:
        raise ServiceError(
            CODE, f"The picture has {len(data)} bytes; the most is {limits.picture_bytes}."
        )
    if max(height, width) > limits.longest_side:
        raise ServiceError(
            CODE,
            f"The picture is {width} x {height} pixels; the most is {limits.longest_side} a side.",
        )
