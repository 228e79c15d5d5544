"""S3 objects and buckets: objects are read back as written, missing ones are errors."""

import base64
import hashlib
import zlib
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.local_aws.refusals import refused


def read(client: Any, bucket: str, key: str, **arguments: Any) -> bytes:
    body: bytes = client.get_object(Bucket=bucket, Key=key, **arguments)["Body"].read()
    return body


def test_an_object_comes_back_with_its_attributes(any_s3: Any, any_bucket: str) -> None:
    any_s3.put_object(
        Bucket=any_bucket,
        Key="film/frame 1.png",
        Body=b"pixels",
        ContentType="image/png",
        CacheControl="max-age=60",
        ContentDisposition="inline",
        ContentEncoding="gzip",
        ContentLanguage="en",
        Metadata={"shot": "12", "take_2": "b"},
    )
    answer = any_s3.get_object(Bucket=any_bucket, Key="film/frame 1.png")
    assert answer["Body"].read() == b"pixels"
    assert answer["ContentLength"] == 6
    assert answer["ContentType"] == "image/png"
    assert answer["CacheControl"] == "max-age=60"
    assert answer["ContentDisposition"] == "inline"
    assert answer["ContentEncoding"] == "gzip"
    assert answer["ContentLanguage"] == "en"
    assert answer["Metadata"] == {"shot": "12", "take_2": "b"}
    assert answer["ETag"] == f'"{hashlib.md5(b"pixels").hexdigest()}"'
    assert abs(answer["LastModified"] - datetime.now(UTC)) < timedelta(minutes=1)


def test_head_tells_the_same_as_get(any_s3: Any, any_bucket: str) -> None:
    any_s3.put_object(Bucket=any_bucket, Key="key", Body=b"12345", Metadata={"a": "b"})
    head = any_s3.head_object(Bucket=any_bucket, Key="key")
    get = any_s3.get_object(Bucket=any_bucket, Key="key")
    assert head["ContentLength"] == 5
    for name in ("ETag", "LastModified", "Metadata", "ContentType"):
        assert head[name] == get[name]


def test_an_object_without_a_type_is_binary(any_s3: Any, any_bucket: str) -> None:
    any_s3.put_object(Bucket=any_bucket, Key="key", Body=b"x")
    assert any_s3.head_object(Bucket=any_bucket, Key="key")["ContentType"] == "binary/octet-stream"


def test_an_empty_object_is_an_object(any_s3: Any, any_bucket: str) -> None:
    any_s3.put_object(Bucket=any_bucket, Key="empty", Body=b"")
    assert read(any_s3, any_bucket, "empty") == b""


def test_writing_again_replaces(any_s3: Any, any_bucket: str) -> None:
    for body in (b"first", b"second, longer"):
        any_s3.put_object(Bucket=any_bucket, Key="key", Body=body)
    assert read(any_s3, any_bucket, "key") == b"second, longer"


@pytest.mark.parametrize(
    ("header", "expected", "content_range"),
    [
        ("bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-2", b"89", "bytes 8-9/10"),
        ("bytes=8-99", b"89", "bytes 8-9/10"),
        ("bytes=-99", b"0123456789", "bytes 0-9/10"),
    ],
)
def test_a_range_is_cut_out(
    any_s3: Any, any_bucket: str, header: str, expected: bytes, content_range: str
) -> None:
    any_s3.put_object(Bucket=any_bucket, Key="digits", Body=b"0123456789")
    answer = any_s3.get_object(Bucket=any_bucket, Key="digits", Range=header)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert answer["ContentRange"] == content_range
    assert answer["Body"].read() == expected


def test_a_range_of_a_head_counts_its_bytes(any_s3: Any, any_bucket: str) -> None:
    any_s3.put_object(Bucket=any_bucket, Key="digits", Body=b"0123456789")
    head = any_s3.head_object(Bucket=any_bucket, Key="digits", Range="bytes=2-4")
    assert (head["ContentLength"], head["ContentRange"]) == (3, "bytes 2-4/10")


def test_a_range_beyond_the_end_is_refused(any_s3: Any, any_bucket: str) -> None:
    any_s3.put_object(Bucket=any_bucket, Key="digits", Body=b"0123456789")
    with refused("InvalidRange", 416) as error:
        any_s3.get_object(Bucket=any_bucket, Key="digits", Range="bytes=10-12")
    assert error["ActualObjectSize"] == "10"


