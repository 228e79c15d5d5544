"""Objects: write, read, inspect, delete and copy."""

import hashlib
from dataclasses import replace
from datetime import UTC
from email.utils import format_datetime
from io import BufferedReader
from typing import Any

from local_aws.operations.context import Answer, Context, Request
from local_aws.protocol.errors import ServiceError
from local_aws.services.s3 import encryption
from local_aws.services.s3.body_writer import write_body
from local_aws.services.s3.byte_ranges import Span, find_part, parse_range
from local_aws.services.s3.checks.copy_sources import parse_copy_source
from local_aws.services.s3.checksums import encoded, find_algorithm, new_digest, require_announced
from local_aws.services.s3.conditions import (
    make_delete_condition,
    make_write_condition,
    require_readable,
)
from local_aws.services.s3.object_answers import (
    ByteRange,
    describe_checksums,
    describe_object,
    quote_etag,
    read_attributes,
    read_storage_class,
)
from local_aws.storage.object_store import Encryption, ObjectDescription, StoredObject

LARGEST_PUT = 5 * 1024**3
READ_BYTES = 1 << 20
ARCHIVES = ("GLACIER", "DEEP_ARCHIVE")
"""Storage classes whose objects must be restored before their bytes can be read."""

RESPONSE_OVERRIDES = {
    "ResponseCacheControl": "CacheControl",
    "ResponseContentDisposition": "ContentDisposition",
    "ResponseContentEncoding": "ContentEncoding",
    "ResponseContentLanguage": "ContentLanguage",
    "ResponseContentType": "ContentType",
}


def put_object(request: Request, context: Context) -> Answer:
    """Write an object atomically; `IfNoneMatch: *` and `IfMatch` decide between two writers."""
    bucket, key = request["Bucket"], request["Key"]
    condition = make_write_condition(request)
    attributes = read_attributes(request)
    context.objects.require_bucket(bucket)
    if request.get("ContentLength", 0) > LARGEST_PUT:
        raise ServiceError(
            "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size"
        )
    require_announced(request, getattr(request.get("Body"), "announced_trailer", ""))
    encrypted = encryption.choose(request, context)
    encryption.require_key(context, encrypted, encryption.WRITE)
    written = write_body(context.objects.blobs, request)
    description = ObjectDescription(
        etag=encrypted.make_etag(written.md5),
        segments=(written.segment,),
        checksums=written.checksums,
        encryption=encrypted,
        **attributes,
    )
    stored = context.objects.commit(bucket, key, description, "ObjectCreated:Put", condition)
    return {
        "ETag": quote_etag(stored.etag),
        **encryption.describe(encrypted),
        **describe_checksums(description),
    }


def get_object(request: Request, context: Context) -> Answer:
    """Return all bytes, a range or a part; later writes do not change them while they are sent."""
    _require_no_version(request)
    stored, file = context.objects.open_object(request["Bucket"], request["Key"])
    try:
        answer, span = _answer_read(request, stored)
        _require_restored(stored)
        encryption.require_key(context, stored.description.encryption, encryption.READ)
        body = ByteRange(file, span.start, span.length)
    except BaseException:
        file.close()
        raise
    return {**answer, "Body": body}


def head_object(request: Request, context: Context) -> Answer:
    """Return what GetObject does, without the bytes; only checksums need a right on the key."""
    _require_no_version(request)
    stored = context.objects.head(request["Bucket"], request["Key"])
    if request.get("ChecksumMode") == "ENABLED":
        encryption.require_key(context, stored.description.encryption, encryption.READ)
    answer, _ = _answer_read(request, stored)
    return answer


def _answer_read(request: Request, stored: StoredObject) -> tuple[Answer, Span]:
    require_readable(request, stored)
    if "PartNumber" in request and "Range" in request:
        raise ServiceError(
            "InvalidRequest", "Cannot specify both Range header and partNumber query parameter"
        )
    description = stored.description
    answer: Answer = describe_object(stored)
    if description.part_sizes and "PartNumber" in request:
        answer["PartsCount"] = len(description.part_sizes)
    if "PartNumber" in request:
        span: Span | None = find_part(request["PartNumber"], description)
    else:
        span = parse_range(request.get("Range"), stored.size)
    if span is None:
        span = Span(0, stored.size)
        if request.get("ChecksumMode") == "ENABLED":
            answer.update(describe_checksums(description))
    else:
        answer["ContentRange"] = span.content_range(stored.size)
    answer["ContentLength"] = span.length
    for name, member in RESPONSE_OVERRIDES.items():
        if name in request:
            answer[member] = request[name]
    if "ResponseExpires" in request:
        answer["Expires"] = format_datetime(request["ResponseExpires"].astimezone(UTC), usegmt=True)
    return answer, span


def _require_restored(stored: StoredObject, code: str = "InvalidObjectState") -> None:
    if stored.description.headers.get("StorageClass") in ARCHIVES:
        raise ServiceError(
            code,
            "The operation is not valid for the object's storage class",
            StorageClass=stored.description.headers["StorageClass"],
        )


