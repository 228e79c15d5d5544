"""A client whose every call is refused, and the errors of boto3 that refuse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import (
    ClientError,
)

from storyboard_ops.domain.object_keys import S3Uri

URI = S3Uri("studio", "runs/a.json")
ARN = "arn:aws:rekognition:us-east-1:1:thing"


class Refusing:
    """A client of any service whose every call and page raises one error."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, method: str) -> Callable[..., Any]:
        return self._refuse

    def get_paginator(self, listing: str) -> Refusing:
        return self

    def paginate(self, **_: Any) -> Iterator[dict[str, Any]]:
        yield from self._refuse()

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise self._error


def answered(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "the service's words"}}, "SomeCall")
