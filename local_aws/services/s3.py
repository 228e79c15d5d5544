"""Amazon S3: buckets and objects on disk.

Not played: versioning, access control lists and policies, encryption keys, lifecycle rules,
tagging, and the checksums CRC32C and CRC64NVME. Objects never expire, every signed caller may do
everything, and notifications go to SQS queues only.
"""

from local_aws.operation_table import Handler
from local_aws.s3 import buckets, cross_origin, listing, multipart, notifications, objects

OPERATIONS: dict[str, Handler] = {
    **buckets.OPERATIONS,
    **objects.OPERATIONS,
    **listing.OPERATIONS,
    **multipart.OPERATIONS,
    **cross_origin.OPERATIONS,
    **notifications.OPERATIONS,
}
"""AWS operation name -> handler."""
