"""Buckets with SSE-KMS: what objects say about their key, and who can read and write them."""

import hashlib
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.local_aws.bedrock_data import finished_job, job_request, put_data_set
from tests.local_aws.refusals import refused
from tests.studio.assumed_roles import assume, make_role
from tests.studio.bucket_encryption import encrypt_bucket, kms_statement, make_key
from tests.studio.endpoint_fixture import RunningEndpoint

BY_S3 = {"StringLike": {"kms:ViaService": "s3.us-east-1.amazonaws.com*"}}
PART = b"5" * (5 << 20)


@pytest.fixture
def key(local_endpoint: RunningEndpoint) -> str:
    """The ARN of an enabled key."""
    return make_key(local_endpoint)


@pytest.fixture
def encrypted(local_endpoint: RunningEndpoint, bucket: str, key: str) -> str:
    """A bucket that the key encrypts, with an object "old" from before."""
    local_endpoint.client("s3").put_object(Bucket=bucket, Key="old", Body=b"old")
    encrypt_bucket(local_endpoint, bucket, key)
    return bucket


def said(answer: dict[str, Any]) -> tuple[str | None, str | None, bool | None]:
    """What an answer says about the encryption."""
    return (
        answer.get("ServerSideEncryption"),
        answer.get("SSEKMSKeyId"),
        answer.get("BucketKeyEnabled"),
    )


def test_new_objects_name_their_key_and_older_ones_stay_as_they_are(
    s3: Any, encrypted: str, key: str
) -> None:
    answers = [
        s3.put_object(Bucket=encrypted, Key="new", Body=b"x"),
        s3.get_object(Bucket=encrypted, Key="new"),
        s3.head_object(Bucket=encrypted, Key="new"),
        s3.copy_object(Bucket=encrypted, Key="copy", CopySource=f"{encrypted}/old"),
        s3.head_object(Bucket=encrypted, Key="copy"),
    ]
    assert [said(answer) for answer in answers] == [("aws:kms", key, True)] * 5
    assert said(s3.head_object(Bucket=encrypted, Key="old")) == ("AES256", None, None)


def test_the_etag_is_not_the_md5_and_another_one_for_each_object(s3: Any, encrypted: str) -> None:
    for name in ("a", "b"):
        s3.put_object(Bucket=encrypted, Key=name, Body=b"x")
    s3.copy_object(Bucket=encrypted, Key="c", CopySource=f"{encrypted}/a")
    tags = {item["Key"]: item["ETag"] for item in s3.list_objects_v2(Bucket=encrypted)["Contents"]}
    assert f'"{hashlib.md5(b"x").hexdigest()}"' not in tags.values()
    assert len(set(tags.values())) == 4
    s3.get_object(Bucket=encrypted, Key="a", IfMatch=tags["a"])


def test_an_object_in_parts_is_encrypted_too(s3: Any, encrypted: str, key: str) -> None:
    named = {"Bucket": encrypted, "Key": "film"}
    upload = s3.create_multipart_upload(**named)
    named["UploadId"] = upload["UploadId"]
    sent = [s3.upload_part(**named, PartNumber=n, Body=PART) for n in (1, 2)]
    tags = [part["ETag"] for part in sent]
    assert f'"{hashlib.md5(PART).hexdigest()}"' not in tags
    assert [part["ETag"] for part in s3.list_parts(**named)["Parts"]] == tags
    parts = [{"PartNumber": n, "ETag": tag} for n, tag in enumerate(tags, start=1)]
    done = s3.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})
    read = s3.get_object(Bucket=encrypted, Key="film")
    assert [said(one) for one in (upload, *sent, done, read)] == [("aws:kms", key, True)] * 5
    assert done["ETag"] == read["ETag"]
    assert done["ETag"].endswith('-2"')


def test_a_request_may_choose_another_encryption(
    s3: Any, encrypted: str, local_endpoint: RunningEndpoint
) -> None:
    other = make_key(local_endpoint)
    managed = s3.put_object(Bucket=encrypted, Key="a", Body=b"x", ServerSideEncryption="AES256")
    assert said(managed) == ("AES256", None, None)
    chosen = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": other, "BucketKeyEnabled": False}
    assert said(s3.put_object(Bucket=encrypted, Key="b", Body=b"x", **chosen)) == (
        "aws:kms",
        other,
        None,
    )
    with refused("NotImplemented", 501):
        s3.put_object(
            Bucket=encrypted, Key="c", Body=b"x", SSECustomerAlgorithm="AES256", SSECustomerKey="k"
        )


def test_without_a_key_it_is_the_one_of_aws_which_everybody_may_use(
    s3: Any, bucket: str, local_endpoint: RunningEndpoint
) -> None:
    encrypt_bucket(local_endpoint, bucket)
    anybody = assume(local_endpoint, make_role(local_endpoint, f"role-{bucket[:20]}", []))("s3")
    written = anybody.put_object(Bucket=bucket, Key="a", Body=b"x")
    managed = local_endpoint.client("kms").describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    assert said(written) == ("aws:kms", managed["Arn"], True)
    assert anybody.get_object(Bucket=bucket, Key="a")["Body"].read() == b"x"


def disable(kms: Any, key: str) -> None:
    kms.disable_key(KeyId=key)


