"""Amazon S3: buckets and objects on disk.

Implemented: objects become visible atomically and survive a kill; ranges, parts, conditional
writes, listings with delimiters and pages, presigned URLs, checksums, cross-origin rules with their
headers, and events sent to SQS queues. A bucket's policy, encryption, lifecycle and public access
block are stored and returned, and not enforced.
Not implemented: the older ListObjects, versions, access control lists, encryption keys, tags, and
the checksums CRC32C and CRC64NVME. Objects never expire and every signed caller may do everything.
"""

from local_aws.services.s3 import (
    bucket_settings,
    buckets,
    cross_origin,
    listing,
    multipart,
    notifications,
    objects,
)

PARTS = (buckets, bucket_settings, objects, listing, multipart, cross_origin, notifications)
"""Their functions answer the operations; see `services.registry`."""
