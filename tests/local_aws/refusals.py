"""`refused("NoSuchKey", 404)`: expects a call to be refused with this code and status."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError


@contextmanager
def refused(code: str, status: int | None = None) -> Iterator[dict[str, Any]]:
    """The error's members, filled when the block ends."""
    members: dict[str, Any] = {}
    with pytest.raises(ClientError) as refusal:
        yield members
    response = refusal.value.response
    members.update(response["Error"])
    assert response["Error"]["Code"] == code, response["Error"]
    if status is not None:
        assert response["ResponseMetadata"]["HTTPStatusCode"] == status
