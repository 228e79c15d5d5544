"""Amazon S3: buckets and objects on disk.

Implemented: objects become visible atomically and survive a kill; ranges, parts, conditional
writes, listings with delimiters and pages, presigned URLs, checksums, cross-origin rules with their
headers, and events sent to SQS queues. With SSE-KMS, objects name their key and have ETags that are
not their MD5, and each read and write needs the right on the key and a key that is enabled; Bedrock
and A2I need it with the role that they are given. A bucket's policy, lifecycle and public access
block are stored and returned, and not enforced.
Every parameter has its effect or is refused by name, none is ignored; see
`docs/decisions/0012-no-parameter-of-s3-is-ignored.md`.
Not implemented: the older ListObjects, versions, access control lists, customer-provided keys,
tags, Object Lock, uploads by an HTML form, Signature Version 2, and checksums other than CRC32,
SHA-1 and SHA-256. Nothing is encrypted, objects never expire, and every signed caller may do
everything that needs no KMS key.
"""

import functools

from local_aws.operations.context import Answer, Context, Handler, Request
from local_aws.protocol.service_models import service_model
from local_aws.services.s3 import (
    bucket_settings,
    buckets,
    cross_origin,
    listing,
    multipart,
    notifications,
    objects,
)
from local_aws.services.s3.checks.owners import require_owners
from local_aws.services.s3.checks.parameters import require_implemented

PARTS = (buckets, bucket_settings, objects, listing, multipart, cross_origin, notifications)
"""Their functions answer the operations; see `services.registry`."""


def guard(operation: str, handler: Handler) -> Handler:
    """Return the handler of an operation behind the checks that every request passes."""
    shape = service_model("s3").operation_model(operation).input_shape

    @functools.wraps(handler)
    def guarded(request: Request, context: Context) -> Answer:
        if shape is not None:
            require_implemented(operation, shape, request)
        require_owners(request, context)
        return handler(request, context)

    return guarded
