"""The parameters that each S3 operation acts on; every other one is refused by name.

botocore's model lists what a client may send. A parameter that is not in `ACCEPTED` is never
ignored: the request is refused with NotImplemented, so a new parameter of a newer model is refused
until someone implements it. Paths name members of a document: "Delete.Objects.Key".
"""

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.model import ListShape, Shape, StructureShape

from local_aws.operations.context import Request
from local_aws.protocol.errors import ServiceError
from local_aws.services.s3.checksums import ALGORITHMS

BUCKET = ("Bucket", "ExpectedBucketOwner")
OBJECT = (*BUCKET, "Key", "RequestPayer")
UPLOAD = (*OBJECT, "UploadId")
SUMS = tuple(f"Checksum{name}" for name in ALGORITHMS)
BODY = ("Body", "ContentLength", "ContentMD5", "ChecksumAlgorithm", *SUMS)
DIGESTS = ("ContentMD5", "ChecksumAlgorithm")
HTTP_HEADERS = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
)
ATTRIBUTES = (*HTTP_HEADERS, "Metadata", "StorageClass")
OVERRIDES = tuple(f"Response{name}" for name in HTTP_HEADERS)
ENCRYPTION = ("ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled")
DATES = ("IfModifiedSince", "IfUnmodifiedSince")
CONDITIONS = ("IfMatch", "IfNoneMatch")
SOURCE = (
    "CopySource",
    *(f"CopySource{name}" for name in (*CONDITIONS, *DATES)),
    "ExpectedSourceBucketOwner",
)
READ = (
    *OBJECT,
    *CONDITIONS,
    *DATES,
    *OVERRIDES,
    "ChecksumMode",
    "PartNumber",
    "Range",
    "VersionId",
)

ACCEPTED: Mapping[str, tuple[str, ...]] = {
    "AbortMultipartUpload": UPLOAD,
    "CompleteMultipartUpload": (
        *UPLOAD,
        *CONDITIONS,
        *SUMS,
        "ChecksumType",
        "MpuObjectSize",
        "MultipartUpload.Parts.ETag",
        "MultipartUpload.Parts.PartNumber",
        *(f"MultipartUpload.Parts.{name}" for name in SUMS),
    ),
    "CopyObject": (
        *OBJECT,
        *SOURCE,
        *ATTRIBUTES,
        *CONDITIONS,
        *ENCRYPTION,
        "ChecksumAlgorithm",
        "MetadataDirective",
    ),
    "CreateBucket": ("Bucket", "CreateBucketConfiguration.LocationConstraint"),
    "CreateMultipartUpload": (
        *OBJECT,
        *ATTRIBUTES,
        *ENCRYPTION,
        "ChecksumAlgorithm",
        "ChecksumType",
    ),
    "DeleteBucket": BUCKET,
    "DeleteBucketCors": BUCKET,
    "DeleteObject": (*OBJECT, "IfMatch", "VersionId"),
    "DeleteObjects": (
        *BUCKET,
        "RequestPayer",
        "ChecksumAlgorithm",
        "Delete.Objects.Key",
        "Delete.Objects.ETag",
        "Delete.Objects.VersionId",
        "Delete.Quiet",
    ),
    "GetBucketCors": BUCKET,
    "GetBucketEncryption": BUCKET,
    "GetBucketLifecycleConfiguration": BUCKET,
    "GetBucketLocation": BUCKET,
    "GetBucketNotificationConfiguration": BUCKET,
    "GetBucketPolicy": BUCKET,
    "GetBucketVersioning": BUCKET,
    "GetObject": READ,
    "GetPublicAccessBlock": BUCKET,
    "HeadBucket": BUCKET,
    "HeadObject": READ,
    "ListBuckets": ("MaxBuckets", "ContinuationToken", "Prefix", "BucketRegion"),
    "ListMultipartUploads": (
        *BUCKET,
        "RequestPayer",
        "Delimiter",
        "EncodingType",
        "KeyMarker",
        "MaxUploads",
        "Prefix",
        "UploadIdMarker",
    ),
    "ListObjectsV2": (
        *BUCKET,
        "RequestPayer",
        "ContinuationToken",
        "Delimiter",
        "EncodingType",
        "FetchOwner",
        "MaxKeys",
        "Prefix",
        "StartAfter",
    ),
    "ListParts": (*UPLOAD, "MaxParts", "PartNumberMarker"),
    "PutBucketCors": (*BUCKET, *DIGESTS, "CORSConfiguration"),
    "PutBucketEncryption": (*BUCKET, *DIGESTS, "ServerSideEncryptionConfiguration"),
    "PutBucketLifecycleConfiguration": (
        *BUCKET,
        "ChecksumAlgorithm",
        "LifecycleConfiguration",
        "TransitionDefaultMinimumObjectSize",
    ),
    "PutBucketNotificationConfiguration": (
        *BUCKET,
        "NotificationConfiguration",
        "SkipDestinationValidation",
    ),
    "PutBucketPolicy": (*BUCKET, *DIGESTS, "Policy"),
    "PutObject": (*OBJECT, *BODY, *ATTRIBUTES, *CONDITIONS, *ENCRYPTION),
    "PutPublicAccessBlock": (*BUCKET, *DIGESTS, "PublicAccessBlockConfiguration"),
    "UploadPart": (*UPLOAD, *BODY, "PartNumber"),
    "UploadPartCopy": (*UPLOAD, *SOURCE, "CopySourceRange", "PartNumber"),
}
"""Operation -> the paths it acts on; a path covers everything below it."""

