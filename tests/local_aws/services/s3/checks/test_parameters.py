"""Every parameter of every S3 operation has an effect or is refused by name; none is ignored.

The parameters are those of botocore's model, so that a new one fails here until it is handled or
refused. What a parameter does is tested where its operation is; here it must do something.
"""

import base64
import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.model import ListShape, Shape, StructureShape

from local_aws.protocol.service_models import service_model
from local_aws.services.registry import load_operations
from local_aws.services.s3.checks.parameters import ACCEPTED, WITHOUT_EFFECT
from tests.local_aws.conftest import new_bucket
from tests.studio.endpoint_fixture import RunningEndpoint

OPERATIONS = sorted(load_operations("s3"))
NEVER, ONCE = "Fri, 01 Jan 2100 00:00:00 GMT", "Sat, 01 Jan 2000 00:00:00 GMT"
STRANGER = "999999999999"
NO_DIGEST = "AAAA"
TELLING = {
    "BucketRegion": "eu-west-3",
    "ChecksumAlgorithm": "SHA1",
    "ChecksumMode": "DISABLED",
    "ChecksumType": "FULL_OBJECT",
    "ContentMD5": NO_DIGEST,
    "ContinuationToken": base64.b64encode(b"folder/b").decode(),
    "CopySourceIfMatch": '"other"',
    "CopySourceIfModifiedSince": NEVER,
    "CopySourceIfNoneMatch": "*",
    "CopySourceIfUnmodifiedSince": ONCE,
    "CopySourceRange": "bytes=1-2",
    "Delimiter": "/",
    "EncodingType": "morse",
    "ExpectedBucketOwner": STRANGER,
    "ExpectedSourceBucketOwner": STRANGER,
    "Expires": "never",
    "FetchOwner": "true",
    "IfMatch": '"other"',
    "IfModifiedSince": NEVER,
    "IfNoneMatch": "*",
    "IfUnmodifiedSince": ONCE,
    "KeyMarker": "folder/z",
    "MaxBuckets": "0",
    "MaxKeys": "1",
    "MaxParts": "0",
    "MaxUploads": "1",
    "MetadataDirective": "COPY",
    "MpuObjectSize": "7",
    "PartNumber": "1",
    "PartNumberMarker": "1",
    "Prefix": "folder/",
    "Range": "bytes=0-1",
    "ResponseExpires": NEVER,
    "RequestPayer": "nobody",
    "StartAfter": "folder/a",
    "StorageClass": "STANDARD_IA",
    "TransitionDefaultMinimumObjectSize": "varies_by_storage_class",
    "UploadIdMarker": "0",
    "VersionId": "other",
    **{f"Checksum{name}": NO_DIGEST for name in ("CRC32", "SHA1", "SHA256")},
}
"""Values that change an answer; a parameter that is not here takes any text."""

CARRIED_BY_THE_CONNECTION = {"ContentLength"}
DOCUMENTS: dict[str, dict[str, Any]] = {
    "DeleteObjects": {"Delete": {"Objects": [{"Key": "key"}]}},
    "PutBucketCors": {
        "CORSConfiguration": {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}
    },
    "PutBucketEncryption": {
        "ServerSideEncryptionConfiguration": {
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        }
    },
    "PutBucketLifecycleConfiguration": {
        "LifecycleConfiguration": {
            "Rules": [
                {"ID": "1", "Status": "Enabled", "Prefix": "", "Expiration": {"Days": 1}},
            ]
        }
    },
    "PutBucketNotificationConfiguration": {"NotificationConfiguration": {}},
    "PutBucketPolicy": {"Policy": "{}"},
    "PutPublicAccessBlock": {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}},
}


