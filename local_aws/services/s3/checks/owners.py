"""The owners that a request expects its buckets to have; see "Verifying bucket ownership"."""

import re

from local_aws.operations.context import Context, Request
from local_aws.protocol.errors import ServiceError
from local_aws.services.s3.checks.copy_sources import parse_copy_source

ACCOUNT_ID = re.compile(r"[0-9]{12}")


def require_owners(request: Request, context: Context) -> None:
    """Raise ServiceError AccessDenied for a bucket of another owner than the request expects.

    Raises InvalidBucketOwnerAWSAccountID for an owner that is not an account id. Every bucket
    here belongs to the endpoint's account; a missing one is left to the operation to report.
    """
    if "ExpectedBucketOwner" in request:
        _require_owner(request["ExpectedBucketOwner"], request["Bucket"], context)
    if "ExpectedSourceBucketOwner" in request:
        source, _ = parse_copy_source(request["CopySource"])
        _require_owner(request["ExpectedSourceBucketOwner"], source, context)


def _require_owner(expected: str, bucket: str, context: Context) -> None:
    if not ACCOUNT_ID.fullmatch(expected):
        raise ServiceError(
            "InvalidBucketOwnerAWSAccountID",
            "The value of the expected bucket owner parameter must be an AWS account ID. "
            f"[{expected}]",
        )
    if expected != context.account_id and context.objects.exists(bucket):
        raise ServiceError("AccessDenied", "Access Denied")