def delete(kms: Any, key: str) -> None:
    kms.schedule_key_deletion(KeyId=key)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [(disable, "KMS.DisabledException"), (delete, "KMS.KMSInvalidStateException")],
)
def test_a_key_that_cannot_be_used_keeps_everything_closed(
    s3: Any,
    encrypted: str,
    key: str,
    local_endpoint: RunningEndpoint,
    spoil: Callable[[Any, str], None],
    code: str,
) -> None:
    s3.put_object(Bucket=encrypted, Key="new", Body=b"x")
    upload = s3.create_multipart_upload(Bucket=encrypted, Key="film")["UploadId"]
    spoil(local_endpoint.client("kms"), key)
    for call in (
        lambda: s3.get_object(Bucket=encrypted, Key="new"),
        lambda: s3.put_object(Bucket=encrypted, Key="next", Body=b"x"),
        lambda: s3.copy_object(Bucket=encrypted, Key="copy", CopySource=f"{encrypted}/old"),
        lambda: s3.create_multipart_upload(Bucket=encrypted, Key="next"),
        lambda: s3.upload_part(
            Bucket=encrypted, Key="film", UploadId=upload, PartNumber=1, Body=b"x"
        ),
    ):
        with refused(code, 400):
            call()
    assert s3.get_object(Bucket=encrypted, Key="old")["Body"].read() == b"old"
    assert s3.head_object(Bucket=encrypted, Key="new")["ContentLength"] == 1


@pytest.mark.parametrize("named", ["gone", "arn:aws:kms:eu-west-1:000000000000:key/x"])
def test_a_key_that_does_not_exist_is_said_when_something_is_written(
    s3: Any, bucket: str, local_endpoint: RunningEndpoint, named: str
) -> None:
    encrypt_bucket(local_endpoint, bucket, named)
    with refused("KMS.NotFoundException", 400):
        s3.put_object(Bucket=bucket, Key="a", Body=b"x")


@pytest.mark.parametrize(
    ("right", "may_read", "may_write"),
    [
        ("kms:Decrypt", True, False),
        ("kms:GenerateDataKey", False, True),
        ("kms:*", True, True),
        ("kms:DescribeKey", False, False),
    ],
)
def test_reading_and_writing_need_rights_on_the_key(
    s3: Any,
    encrypted: str,
    key: str,
    local_endpoint: RunningEndpoint,
    right: str,
    may_read: bool,
    may_write: bool,
) -> None:
    s3.put_object(Bucket=encrypted, Key="new", Body=b"x")
    upload = s3.create_multipart_upload(Bucket=encrypted, Key="film")["UploadId"]
    statement = kms_statement(right, resource=key, Condition=BY_S3)
    role = make_role(local_endpoint, f"role-{uuid.uuid4().hex[:8]}", [statement])
    client = assume(local_endpoint, role)("s3")

    def allowed(call: Callable[..., Any], **request: Any) -> bool:
        try:
            call(Bucket=encrypted, **request)
        except client.exceptions.ClientError as error:
            assert error.response["Error"]["Code"] == "AccessDenied"
            assert f"{role} is not authorized to perform: kms:" in str(error)
            return False
        return True

    assert allowed(client.get_object, Key="new") == may_read
    assert allowed(client.put_object, Key="own", Body=b"x") == may_write
    assert allowed(client.create_multipart_upload, Key="film") == may_write
    part = {"Key": "film", "UploadId": upload, "PartNumber": 1}
    assert allowed(client.upload_part, **part, Body=b"x") == may_read
    assert allowed(client.copy_object, Key="copy", CopySource=f"{encrypted}/old") == may_write
    assert client.head_object(Bucket=encrypted, Key="new")["ContentLength"] == 1


def test_a_role_keeps_its_rights_when_a_service_uses_it(
    s3: Any, encrypted: str, key: str, local_endpoint: RunningEndpoint, bedrock: Any
) -> None:
    """Bedrock trusts nobody's word: the job fails where its role may not read the data."""
    made = [
        trusted_role(local_endpoint, [kms_statement(*rights, resource=key)])
        for rights in (["kms:Decrypt"], ["kms:GenerateDataKey"])
    ]
    manifest = put_data_set(s3, encrypted)
    reasons = []
    for role in made:
        request = job_request(encrypted, manifest, roleArn=role)
        bedrock.create_model_customization_job(**request)
        job = finished_job(bedrock, request["jobName"])
        assert job["status"] == "Failed"
        reasons.append(job["failureMessage"])
    assert "cannot be written" in reasons[0] and "kms:GenerateDataKey" in reasons[0]
    assert "cannot be read" in reasons[1] and "kms:Decrypt" in reasons[1]


def trusted_role(endpoint: RunningEndpoint, statements: list[dict[str, Any]]) -> str:
    """A role that everybody may assume, Bedrock too."""
    role = make_role(endpoint, f"role-{uuid.uuid4().hex[:8]}", statements)
    endpoint.client("iam").update_assume_role_policy(
        RoleName=role.rpartition("/")[2],
        PolicyDocument='{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": '
        '{"Service": "bedrock.amazonaws.com"}, "Action": "sts:AssumeRole"}]}',
    )
    return role