class Scene:
    """A new bucket with what an operation needs, and that operation's plainest request."""

    def __init__(self, client: Any, operation: str) -> None:
        self.client, self.operation = client, operation
        self.bucket = new_bucket(client)
        self.request: dict[str, Any] = {
            name: value
            for name, value in {"Bucket": self.bucket, "Key": "key"}.items()
            if name in _members(operation)
        }
        self.request |= DOCUMENTS.get(operation, {})
        if operation == "CreateBucket":
            self.request["Bucket"] = f"{self.bucket}-2"
        elif operation != "DeleteBucket":
            for key in ("folder/a", "folder/b", "key"):
                client.put_object(Bucket=self.bucket, Key=key, Body=b"0123456789")
        if (put := f"Put{operation[3:]}") in DOCUMENTS:
            getattr(client, xform_name(put))(Bucket=self.bucket, **DOCUMENTS[put])
        if operation in ("PutObject", "UploadPart"):
            self.request["Body"] = b"0123456789"
        if "CopySource" in _members(operation):
            self.request["CopySource"] = f"{self.bucket}/key"
        if operation == "CopyObject":
            self.request |= {"MetadataDirective": "REPLACE", "ContentType": "image/png"}
        if "Upload" in operation or operation == "ListParts":
            self._add_uploads()

    def _add_uploads(self) -> None:
        client, bucket = self.client, self.bucket
        client.create_multipart_upload(Bucket=bucket, Key="folder/a")
        upload = client.create_multipart_upload(Bucket=bucket, Key="key")["UploadId"]
        where = {"Bucket": bucket, "Key": "key", "UploadId": upload}
        etag = client.upload_part(**where, PartNumber=1, Body=b"part")["ETag"]
        if "UploadId" in _members(self.operation):
            self.request["UploadId"] = upload
        if self.operation in ("UploadPart", "UploadPartCopy"):
            self.request["PartNumber"] = 1
        if self.operation == "CompleteMultipartUpload":
            self.request["MultipartUpload"] = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
        if self.operation == "ListMultipartUploads":
            self.request["KeyMarker"] = "key"

    def call(self, member: str = "", value: str = "", **extra: Any) -> dict[str, Any]:
        """Return the answer; a header or query parameter `member` is sent as exactly `value`."""

        def put(request: Any, **_: Any) -> None:
            serialization = _members(self.operation)[member].serialization
            name = serialization.get("name", member)
            if serialization["location"] == "querystring":
                path, _, query = request.url.partition("?")
                kept = [part for part in query.split("&") if part.partition("=")[0] != name]
                request.url = f"{path}?{'&'.join([*filter(None, kept), f'{name}={value}'])}"
            else:
                name = f"{name}shot" if serialization["location"] == "headers" else name
                del request.headers[name]
                request.headers[name] = value

        if member:
            self.client.meta.events.register("before-sign.s3", put, unique_id="put")
        try:
            call = getattr(self.client, xform_name(self.operation))
            answer: dict[str, Any] = call(**self.request, **extra)
        except ClientError as error:
            answer = error.response
        finally:
            self.client.meta.events.unregister("before-sign.s3", put, unique_id="put")
        return answer

    def observe(self, member: str = "", value: str = "") -> str:
        """Return what a client sees of the answer, and of the object afterwards."""
        answer = self.call(member, value)
        if "Body" in answer:
            answer["Body"] = answer["Body"].read()
        after: Any = None
        if self.operation == "CreateMultipartUpload" and "UploadId" in answer:
            where = {**self.request, "UploadId": answer["UploadId"]}
            copied = self.client.upload_part_copy(
                **where, PartNumber=1, CopySource=f"{self.bucket}/key"
            )["CopyPartResult"]
            parts = {"Parts": [{"PartNumber": 1, "ETag": copied["ETag"]}]}
            self.client.complete_multipart_upload(**where, MultipartUpload=parts)
        if self.operation in ("PutObject", "CopyObject", "CreateMultipartUpload"):
            after = self.client.head_object(Bucket=self.bucket, Key="key", ChecksumMode="ENABLED")
        text = repr((answer, after)).replace(self.bucket, "BUCKET")
        return VOLATILE.sub("", text)


VOLATILE = re.compile(
    r"[0-9a-f]{32}(?!['\"-])|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|\w{3}, \d\d \w{3} 202\d [\d:]{8} GMT|datetime\(202[^)]*\)|\d{4}-\d\d-\d\dT[\d:.]+Z?"
)


def _members(operation: str) -> dict[str, Shape]:
    shape = service_model("s3").operation_model(operation).input_shape
    return dict(shape.members) if shape is not None else {}


def _is_argument(member: Shape) -> bool:
    """Return whether a parameter is a header or in the query; others are documents."""
    return member.serialization.get("location") in ("header", "headers", "querystring")


def arguments(operation: str, accepted: bool) -> list[str]:
    """List the headers and query parameters of an operation."""
    shape = service_model("s3").operation_model(operation).input_shape
    return [
        name
        for name, member in _members(operation).items()
        if _is_argument(member)
        and name not in CARRIED_BY_THE_CONNECTION
        and not (accepted and shape is not None and name in shape.required_members)
        and (name in ACCEPTED[operation]) == accepted
    ]