def _require_no_version(request: Request) -> None:
    if request.get("VersionId") not in (None, "null"):
        raise ServiceError("InvalidArgument", "Invalid version id specified")


def delete_object(request: Request, context: Context) -> Answer:
    """Delete an object; succeed if it does not exist, as in S3."""
    _require_no_version(request)
    condition = make_delete_condition(request.get("IfMatch"))
    context.objects.delete(request["Bucket"], request["Key"], condition)
    return {}


def delete_objects(request: Request, context: Context) -> Answer:
    """Delete up to 1,000 keys; each has its own result."""
    context.objects.require_bucket(request["Bucket"])
    wanted = request["Delete"]["Objects"]
    if not 1 <= len(wanted) <= 1000:
        raise ServiceError(
            "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our "
            "published schema",
        )
    deleted, errors = [], []
    for item in wanted:
        try:
            delete_object({"Bucket": request["Bucket"], **_describe_deletion(item)}, context)
            deleted.append({"Key": item["Key"]})
        except ServiceError as error:
            errors.append({"Key": item["Key"], "Code": error.code, "Message": error.message})
    answer: Answer = {"Errors": errors} if errors else {}
    return answer if request["Delete"].get("Quiet") else {"Deleted": deleted, **answer}


def _describe_deletion(item: dict[str, Any]) -> dict[str, Any]:
    names = {"Key": "Key", "VersionId": "VersionId", "ETag": "IfMatch"}
    return {names[name]: value for name, value in item.items() if name in names}


def copy_object(request: Request, context: Context) -> Answer:
    """Copy an object; the copy is independent of its source."""
    bucket, key = request["Bucket"], request["Key"]
    condition = make_write_condition(request)
    source, file = context.objects.open_object(*parse_copy_source(request["CopySource"]))
    with file:
        encrypted = _check_copy(request, source, context)
        digests = _digest_copy(source, file, find_algorithm(request))
        attributes = read_attributes(request)
        description = context.objects.copy_description(source)
    if _replaces_metadata(request):
        description = replace(description, **attributes)
    kept = {name: text for name, text in description.headers.items() if name != "StorageClass"}
    description = replace(
        description,
        headers={**kept, **read_storage_class(request)},
        part_sizes=(),
        encryption=encrypted,
        **{**digests, "etag": encrypted.make_etag(digests["etag"])},
    )
    stored = context.objects.commit(bucket, key, description, "ObjectCreated:Copy", condition)
    result = {"ETag": quote_etag(stored.etag), "LastModified": stored.modified}
    return {
        "CopyObjectResult": {**result, **describe_checksums(description)},
        **encryption.describe(encrypted),
    }


def _check_copy(request: Request, source: StoredObject, context: Context) -> Encryption:
    """Return how the copy is encrypted; raises ServiceError when it may not be made."""
    require_readable(request, source, prefix="CopySource")
    context.objects.require_bucket(request["Bucket"])
    _require_restored(source, "ObjectNotInActiveTierError")
    encryption.require_key(context, source.description.encryption, encryption.READ)
    encrypted = encryption.choose(request, context)
    in_place = (request["Bucket"], request["Key"]) == (source.bucket, source.key)
    named = _replaces_metadata(request) or {"StorageClass", "ServerSideEncryption"} & set(request)
    if in_place and not named and encrypted == source.description.encryption:
        raise ServiceError(
            "InvalidRequest",
            "This copy request is illegal because it is trying to copy an object to itself "
            "without changing the object's metadata, storage class, website redirect "
            "location or encryption attributes.",
        )
    encryption.require_key(context, encrypted, encryption.WRITE)
    return encrypted


def _replaces_metadata(request: Request) -> bool:
    return bool(request.get("MetadataDirective", "COPY") == "REPLACE")


def _digest_copy(
    source: StoredObject, file: BufferedReader, requested: str | None
) -> dict[str, Any]:
    """Return the copy's entity tag and checksums: the source's, unless they cover its parts."""
    kept = source.description
    algorithm = requested or next(iter(kept.checksums), None)
    # The entity tag of an object in parts, or with SSE-KMS, is not its MD5.
    has_md5 = not kept.part_sizes and not kept.encryption.by_kms
    same_checksum = algorithm in kept.checksums and kept.checksum_type == "FULL_OBJECT"
    if has_md5 and (algorithm is None or same_checksum):
        return {"etag": kept.etag, "checksums": kept.checksums}
    md5 = hashlib.md5(usedforsecurity=False)
    checksum = new_digest(algorithm) if algorithm else None
    while data := file.read(READ_BYTES):
        md5.update(data)
        if checksum is not None:
            checksum.update(data)
    checksums = {algorithm: encoded(checksum)} if algorithm and checksum else {}
    return {"etag": md5.hexdigest(), "checksums": checksums, "checksum_type": "FULL_OBJECT"}
