"""S3 multipart uploads: invisible until they are complete; parts are verified."""

import base64
import hashlib
import io
from typing import Any

import pytest
from boto3.s3.transfer import TransferConfig

from tests.local_aws.refusals import refused

MIB = 1024 * 1024
FIVE = b"5" * (5 * MIB)


def begin(client: Any, bucket: str, key: str = "key", **arguments: Any) -> dict[str, str]:
    upload = client.create_multipart_upload(Bucket=bucket, Key=key, **arguments)
    return {"Bucket": bucket, "Key": key, "UploadId": upload["UploadId"]}


def send(client: Any, upload: dict[str, str], number: int, body: bytes) -> dict[str, Any]:
    part = client.upload_part(**upload, PartNumber=number, Body=body)
    return {"PartNumber": number, "ETag": part["ETag"]}


def test_parts_become_one_object(any_s3: Any, any_bucket: str) -> None:
    upload = begin(any_s3, any_bucket, ContentType="video/mp4", Metadata={"film": "a"})
    parts = [send(any_s3, upload, 2, b"end")]
    parts.insert(0, send(any_s3, upload, 1, FIVE))
    answer = any_s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    stored = any_s3.get_object(Bucket=any_bucket, Key="key")
    assert stored["Body"].read() == FIVE + b"end"
    assert (stored["ContentType"], stored["Metadata"]) == ("video/mp4", {"film": "a"})
    digests = hashlib.md5(FIVE).digest() + hashlib.md5(b"end").digest()
    assert answer["ETag"] == stored["ETag"] == f'"{hashlib.md5(digests).hexdigest()}-2"'


def test_nothing_is_visible_before_completion(any_s3: Any, any_bucket: str) -> None:
    upload = begin(any_s3, any_bucket)
    send(any_s3, upload, 1, b"part")
    with refused("NoSuchKey"):
        any_s3.get_object(Bucket=any_bucket, Key="key")
    assert any_s3.list_objects_v2(Bucket=any_bucket)["KeyCount"] == 0


def test_a_part_sent_again_replaces_the_first(any_s3: Any, any_bucket: str) -> None:
    upload = begin(any_s3, any_bucket)
    send(any_s3, upload, 1, b"first")
    part = send(any_s3, upload, 1, b"second")
    any_s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [part]})
    assert any_s3.get_object(Bucket=any_bucket, Key="key")["Body"].read() == b"second"


def test_a_range_may_cross_parts(any_s3: Any, any_bucket: str) -> None:
    upload = begin(any_s3, any_bucket)
    parts = [send(any_s3, upload, 1, FIVE), send(any_s3, upload, 2, b"abc")]
    any_s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    crossing = f"bytes={5 * MIB - 2}-{5 * MIB + 1}"
    answer = any_s3.get_object(Bucket=any_bucket, Key="key", Range=crossing)
    assert answer["Body"].read() == b"55ab"


def test_one_part_is_read_by_its_number(any_s3: Any, any_bucket: str) -> None:
    upload = begin(any_s3, any_bucket)
    parts = [send(any_s3, upload, 1, FIVE), send(any_s3, upload, 2, b"abc")]
    any_s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    answer = any_s3.get_object(Bucket=any_bucket, Key="key", PartNumber=2)
    assert (answer["Body"].read(), answer["PartsCount"]) == (b"abc", 2)


def test_a_small_part_before_the_last_is_refused(any_s3: Any, any_bucket: str) -> None:
    upload = begin(any_s3, any_bucket)
    parts = [send(any_s3, upload, 1, b"small"), send(any_s3, upload, 2, b"last")]
    with refused("EntityTooSmall", 400):
        any_s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})


def test_parts_out_of_order_are_refused(any_s3: Any, any_bucket: str) -> None:
    upload = begin(any_s3, any_bucket)
    parts = [send(any_s3, upload, 2, FIVE), send(any_s3, upload, 1, FIVE)]
    with refused("InvalidPartOrder", 400):
        any_s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})