def list_leaves(shape: Shape, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the path of each leaf of a document, and a document with that leaf."""
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            needed = {
                other: next(list_leaves(shape.members[other]))[1]
                for other in shape.required_members
            }
            for leaf, value in list_leaves(member, f"{path}.{name}"):
                yield leaf, {**needed, name: value}
    elif isinstance(shape, ListShape):
        for leaf, value in list_leaves(shape.member, path):
            yield leaf, [value]
    else:
        enum = getattr(shape, "enum", None)
        samples = {"boolean": True, "integer": 1, "long": 1, "timestamp": 0, "blob": b"x"}
        yield path, enum[0] if enum else samples.get(shape.type_name, "x")


@pytest.fixture
def lax_s3(local_endpoint: RunningEndpoint) -> Any:
    """A client that sends what its own validation would refuse."""
    return local_endpoint.client("s3", parameter_validation=False)


def test_every_operation_says_what_it_takes() -> None:
    assert sorted(ACCEPTED) == OPERATIONS
    for operation, paths in ACCEPTED.items():
        assert {path.partition(".")[0] for path in paths} <= set(_members(operation)), operation


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_is_accepted_has_an_effect(lax_s3: Any, operation: str) -> None:
    plain = Scene(lax_s3, operation).observe()
    assert "'HTTPStatusCode': 2" in plain, plain
    ignored = [
        name
        for name in arguments(operation, accepted=True)
        if Scene(lax_s3, operation).observe(name, TELLING.get(name, "text/x-other")) == plain
    ]
    assert not ignored


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_is_not_accepted_is_refused_by_name(lax_s3: Any, operation: str) -> None:
    scene = Scene(lax_s3, operation)
    for name in arguments(operation, accepted=False):
        member = _members(operation)[name]
        values = [*(getattr(getattr(member, "member", member), "enum", None) or ["1"])]
        if member.type_name == "boolean":
            values = ["true"]
        elif member.type_name == "timestamp":
            iso = member.serialization.get("timestampFormat") == "iso8601"
            values = ["2100-01-01T00:00:00Z" if iso else ONCE]
        for value in (one for one in values if one not in WITHOUT_EFFECT.get(name, ())):
            require_refusal(scene.call(name, value), name)


@pytest.mark.parametrize("operation", ["CreateBucket", "DeleteObjects", "CompleteMultipartUpload"])
def test_a_document_with_what_is_not_accepted_is_refused_by_name(
    lax_s3: Any, operation: str
) -> None:
    scene = Scene(lax_s3, operation)
    for name, member in _members(operation).items():
        if "location" in member.serialization:
            continue
        for path, document in list_leaves(member, name):
            if path not in ACCEPTED[operation]:
                scene.request[name] = document
                require_refusal(scene.call(), path.rpartition(".")[0])


@pytest.mark.parametrize(
    ("operation", "header"),
    [
        ("GetObject", "x-amz-server-side-encryption"),
        ("HeadObject", "x-amz-acl"),
        ("UploadPart", "x-amz-tagging"),
        ("PutObject", "x-amz-copy-source-range"),
        ("ListObjectsV2", "x-amz-mfa"),
    ],
)
def test_an_argument_of_other_operations_is_refused(
    lax_s3: Any, operation: str, header: str
) -> None:
    def put(request: Any, **_: Any) -> None:
        request.headers[header] = "any"

    scene = Scene(lax_s3, operation)
    lax_s3.meta.events.register("before-sign.s3", put)
    answer = scene.call()
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    if operation != "HeadObject":  # an answer to HEAD has no body
        assert answer["Error"]["ArgumentName"] == header


def test_headers_may_be_in_the_query_of_a_presigned_url(s3: Any, bucket: str) -> None:
    def sign(value: str) -> Any:
        def put(request: Any, **_: Any) -> None:
            request.url += f"?x-amz-expected-bucket-owner={value}"

        s3.meta.events.register("before-sign.s3.PutObject", put, unique_id="put")
        url = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "key"})
        s3.meta.events.unregister("before-sign.s3.PutObject", put, unique_id="put")
        return requests.put(url, data=b"x", timeout=10)

    assert sign(STRANGER).status_code == 403
    assert "InvalidBucketOwnerAWSAccountID" in sign("nobody").text
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def require_refusal(answer: dict[str, Any], name: str) -> None:
    """Assert that an answer refuses a parameter, and names it where an answer has a body."""
    status, error = answer["ResponseMetadata"]["HTTPStatusCode"], answer.get("Error", {})
    if error.get("Code") == "AccessControlListNotSupported":
        return
    assert status == 501, (name, answer)
    assert error["Code"] == "501" or f"the parameter {name}" in error["Message"], answer


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_malformed_value_is_an_error_of_the_client(lax_s3: Any, operation: str) -> None:
    scene = Scene(lax_s3, operation)
    for name in arguments(operation, accepted=True):
        member = _members(operation)[name]
        typed = member.type_name in ("integer", "long", "boolean") or getattr(member, "enum", None)
        for value in ("", "x", "-1", "9" * 30):
            answer = scene.call(name, value)
            status = answer["ResponseMetadata"]["HTTPStatusCode"]
            # 501 refuses by name, as S3 refuses an If-None-Match that is not "*".
            expected = {400} if typed and value == "x" else {*range(200, 500), 501}
            assert status in expected, (name, value, answer)
