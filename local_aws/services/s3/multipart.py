"""Multipart uploads: begin, upload or copy parts, complete, abort, list."""

import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from local_aws.operations.context import Answer, Context, Request
from local_aws.protocol.errors import ServiceError
from local_aws.services.s3 import encryption
from local_aws.services.s3.body_writer import write_body
from local_aws.services.s3.checks.copy_sources import parse_copy_range, parse_copy_source
from local_aws.services.s3.checksums import (
    ALGORITHMS,
    combine_checksums,
    encoded,
    find_algorithm,
    new_digest,
    require_announced,
    require_checksum,
)
from local_aws.services.s3.conditions import make_write_condition, require_readable
from local_aws.services.s3.listing import (
    Spelling,
    choose_spelling,
    find_common_prefix,
    read_page_size,
    require_not_negative,
)
from local_aws.services.s3.object_answers import (
    ByteRange,
    describe_checksums,
    quote_etag,
    read_attributes,
)
from local_aws.storage.object_store import ObjectDescription
from local_aws.storage.uploads import Part, Upload

SMALLEST_PART = 5 * 1024**2
LARGEST_PART_NUMBER = 10_000
READ_BYTES = 1 << 20


def create_multipart_upload(request: Request, context: Context) -> Answer:
    """Start an upload; nothing is visible until it is completed."""
    bucket, key = request["Bucket"], request["Key"]
    context.objects.require_bucket(bucket)
    algorithm = find_algorithm(request)
    _require_checksum_type(algorithm, request.get("ChecksumType"))
    encrypted = encryption.choose(request, context)
    encryption.require_key(context, encrypted, encryption.WRITE)
    attributes = {
        **read_attributes(request),
        "encryption": asdict(encrypted),
        "algorithm": algorithm,
        "checksum_type": request.get("ChecksumType", "COMPOSITE"),
    }
    upload = context.objects.uploads.begin(bucket, key, attributes)
    named = {"Bucket": bucket, "Key": key, "UploadId": upload.id}
    return {**named, **encryption.describe(encrypted), **_describe_algorithm(upload)}


def _require_checksum_type(algorithm: str | None, checksum_type: str | None) -> None:
    problem = None
    if checksum_type is not None and algorithm is None:
        problem = (
            "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm "
            "header."
        )
    elif checksum_type == "FULL_OBJECT" and algorithm != "CRC32":
        problem = (
            f"The FULL_OBJECT checksum type cannot be used with the {str(algorithm).lower()} "
            "checksum algorithm."
        )
    if problem is not None:
        raise ServiceError("InvalidRequest", problem)


def upload_part(request: Request, context: Context) -> Answer:
    """Store a part; uploading it again replaces it."""
    upload = _find_upload(request, context)
    require_announced(request, getattr(request.get("Body"), "announced_trailer", ""))
    part = _write_part(request, upload, context)
    checksums = {f"Checksum{name}": value for name, value in part.checksums.items()}
    encrypted = encryption.read_encryption(upload.attributes)
    return {"ETag": _format_etag(upload, part), **encryption.describe(encrypted), **checksums}


def upload_part_copy(request: Request, context: Context) -> Answer:
    """Store a part with the bytes of an object, or a range of them."""
    upload = _find_upload(request, context)
    source, file = context.objects.open_object(*parse_copy_source(request["CopySource"]))
    with file:
        require_readable(request, source, prefix="CopySource")
        encryption.require_key(context, source.description.encryption, encryption.READ)
        span = parse_copy_range(request.get("CopySourceRange"), source.size)
        body = ByteRange(file, span.start, span.length)
        part = _write_part({**request, "Body": body}, upload, context)
    checksums = {f"Checksum{name}": value for name, value in part.checksums.items()}
    result = {"ETag": _format_etag(upload, part), "LastModified": part.modified, **checksums}
    described = encryption.describe(encryption.read_encryption(upload.attributes))
    return {"CopyPartResult": result, **described}