def test_a_part_that_was_never_sent_is_refused(any_s3: Any, any_bucket: str) -> None:
    upload = begin(any_s3, any_bucket)
    sent = send(any_s3, upload, 1, b"x")
    for part in ({**sent, "ETag": '"0"'}, {**sent, "PartNumber": 2}):
        with refused("InvalidPart", 400):
            any_s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [part]})


def test_an_aborted_upload_is_gone(any_s3: Any, any_bucket: str) -> None:
    upload = begin(any_s3, any_bucket)
    any_s3.abort_multipart_upload(**upload)
    with refused("NoSuchUpload", 404):
        send(any_s3, upload, 1, b"x")


def test_completion_may_insist_on_being_the_first(any_s3: Any, any_bucket: str) -> None:
    upload = begin(any_s3, any_bucket)
    part = send(any_s3, upload, 1, b"late")
    any_s3.put_object(Bucket=any_bucket, Key="key", Body=b"early")
    with refused("PreconditionFailed", 412):
        any_s3.complete_multipart_upload(
            **upload, MultipartUpload={"Parts": [part]}, IfNoneMatch="*"
        )
    assert any_s3.get_object(Bucket=any_bucket, Key="key")["Body"].read() == b"early"


def test_parts_are_listed_page_by_page(any_s3: Any, any_bucket: str) -> None:
    upload = begin(any_s3, any_bucket)
    for number in (3, 1, 2):
        send(any_s3, upload, number, b"x" * number)
    first = any_s3.list_parts(**upload, MaxParts=2)
    assert [(part["PartNumber"], part["Size"]) for part in first["Parts"]] == [(1, 1), (2, 2)]
    assert first["IsTruncated"]
    rest = any_s3.list_parts(**upload, PartNumberMarker=first["NextPartNumberMarker"])
    assert [part["PartNumber"] for part in rest["Parts"]] == [3]
    assert not rest["IsTruncated"]


def test_uploads_in_progress_are_listed(any_s3: Any, any_bucket: str) -> None:
    uploads = [begin(any_s3, any_bucket, key) for key in ("b", "a")]
    listed = any_s3.list_multipart_uploads(Bucket=any_bucket)["Uploads"]
    assert [(item["Key"], item["UploadId"]) for item in listed] == [
        (upload["Key"], upload["UploadId"]) for upload in reversed(uploads)
    ]


def test_a_part_may_be_copied(any_s3: Any, any_bucket: str) -> None:
    any_s3.put_object(Bucket=any_bucket, Key="source", Body=b"0123456789")
    upload = begin(any_s3, any_bucket)
    result = any_s3.upload_part_copy(
        **upload,
        PartNumber=1,
        CopySource={"Bucket": any_bucket, "Key": "source"},
        CopySourceRange="bytes=2-4",
    )["CopyPartResult"]
    part = {"PartNumber": 1, "ETag": result["ETag"]}
    any_s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [part]})
    assert any_s3.get_object(Bucket=any_bucket, Key="key")["Body"].read() == b"234"


@pytest.mark.parametrize(
    "header",
    ["2-4", "bytes=2-", "bytes=-4", "bytes=4-2", "bytes=0-10", "bytes=0-1,3-4", "bytes=a-b", ""],
)
def test_a_range_to_copy_is_closed_and_within_the_source(s3: Any, bucket: str, header: str) -> None:
    s3.put_object(Bucket=bucket, Key="source", Body=b"0123456789")
    with refused("InvalidArgument", 400) as error:
        s3.upload_part_copy(
            **begin(s3, bucket),
            PartNumber=1,
            CopySource=f"{bucket}/source",
            CopySourceRange=header,
        )
    assert error["ArgumentName"] == "x-amz-copy-source-range"


def test_completing_again_gives_the_same_answer(s3: Any, bucket: str) -> None:
    upload = begin(s3, bucket)
    request = {**upload, "MultipartUpload": {"Parts": [send(s3, upload, 1, b"part")]}}
    first = s3.complete_multipart_upload(**request)
    s3.put_object(Bucket=bucket, Key="key", Body=b"newer")
    again = s3.complete_multipart_upload(**request, IfNoneMatch="*")
    del first["ResponseMetadata"], again["ResponseMetadata"]
    assert again == first
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == b"newer"