def test_a_missing_key_is_named(any_s3: Any, any_bucket: str) -> None:
    with refused("NoSuchKey", 404) as error:
        any_s3.get_object(Bucket=any_bucket, Key="missing")
    assert error["Key"] == "missing"


def test_a_head_of_a_missing_key_is_404(any_s3: Any, any_bucket: str) -> None:
    with refused("404", 404):
        any_s3.head_object(Bucket=any_bucket, Key="missing")


def test_a_missing_bucket_is_named(any_s3: Any) -> None:
    with refused("NoSuchBucket", 404) as error:
        any_s3.put_object(Bucket="no-such-bucket", Key="key", Body=b"x")
    assert error["BucketName"] == "no-such-bucket"


def test_a_deleted_object_is_gone_and_may_be_deleted_again(any_s3: Any, any_bucket: str) -> None:
    any_s3.put_object(Bucket=any_bucket, Key="key", Body=b"x")
    for _ in range(2):
        answer = any_s3.delete_object(Bucket=any_bucket, Key="key")
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    with refused("NoSuchKey"):
        any_s3.get_object(Bucket=any_bucket, Key="key")


def test_many_objects_are_deleted_at_once(any_s3: Any, any_bucket: str) -> None:
    for key in ("a", "b & <c>", "kept"):
        any_s3.put_object(Bucket=any_bucket, Key=key, Body=b"x")
    answer = any_s3.delete_objects(
        Bucket=any_bucket, Delete={"Objects": [{"Key": "a"}, {"Key": "b & <c>"}, {"Key": "never"}]}
    )
    assert sorted(item["Key"] for item in answer["Deleted"]) == ["a", "b & <c>", "never"]
    assert [item["Key"] for item in any_s3.list_objects_v2(Bucket=any_bucket)["Contents"]] == [
        "kept"
    ]


def test_a_quiet_delete_names_nothing(any_s3: Any, any_bucket: str) -> None:
    answer = any_s3.delete_objects(
        Bucket=any_bucket, Delete={"Objects": [{"Key": "a"}], "Quiet": True}
    )
    assert "Deleted" not in answer


def test_a_copy_keeps_bytes_and_attributes(any_s3: Any, any_bucket: str) -> None:
    any_s3.put_object(
        Bucket=any_bucket, Key="from é+/x", Body=b"x", ContentType="image/png", Metadata={"a": "b"}
    )
    result = any_s3.copy_object(
        Bucket=any_bucket, Key="to", CopySource={"Bucket": any_bucket, "Key": "from é+/x"}
    )["CopyObjectResult"]
    any_s3.delete_object(Bucket=any_bucket, Key="from é+/x")
    copy = any_s3.get_object(Bucket=any_bucket, Key="to")
    assert copy["Body"].read() == b"x"
    assert copy["ETag"] == result["ETag"]
    assert (copy["ContentType"], copy["Metadata"]) == ("image/png", {"a": "b"})


def test_a_copy_can_replace_the_metadata(any_s3: Any, any_bucket: str) -> None:
    any_s3.put_object(Bucket=any_bucket, Key="key", Body=b"x", Metadata={"old": "1"})
    source = {"Bucket": any_bucket, "Key": "key"}
    any_s3.copy_object(
        Bucket=any_bucket,
        Key="key",
        CopySource=source,
        MetadataDirective="REPLACE",
        Metadata={"new": "2"},
    )
    assert any_s3.head_object(Bucket=any_bucket, Key="key")["Metadata"] == {"new": "2"}


def test_a_copy_onto_itself_without_a_change_is_refused(any_s3: Any, any_bucket: str) -> None:
    any_s3.put_object(Bucket=any_bucket, Key="key", Body=b"x")
    with refused("InvalidRequest", 400):
        any_s3.copy_object(
            Bucket=any_bucket, Key="key", CopySource={"Bucket": any_bucket, "Key": "key"}
        )


def test_a_copy_of_nothing_is_refused(any_s3: Any, any_bucket: str) -> None:
    with refused("NoSuchKey", 404):
        any_s3.copy_object(
            Bucket=any_bucket, Key="key", CopySource={"Bucket": any_bucket, "Key": "missing"}
        )


