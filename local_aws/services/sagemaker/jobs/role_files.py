"""Objects as a job reads and writes them: with the rights of its role.

A role that does not exist in IAM may do everything, as in `operations.role_trust`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from local_aws.operations.context import Context
from local_aws.protocol.errors import ServiceError
from local_aws.services.s3.encryption import READ, require_key, write_as_role
from local_aws.storage.object_store import StoredObject


def split_uri(uri: str) -> tuple[str, str]:
    """Split an S3 URI into bucket and key or prefix."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


class RoleFiles:
    """The objects of the endpoint, for one role. `key_id` names the KMS key of what it writes."""

    def __init__(self, context: Context, role_arn: str, key_id: str = "") -> None:
        self._context = context
        self._role_arn = role_arn
        self._key_id = key_id

    def list(self, uri: str) -> list[StoredObject]:
        """Return the objects below a prefix; raises ServiceError NoSuchBucket or AccessDenied."""
        bucket, prefix = split_uri(uri)
        self._require("s3:ListBucket", bucket, {"s3:prefix": prefix})
        return self._context.objects.list(bucket, prefix)

    @contextmanager
    def open(self, stored: StoredObject) -> Iterator[BinaryIO]:
        """Open an object's bytes; raises ServiceError NoSuchKey, AccessDenied or of KMS."""
        self._require("s3:GetObject", f"{stored.bucket}/{stored.key}")
        require_key(self._context, stored.description.encryption, READ, self._role_arn)
        with self._context.objects.open(stored.bucket, stored.key) as file:
            yield file

    def write(self, uri: str, path: Path) -> None:
        """Write a file as an object; raises ServiceError, or OSError if there is no such file."""
        bucket, key = split_uri(uri)
        self._require("s3:PutObject", f"{bucket}/{key}")
        with path.open("rb") as file:
            write_as_role(
                self._context,
                self._role_arn,
                bucket,
                key,
                file,
                "application/octet-stream",
                self._key_id,
            )

    def _require(self, action: str, resource: str, given: dict[str, str] | None = None) -> None:
        arn = f"arn:aws:s3:::{resource}"
        decision = self._context.decide_access(self._role_arn, action, arn, given or {})
        if decision not in (None, "allowed"):
            raise ServiceError(
                "AccessDenied",
                f"User: {self._role_arn} is not authorized to perform: {action} on resource: {arn}",
            )