def _write_part(request: Request, upload: Upload, context: Context) -> Part:
    number = request["PartNumber"]
    if not 1 <= number <= LARGEST_PART_NUMBER:
        raise ServiceError(
            "InvalidArgument",
            "Part number must be an integer between 1 and 10000, inclusive",
            ArgumentName="partNumber",
            ArgumentValue=number,
        )
    of_upload = upload.attributes["algorithm"]
    of_part = find_algorithm(request, getattr(request.get("Body"), "announced_trailer", ""))
    if of_upload and of_part and of_part != of_upload:
        raise ServiceError(
            "InvalidRequest",
            f"Checksum Type mismatch occurred, expected checksum Type: {of_upload.lower()}, "
            f"actual checksum Type: {of_part.lower()}",
        )
    encrypted = encryption.read_encryption(upload.attributes)
    encryption.require_key(context, encrypted, encryption.WRITE_PART)
    requested = {"ChecksumAlgorithm": of_upload, **request} if of_upload else request
    written = write_body(context.objects.blobs, requested)
    part = Part(number, written.segment, written.md5, written.checksums, context.now())
    context.objects.uploads.add_part(upload, part)
    return part


def complete_multipart_upload(request: Request, context: Context) -> Answer:
    """Make the object of the listed parts visible, atomically; remove other parts.

    A client that repeats the request, because it lost the answer, gets the same answer.
    """
    parts = request.get("MultipartUpload", {}).get("Parts", [])
    try:
        return _complete(request, parts, context)
    except ServiceError as error:
        if error.code != "NoSuchUpload":
            raise
        completed = context.objects.uploads.find_completed(
            request["UploadId"], request["Bucket"], request["Key"]
        )
        if completed is None or completed != _describe_completion(parts, completed["answer"]):
            raise
        return dict(completed["answer"])


def _complete(request: Request, parts: Sequence[dict[str, Any]], context: Context) -> Answer:
    condition = make_write_condition(request)
    upload = _find_upload(request, context)
    encrypted = encryption.read_encryption(upload.attributes)
    encryption.require_key(context, encrypted, encryption.WRITE_PART)
    kept = context.objects.uploads.parts(upload)
    chosen = _choose_parts(parts, upload, kept)
    description = _describe_object(upload, chosen, context)
    _require_expected(request, description)
    answer: Answer = {
        "Location": f"/{upload.bucket}/{upload.key}",
        "Bucket": upload.bucket,
        "Key": upload.key,
        "ETag": quote_etag(description.etag),
        **encryption.describe(encrypted),
        **describe_checksums(description),
    }
    completion = _describe_completion(parts, answer)
    context.objects.complete_upload(upload, kept, description, condition, completion)
    return answer


def _describe_completion(parts: Sequence[dict[str, Any]], answer: Answer) -> dict[str, Any]:
    listed = [[part["PartNumber"], part.get("ETag", "").strip('"')] for part in parts]
    return {"parts": listed, "answer": answer}


def _require_expected(request: Request, description: ObjectDescription) -> None:
    """Raise ServiceError unless the object is what the client says it should become."""
    for algorithm in (name for name in ALGORITHMS if f"Checksum{name}" in request):
        if algorithm not in description.checksums:
            raise _not_in("the upload", algorithm)
        # Clients may omit the part count at the end of a composite checksum.
        claimed, actual = request[f"Checksum{algorithm}"], description.checksums[algorithm]
        require_checksum(algorithm, claimed.partition("-")[0], actual.partition("-")[0])
    if request.get("ChecksumType", description.checksum_type) != description.checksum_type:
        raise ServiceError(
            "BadDigest",
            f"The upload was created using the {description.checksum_type} checksum mode. The "
            "complete request must use the same checksum mode.",
        )
    if request.get("MpuObjectSize", description.size) != description.size:
        raise ServiceError(
            "InvalidRequest",
            f"The provided 'x-amz-mp-object-size' header value {request['MpuObjectSize']} does "
            f"not match what was computed: {description.size}",
        )


