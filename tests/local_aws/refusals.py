"""Calls that have to be refused.

`with refused("NoSuchKey", 404):` expects a code and a status; `refusal(call, Name="x")` tells what
a call is answered.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError


@contextmanager
def refused(code: str, status: int | None = None) -> Iterator[dict[str, Any]]:
    """The error's members, filled when the block ends."""
    members: dict[str, Any] = {}
    with pytest.raises(ClientError) as caught:
        yield members
    response = caught.value.response
    members.update(response["Error"])
    assert response["Error"]["Code"] == code, response["Error"]
    if status is not None:
        assert response["ResponseMetadata"]["HTTPStatusCode"] == status


def refusal(call: Any, **request: Any) -> tuple[str, str, int]:
    """Return code, message and HTTP status of the error that a call raises."""
    with pytest.raises(ClientError) as caught:
        call(**request)
    error = caught.value.response
    status = error["ResponseMetadata"]["HTTPStatusCode"]
    return error["Error"]["Code"], error["Error"]["Message"], status