def test_the_checksum_that_was_sent_is_given_back(any_s3: Any, any_bucket: str) -> None:
    any_s3.put_object(Bucket=any_bucket, Key="key", Body=b"x", ChecksumAlgorithm="SHA256")
    head = any_s3.head_object(Bucket=any_bucket, Key="key", ChecksumMode="ENABLED")
    assert head["ChecksumSHA256"] == base64.b64encode(hashlib.sha256(b"x").digest()).decode()


def test_a_crc32_is_sent_and_kept_by_default(any_s3: Any, any_bucket: str) -> None:
    any_s3.put_object(Bucket=any_bucket, Key="key", Body=b"x")
    head = any_s3.head_object(Bucket=any_bucket, Key="key", ChecksumMode="ENABLED")
    assert head["ChecksumCRC32"] == base64.b64encode(zlib.crc32(b"x").to_bytes(4, "big")).decode()


def test_a_wrong_checksum_is_refused(any_s3: Any, any_bucket: str) -> None:
    wrong = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    with refused("BadDigest", 400):
        any_s3.put_object(Bucket=any_bucket, Key="key", Body=b"x", ChecksumSHA256=wrong)


def test_a_wrong_md5_is_refused(any_s3: Any, any_bucket: str) -> None:
    wrong = base64.b64encode(hashlib.md5(b"other").digest()).decode()
    with refused("BadDigest", 400):
        any_s3.put_object(Bucket=any_bucket, Key="key", Body=b"x", ContentMD5=wrong)


def test_a_client_may_choose_the_answers_headers(any_s3: Any, any_bucket: str) -> None:
    any_s3.put_object(Bucket=any_bucket, Key="key", Body=b"x", ContentType="image/png")
    answer = any_s3.get_object(
        Bucket=any_bucket,
        Key="key",
        ResponseContentType="text/plain",
        ResponseContentDisposition="attachment",
    )
    assert (answer["ContentType"], answer["ContentDisposition"]) == ("text/plain", "attachment")


@pytest.mark.parametrize("expires", ["Fri, 01 Jan 2100 00:00:00 GMT", "never", "-1"])
def test_the_expiry_of_an_object_comes_back_as_written(s3: Any, bucket: str, expires: str) -> None:
    def put(request: Any, **_: Any) -> None:
        request.headers["Expires"] = expires

    s3.meta.events.register("before-sign.s3.PutObject", put)
    s3.put_object(Bucket=bucket, Key="key", Body=b"x")
    assert s3.head_object(Bucket=bucket, Key="key")["ExpiresString"] == expires


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("deflate, gzip", "deflate, gzip"), ("aws-chunked, br", "br"), ("br,aws-chunked", "br")],
)
def test_the_encoding_of_the_transfer_is_not_that_of_the_object(
    s3: Any, bucket: str, sent: str, kept: str
) -> None:
    s3.put_object(Bucket=bucket, Key="key", Body=b"x", ContentEncoding=sent)
    assert s3.head_object(Bucket=bucket, Key="key")["ContentEncoding"] == kept


def test_a_body_has_a_length(s3: Any, bucket: str) -> None:
    url = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "key"})
    answer = requests.put(url, data=iter([b"x"]), timeout=10)  # in HTTP's chunks
    assert (answer.status_code, "Transfer-Encoding" in answer.text) == (501, True)
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc)
    connection.putrequest("PUT", f"{parts.path}?{parts.query}")
    connection.endheaders()
    assert connection.getresponse().status == 411
    connection.close()


def test_an_upload_by_a_form_is_refused_by_name(s3: Any, bucket: str) -> None:
    form = s3.generate_presigned_post(bucket, "key")
    answer = requests.post(form["url"], data=form["fields"], files={"file": b"x"}, timeout=10)
    assert (answer.status_code, "HTML form" in answer.text) == (501, True)


def test_a_client_may_choose_when_an_answer_expires(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="key", Body=b"x")
    day = datetime(2100, 1, 1, tzinfo=UTC)
    assert s3.get_object(Bucket=bucket, Key="key", ResponseExpires=day)["Expires"] == day