def _choose_parts(
    listed: Sequence[dict[str, Any]], upload: Upload, kept: Sequence[Part]
) -> list[Part]:
    if not listed:
        raise ServiceError(
            "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our "
            "published schema",
        )
    numbers = [entry["PartNumber"] for entry in listed]
    if any(number >= later for number, later in itertools.pairwise(numbers)):
        raise ServiceError(
            "InvalidPartOrder",
            "The list of parts was not in ascending order. Parts must be ordered by part number.",
        )
    by_number = {part.number: part for part in kept}
    chosen = [_confirm_part(entry, upload, by_number.get(entry["PartNumber"])) for entry in listed]
    for part in chosen[:-1]:
        if part.segment.size < SMALLEST_PART:
            raise ServiceError(
                "EntityTooSmall",
                "Your proposed upload is smaller than the minimum allowed size",
                ProposedSize=part.segment.size,
                MinSizeAllowed=SMALLEST_PART,
                PartNumber=part.number,
                ETag=_find_etag(upload, part),
            )
    return chosen


def _confirm_part(entry: dict[str, Any], upload: Upload, part: Part | None) -> Part:
    if part is None or entry.get("ETag", "").strip('"') != _find_etag(upload, part):
        raise ServiceError(
            "InvalidPart",
            "One or more of the specified parts could not be found. The part may not have been "
            "uploaded, or the specified entity tag may not match the part's entity tag.",
            PartNumber=entry["PartNumber"],
            ETag=entry.get("ETag", ""),
        )
    for algorithm in (name for name in ALGORITHMS if f"Checksum{name}" in entry):
        if algorithm not in part.checksums:
            raise _not_in(f"part {part.number}", algorithm)
        require_checksum(algorithm, entry[f"Checksum{algorithm}"], part.checksums[algorithm])
    return part


def _not_in(what: str, algorithm: str) -> ServiceError:
    return ServiceError(
        "InvalidRequest", f"The {algorithm} you specified cannot be verified: {what} has none."
    )


def _describe_object(upload: Upload, parts: Sequence[Part], context: Context) -> ObjectDescription:
    attributes = dict(upload.attributes)
    algorithm, checksum_type = attributes.pop("algorithm"), attributes.pop("checksum_type")
    encrypted = encryption.read_encryption(attributes)
    attributes.pop("encryption", None)
    digests = b"".join(bytes.fromhex(_find_etag(upload, part)) for part in parts)
    etag = hashlib.md5(digests, usedforsecurity=False).hexdigest()
    checksums = {}
    if algorithm and checksum_type == "FULL_OBJECT":
        checksums = {algorithm: _compute_checksum(algorithm, parts, context)}
    elif algorithm:
        checksums = {
            algorithm: combine_checksums(algorithm, (p.checksums[algorithm] for p in parts))
        }
    return ObjectDescription(
        etag=f"{etag}-{len(parts)}",
        segments=tuple(part.segment for part in parts),
        part_sizes=tuple(part.segment.size for part in parts),
        checksums=checksums,
        checksum_type=checksum_type,
        encryption=encrypted,
        **attributes,
    )


def _find_etag(upload: Upload, part: Part) -> str:
    encrypted = encryption.read_encryption(upload.attributes)
    return encryption.make_part_etag(encrypted, upload.id, part.md5)


def _format_etag(upload: Upload, part: Part) -> str:
    return quote_etag(_find_etag(upload, part))


def _compute_checksum(algorithm: str, parts: Sequence[Part], context: Context) -> str:
    digest = new_digest(algorithm)
    for part in parts:
        with context.objects.blobs.path(part.segment.blob).open("rb") as file:
            while data := file.read(READ_BYTES):
                digest.update(data)
    return encoded(digest)


def abort_multipart_upload(request: Request, context: Context) -> Answer:
    """Remove the upload and its parts."""
    context.objects.uploads.abort(_find_upload(request, context))
    return {}