WITHOUT_EFFECT: Mapping[str, tuple[Any, ...]] = {
    "ACL": ("private", "bucket-owner-full-control"),
    "AnnotationDirective": ("COPY", "EXCLUDE"),
    "BucketNamespace": ("global",),
    "BypassGovernanceRetention": (False,),
    "ConfirmRemoveSelfBucketAccess": (False,),
    "ObjectLockEnabledForBucket": (False,),
    "ObjectOwnership": ("BucketOwnerEnforced",),
    "OptionalObjectAttributes": ("RestoreStatus",),
    "TaggingDirective": ("COPY",),
}
"""Values of other parameters that say what this endpoint does anyway: they are accepted."""


def require_implemented(operation: str, shape: StructureShape, request: Request) -> None:
    """Refuse a request with a parameter that its operation does not act on.

    Raises ServiceError NotImplemented that names the parameter, or AccessControlListNotSupported.
    """
    accepted = ACCEPTED[operation]
    for path, member, value in list_given(shape, request):
        if _is_covered(path, accepted) or value in WITHOUT_EFFECT.get(path, ()):
            continue
        if path == "ACL" or path.startswith("Grant"):
            # The answer of a bucket whose ACLs are disabled, as since April 2023 by default.
            raise ServiceError("AccessControlListNotSupported", "The bucket does not allow ACLs")
        wire_name = member.serialization.get("name", path)
        raise ServiceError(
            "NotImplemented",
            f"The local endpoint does not implement the parameter {path} ({wire_name}) of "
            f"{operation}; remove it, or see docs/local-endpoint.md.",
            Header=wire_name,
        )


def _is_covered(path: str, accepted: tuple[str, ...]) -> bool:
    return any(path == name or path.startswith(f"{name}.") for name in accepted)


def list_given(shape: Shape, value: Any, path: str = "") -> Iterator[tuple[str, Shape, Any]]:
    """Yield path, shape and value of every leaf in a request; the items of a list share a path."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        for name, item in value.items():
            yield from list_given(shape.members[name], item, f"{path}.{name}".lstrip("."))
    elif isinstance(shape, ListShape) and isinstance(value, list):
        for item in value:
            yield from list_given(shape.member, item, path)
    else:
        yield path, shape, value
