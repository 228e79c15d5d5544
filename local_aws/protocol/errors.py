"""The one exception with which an operation rejects a request, as the AWS service does."""

from collections.abc import Mapping
from typing import Any


class ServiceError(Exception):
    """An error answer of a service.

    `code` is the service's error code ("ValidationException", "NoSuchKey"). The HTTP status is
    the one of the error shape of that name in botocore's model of the service, see
    `error_statuses.status_of`. `members` are the further members of the error shape, `headers`
    those that the answer has besides the usual ones.
    """

    def __init__(
        self, code: str, message: str, headers: Mapping[str, str] | None = None, **members: Any
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.headers = dict(headers or {})
        self.members = members
