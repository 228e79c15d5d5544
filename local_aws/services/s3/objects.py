"""Objects: write, read, inspect, delete and copy."""

import hashlib
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from local_aws.operations.context import Answer, Context, Request
from local_aws.protocol.errors import ServiceError
from local_aws.services.s3.body_writer import write_body
from local_aws.services.s3.byte_ranges import Span, find_part, parse_range
from local_aws.services.s3.conditions import make_write_condition, require_readable
from local_aws.services.s3.object_answers import (
    ByteRange,
    describe_checksums,
    describe_object,
    quote_etag,
    read_attributes,
)
from local_aws.storage.object_store import ObjectDescription, StoredObject

LARGEST_PUT = 5 * 1024**3
RESPONSE_OVERRIDES = {
    "ResponseCacheControl": "CacheControl",
    "ResponseContentDisposition": "ContentDisposition",
    "ResponseContentEncoding": "ContentEncoding",
    "ResponseContentLanguage": "ContentLanguage",
    "ResponseContentType": "ContentType",
    "ResponseExpires": "Expires",
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
    written = write_body(context.objects.blobs, request)
    description = ObjectDescription(
        etag=written.md5,
        segments=(written.segment,),
        checksums=written.checksums,
        **attributes,
    )
    stored = context.objects.commit(bucket, key, description, "ObjectCreated:Put", condition)
    return {
        "ETag": quote_etag(stored.etag),
        "ServerSideEncryption": "AES256",
        **describe_checksums(description),
    }


def get_object(request: Request, context: Context) -> Answer:
    """Return all bytes, a range or a part; later writes do not change them while they are sent."""
    _require_no_version(request)
    stored, file = context.objects.open_object(request["Bucket"], request["Key"])
    try:
        answer, span = _answer_read(request, stored)
        overrides = {
            member: request[name] for name, member in RESPONSE_OVERRIDES.items() if name in request
        }
        body = ByteRange(file, span.start, span.length)
    except BaseException:
        file.close()
        raise
    return {**answer, **overrides, "Body": body}


def head_object(request: Request, context: Context) -> Answer:
    """Return what GetObject does, without the bytes."""
    _require_no_version(request)
    stored = context.objects.head(request["Bucket"], request["Key"])
    answer, _ = _answer_read(request, stored)
    return answer


def _answer_read(request: Request, stored: StoredObject) -> tuple[Answer, Span]:
    require_readable(request, stored)
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
    return answer, span


def _require_no_version(request: Request) -> None:
    if request.get("VersionId") not in (None, "null"):
        raise ServiceError("InvalidArgument", "Invalid version id specified")


def delete_object(request: Request, context: Context) -> Answer:
    """Delete an object; succeed if it does not exist, as in S3."""
    _require_no_version(request)
    if_match = {"IfMatch": request["IfMatch"]} if "IfMatch" in request else {}
    context.objects.delete(request["Bucket"], request["Key"], make_write_condition(if_match))
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
    """Copy an object without reading its bytes; the copy is independent of its source."""
    bucket, key = request["Bucket"], request["Key"]
    source_bucket, source_key = parse_copy_source(request["CopySource"])
    replaces = request.get("MetadataDirective", "COPY") == "REPLACE"
    if (bucket, key) == (source_bucket, source_key) and not replaces:
        raise ServiceError(
            "InvalidRequest",
            "This copy request is illegal because it is trying to copy an object to itself "
            "without changing the object's metadata, storage class, website redirect location "
            "or encryption attributes.",
        )
    condition = make_write_condition(request)
    source, file = context.objects.open_object(source_bucket, source_key)
    with file:
        require_readable(request, source, prefix="CopySource")
        context.objects.require_bucket(bucket)
        etag = source.etag
        if source.description.part_sizes:
            etag = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
        description = replace(context.objects.copy_description(source), etag=etag, part_sizes=())
    if replaces:
        description = replace(description, **read_attributes(request))
    stored = context.objects.commit(bucket, key, description, "ObjectCreated:Copy", condition)
    result = {"ETag": quote_etag(stored.etag), "LastModified": stored.modified}
    return {"CopyObjectResult": {**result, **describe_checksums(description)}}


def parse_copy_source(text: str) -> tuple[str, str]:
    """Parse an `x-amz-copy-source` into bucket and key; raises ServiceError InvalidArgument."""
    path, _, version = text.partition("?versionId=")
    bucket, slash, key = unquote(path).lstrip("/").partition("/")
    if not slash or not key or version not in ("", "null"):
        raise ServiceError(
            "InvalidArgument",
            "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
            ArgumentName="x-amz-copy-source",
            ArgumentValue=text,
        )
    return bucket, key