def test_a_storage_class_belongs_to_one_object(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="key", Body=b"x", StorageClass="STANDARD_IA")
    source = {"Bucket": bucket, "Key": "key"}
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=source)
    assert s3.head_object(Bucket=bucket, Key="key")["StorageClass"] == "STANDARD_IA"
    assert "StorageClass" not in s3.head_object(Bucket=bucket, Key="copy")
    s3.copy_object(Bucket=bucket, Key="key", CopySource=source, StorageClass="GLACIER_IR")
    assert s3.head_object(Bucket=bucket, Key="key")["StorageClass"] == "GLACIER_IR"


def test_an_archived_object_cannot_be_read(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="key", Body=b"x", StorageClass="GLACIER")
    assert s3.head_object(Bucket=bucket, Key="key")["ContentLength"] == 1
    with refused("InvalidObjectState", 403):
        read(s3, bucket, "key")
    with refused("ObjectNotInActiveTierError", 403):
        s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/key")


def test_a_copy_gets_the_checksum_that_is_asked_for(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="key", Body=b"x")
    for wanted, kept in (({}, "ChecksumCRC32"), ({"ChecksumAlgorithm": "SHA1"}, "ChecksumSHA1")):
        result = s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/key", **wanted)[
            "CopyObjectResult"
        ]
        head = s3.head_object(Bucket=bucket, Key="copy", ChecksumMode="ENABLED")
        assert result[kept] == head[kept]
    assert head["ChecksumSHA1"] == base64.b64encode(hashlib.sha1(b"x").digest()).decode()


def test_a_part_and_a_range_cannot_be_asked_for_together(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="key", Body=b"x")
    with refused("InvalidRequest", 400):
        read(s3, bucket, "key", PartNumber=1, Range="bytes=0-0")


def test_metadata_above_2_kib_is_refused(any_s3: Any, any_bucket: str) -> None:
    with refused("MetadataTooLarge", 400):
        any_s3.put_object(Bucket=any_bucket, Key="key", Body=b"x", Metadata={"a": "b" * 2048})


def test_a_key_above_1024_bytes_is_refused(any_s3: Any, any_bucket: str) -> None:
    any_s3.put_object(Bucket=any_bucket, Key="k" * 1024, Body=b"x")
    with refused("KeyTooLongError", 400):
        any_s3.put_object(Bucket=any_bucket, Key="k" * 1025, Body=b"x")


def test_a_bucket_is_found_and_deleted(any_s3: Any, any_bucket: str) -> None:
    assert any_s3.head_bucket(Bucket=any_bucket)["BucketRegion"] == "us-east-1"
    assert any_bucket in [item["Name"] for item in any_s3.list_buckets()["Buckets"]]
    any_s3.delete_bucket(Bucket=any_bucket)
    with refused("404", 404):
        any_s3.head_bucket(Bucket=any_bucket)


def test_a_bucket_with_objects_is_not_deleted(any_s3: Any, any_bucket: str) -> None:
    any_s3.put_object(Bucket=any_bucket, Key="key", Body=b"x")
    with refused("BucketNotEmpty", 409):
        any_s3.delete_bucket(Bucket=any_bucket)


def test_creating_a_bucket_again_is_no_error_in_us_east_1(any_s3: Any, any_bucket: str) -> None:
    any_s3.create_bucket(Bucket=any_bucket)


@pytest.mark.parametrize("name", ["Upper", "a..b", "192.168.1.1", "-ab", "under_score"])
def test_a_bad_bucket_name_is_refused(any_s3: Any, name: str) -> None:
    with refused("InvalidBucketName", 400):
        any_s3.create_bucket(Bucket=name)


@pytest.mark.parametrize("name", ["ab", "a" * 64])
def test_a_bucket_name_has_3_to_63_characters(any_s3: Any, name: str) -> None:
    with refused("InvalidBucketName", 400):
        any_s3.create_bucket(Bucket=name)


def test_a_bucket_says_where_it_is_and_that_it_keeps_no_versions(
    any_s3: Any, any_bucket: str
) -> None:
    assert any_s3.get_bucket_location(Bucket=any_bucket)["LocationConstraint"] is None
    assert "Status" not in any_s3.get_bucket_versioning(Bucket=any_bucket)
