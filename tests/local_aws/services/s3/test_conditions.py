"""S3 conditional requests: one of many writers wins, and readers can save bytes."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.refusals import refused


def test_only_one_of_many_writers_creates(any_s3: Any, any_bucket: str) -> None:
    writers = 12
    start = threading.Barrier(writers)

    def write(number: int) -> bool:
        start.wait()
        try:
            any_s3.put_object(Bucket=any_bucket, Key="lock", Body=b"%d" % number, IfNoneMatch="*")
        except ClientError as error:
            assert error.response["Error"]["Code"] == "PreconditionFailed"
            return False
        return True

    with ThreadPoolExecutor(writers) as pool:
        won = list(pool.map(write, range(writers)))
    assert won.count(True) == 1
    winner = any_s3.get_object(Bucket=any_bucket, Key="lock")["Body"].read()
    assert winner == b"%d" % won.index(True)


def test_a_writer_may_insist_on_what_it_read(any_s3: Any, any_bucket: str) -> None:
    etag = any_s3.put_object(Bucket=any_bucket, Key="key", Body=b"1")["ETag"]
    any_s3.put_object(Bucket=any_bucket, Key="key", Body=b"2", IfMatch=etag)
    with refused("PreconditionFailed", 412):
        any_s3.put_object(Bucket=any_bucket, Key="key", Body=b"3", IfMatch=etag)
    assert any_s3.get_object(Bucket=any_bucket, Key="key")["Body"].read() == b"2"


def test_insisting_on_an_object_that_is_not_there_is_refused(any_s3: Any, any_bucket: str) -> None:
    with refused("NoSuchKey", 404):
        any_s3.put_object(Bucket=any_bucket, Key="missing", Body=b"x", IfMatch='"abc"')


def test_a_reader_that_has_the_object_gets_304(any_s3: Any, any_bucket: str) -> None:
    etag = any_s3.put_object(Bucket=any_bucket, Key="key", Body=b"1")["ETag"]
    with refused("304", 304):
        any_s3.get_object(Bucket=any_bucket, Key="key", IfNoneMatch=etag)


def test_a_304_says_what_the_reader_has(s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="key", Body=b"1")["ETag"]
    written = s3.head_object(Bucket=bucket, Key="key")["LastModified"]
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=bucket, Key="key", IfNoneMatch=etag)
    headers = caught.value.response["ResponseMetadata"]["HTTPHeaders"]
    assert headers["etag"] == etag
    assert parsedate_to_datetime(headers["last-modified"]) == written


def test_a_deletion_may_insist_on_an_object(s3: Any, bucket: str) -> None:
    with refused("NoSuchKey", 404):
        s3.delete_object(Bucket=bucket, Key="key", IfMatch="*")
    s3.put_object(Bucket=bucket, Key="key", Body=b"1")
    with refused("PreconditionFailed", 412):
        s3.delete_object(Bucket=bucket, Key="key", IfMatch='"other"')
    s3.delete_object(Bucket=bucket, Key="key", IfMatch="*")
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_a_connection_goes_on_after_a_304(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="key", Body=b"1")
    url = urlsplit(s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "key"}))
    connection = HTTPConnection(url.netloc)
    for headers, expected in (({"If-None-Match": "*"}, (304, b"")), ({}, (200, b"1"))):
        connection.request("GET", f"{url.path}?{url.query}", headers=headers)
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == expected
    connection.close()


def test_a_date_that_cannot_be_read_is_no_condition(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="key", Body=b"1")

    def put(request: Any, **_: Any) -> None:
        request.headers["If-Modified-Since"] = "yesterday"

    s3.meta.events.register("before-sign.s3.GetObject", put)
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == b"1"


def test_a_reader_may_insist_on_a_version(any_s3: Any, any_bucket: str) -> None:
    etag = any_s3.put_object(Bucket=any_bucket, Key="key", Body=b"1")["ETag"]
    assert any_s3.get_object(Bucket=any_bucket, Key="key", IfMatch=etag)["Body"].read() == b"1"
    with refused("PreconditionFailed", 412):
        any_s3.get_object(Bucket=any_bucket, Key="key", IfMatch='"other"')


@pytest.mark.parametrize(("hours", "fresh"), [(-1, True), (0, False)])
def test_a_reader_may_ask_for_what_is_newer(
    any_s3: Any, any_bucket: str, hours: int, fresh: bool
) -> None:
    any_s3.put_object(Bucket=any_bucket, Key="key", Body=b"1")
    written = any_s3.head_object(Bucket=any_bucket, Key="key")["LastModified"]
    since = written + timedelta(hours=hours)
    if fresh:
        answer = any_s3.get_object(Bucket=any_bucket, Key="key", IfModifiedSince=since)
        assert answer["Body"].read() == b"1"
    else:
        with refused("304", 304):
            any_s3.get_object(Bucket=any_bucket, Key="key", IfModifiedSince=since)


def test_a_copy_may_insist_on_its_source(any_s3: Any, any_bucket: str) -> None:
    etag = any_s3.put_object(Bucket=any_bucket, Key="key", Body=b"1")["ETag"]
    source = {"Bucket": any_bucket, "Key": "key"}
    any_s3.copy_object(Bucket=any_bucket, Key="copy", CopySource=source, CopySourceIfMatch=etag)
    with refused("PreconditionFailed", 412):
        any_s3.copy_object(
            Bucket=any_bucket, Key="copy", CopySource=source, CopySourceIfNoneMatch=etag
        )