def test_completing_again_with_other_parts_is_refused(s3: Any, bucket: str) -> None:
    upload = begin(s3, bucket)
    part = send(s3, upload, 1, b"part")
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [part]})
    with refused("NoSuchUpload", 404):
        s3.complete_multipart_upload(
            **upload, MultipartUpload={"Parts": [{**part, "PartNumber": 2}]}
        )
    with refused("NoSuchUpload", 404):
        s3.abort_multipart_upload(**upload)


def test_the_client_may_say_what_the_object_should_become(s3: Any, bucket: str) -> None:
    upload = begin(s3, bucket)
    request = {**upload, "MultipartUpload": {"Parts": [send(s3, upload, 1, b"part")]}}
    for wrong, code in (
        ({"MpuObjectSize": 5}, "InvalidRequest"),
        ({"ChecksumType": "FULL_OBJECT"}, "BadDigest"),
        ({"ChecksumSHA256": "AAAA"}, "InvalidRequest"),
    ):
        with refused(code, 400):
            s3.complete_multipart_upload(**request, **wrong)
    s3.complete_multipart_upload(**request, MpuObjectSize=4)


@pytest.mark.parametrize("algorithm", [{}, {"ChecksumAlgorithm": "SHA256"}])
def test_only_some_checksums_cover_the_whole_object(
    s3: Any, bucket: str, algorithm: dict[str, str]
) -> None:
    with refused("InvalidRequest", 400):
        begin(s3, bucket, ChecksumType="FULL_OBJECT", **algorithm)


def test_uploads_are_grouped_at_a_delimiter_page_by_page(s3: Any, bucket: str) -> None:
    for key in ("a", "b/1", "b/2", "c d"):
        begin(s3, bucket, key)
    first = s3.list_multipart_uploads(Bucket=bucket, Delimiter="/", MaxUploads=2)
    assert [item["Key"] for item in first["Uploads"]] == ["a"]
    assert first["CommonPrefixes"] == [{"Prefix": "b/"}]
    rest = s3.list_multipart_uploads(
        Bucket=bucket, Delimiter="/", KeyMarker=first["NextKeyMarker"], EncodingType="url"
    )
    assert [item["Key"] for item in rest["Uploads"]] == ["c%20d"]
    assert "CommonPrefixes" not in rest
    assert not rest["IsTruncated"]


def test_a_part_has_the_checksum_of_its_upload(s3: Any, bucket: str) -> None:
    upload = begin(s3, bucket, ChecksumAlgorithm="SHA256")
    with refused("InvalidRequest", 400):
        s3.upload_part(**upload, PartNumber=1, Body=b"x", ChecksumAlgorithm="SHA1")
    part = s3.upload_part(**upload, PartNumber=1, Body=b"x", ChecksumAlgorithm="SHA256")
    listed = {"PartNumber": 1, "ETag": part["ETag"], "ChecksumSHA256": part["ChecksumSHA256"]}
    answer = s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [listed]})
    digest = base64.b64encode(hashlib.sha256(hashlib.sha256(b"x").digest()).digest()).decode()
    assert answer["ChecksumSHA256"] == f"{digest}-1"


def test_part_number_zero_is_refused(any_s3: Any, any_bucket: str) -> None:
    upload = begin(any_s3, any_bucket)
    with refused("InvalidArgument", 400):
        send(any_s3, upload, 0, b"x")


def test_part_number_10001_is_refused(any_s3: Any, any_bucket: str) -> None:
    upload = begin(any_s3, any_bucket)
    with refused("InvalidArgument", 400):
        send(any_s3, upload, 10_001, b"x")


def test_a_large_file_goes_up_in_parts_and_comes_down_whole(any_s3: Any, any_bucket: str) -> None:
    body = bytes(range(256)) * (17 * MIB // 256)
    config = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB)
    any_s3.upload_fileobj(io.BytesIO(body), any_bucket, "film", Config=config)
    assert any_s3.head_object(Bucket=any_bucket, Key="film")["ETag"].endswith('-4"')
    down = io.BytesIO()
    any_s3.download_fileobj(any_bucket, "film", down, Config=config)
    assert hashlib.sha256(down.getvalue()).digest() == hashlib.sha256(body).digest()