def list_parts(request: Request, context: Context) -> Answer:
    """List the parts by number, in pages of `MaxParts` after `PartNumberMarker`."""
    upload = _find_upload(request, context)
    marker = request.get("PartNumberMarker", 0)
    require_not_negative(marker, "part-number-marker")
    size = read_page_size(request, "MaxParts", "max-parts")
    after = [part for part in context.objects.uploads.parts(upload) if part.number > marker]
    shown = after[:size]
    answer: Answer = {
        "Bucket": upload.bucket,
        "Key": upload.key,
        "UploadId": upload.id,
        "PartNumberMarker": marker,
        "MaxParts": size,
        "IsTruncated": len(after) > size,
        "StorageClass": "STANDARD",
        "Parts": [_describe_part(upload, part) for part in shown],
        "NextPartNumberMarker": shown[-1].number if shown else 0,
        **_describe_algorithm(upload),
    }
    return answer


def _describe_algorithm(upload: Upload) -> dict[str, str]:
    if upload.attributes["algorithm"] is None:
        return {}
    return {
        "ChecksumAlgorithm": upload.attributes["algorithm"],
        "ChecksumType": upload.attributes["checksum_type"],
    }


def _describe_part(upload: Upload, part: Part) -> dict[str, Any]:
    return {
        "PartNumber": part.number,
        "LastModified": part.modified,
        "ETag": _format_etag(upload, part),
        "Size": part.segment.size,
        **{f"Checksum{name}": value for name, value in part.checksums.items()},
    }


def list_multipart_uploads(request: Request, context: Context) -> Answer:
    """List the uploads in progress by key, after `KeyMarker` and `UploadIdMarker`."""
    bucket, prefix = request["Bucket"], request.get("Prefix", "")
    delimiter = request.get("Delimiter", "")
    context.objects.require_bucket(bucket)
    marker = (request.get("KeyMarker", ""), request.get("UploadIdMarker", ""))
    size = read_page_size(request, "MaxUploads", "max-uploads")
    spell = choose_spelling(request.get("EncodingType"))
    found = sorted(
        (
            upload
            for upload in context.objects.uploads.list_bucket(bucket)
            if upload.key.startswith(prefix)
        ),
        key=lambda upload: (upload.key, upload.id),
    )
    after = [upload for upload in found if _is_after(upload, *marker)]
    entries = [entry for entry in _group(after, prefix, delimiter) if entry != marker[0]]
    shown = entries[:size]
    answer: Answer = {
        "Bucket": bucket,
        "Prefix": spell(prefix),
        "KeyMarker": spell(marker[0]),
        "UploadIdMarker": marker[1],
        "MaxUploads": size,
        "IsTruncated": len(entries) > size,
        "Uploads": [_describe_upload(item, spell) for item in shown if isinstance(item, Upload)],
        "CommonPrefixes": [{"Prefix": spell(item)} for item in shown if isinstance(item, str)],
        **{name: request[name] for name in ("Delimiter", "EncodingType") if name in request},
    }
    if shown and len(entries) > size:
        last = shown[-1]
        answer["NextKeyMarker"] = spell(last if isinstance(last, str) else last.key)
        answer["NextUploadIdMarker"] = "" if isinstance(last, str) else last.id
    return answer


def _group(uploads: Sequence[Upload], prefix: str, delimiter: str) -> list[Upload | str]:
    """Return the uploads in order, with one common prefix in place of those that share it."""
    entries: list[Upload | str] = []
    for upload in uploads:
        entry = find_common_prefix(upload.key, prefix, delimiter) or upload
        if entries[-1:] != [entry]:
            entries.append(entry)
    return entries


def _describe_upload(upload: Upload, spell: Spelling) -> dict[str, Any]:
    return {
        "UploadId": upload.id,
        "Key": spell(upload.key),
        "Initiated": upload.started,
        "StorageClass": upload.attributes["headers"].get("StorageClass", "STANDARD"),
        **_describe_algorithm(upload),
    }


def _is_after(upload: Upload, key: str, upload_id: str) -> bool:
    """Return whether an upload comes after the markers; without an upload id, after its key."""
    return upload.key > key or (bool(upload_id) and (upload.key, upload.id) > (key, upload_id))


def _find_upload(request: Request, context: Context) -> Upload:
    context.objects.require_bucket(request["Bucket"])
    return context.objects.uploads.find(request["UploadId"], request["Bucket"], request["Key"])
