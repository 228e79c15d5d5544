"""A request may say who owns its bucket; every bucket belongs to the endpoint's account."""

from typing import Any

import pytest

from tests.local_aws.refusals import refused
from tests.studio.endpoint_fixture import RunningEndpoint

STRANGER = "999999999999"


@pytest.fixture
def account(local_endpoint: RunningEndpoint) -> str:
    return str(local_endpoint.client("sts").get_caller_identity()["Account"])


def test_the_owner_of_a_bucket_may_be_expected(s3: Any, bucket: str, account: str) -> None:
    s3.put_object(Bucket=bucket, Key="key", Body=b"x", ExpectedBucketOwner=account)
    s3.copy_object(
        Bucket=bucket,
        Key="copy",
        CopySource=f"{bucket}/key",
        ExpectedBucketOwner=account,
        ExpectedSourceBucketOwner=account,
    )
    assert s3.get_object(Bucket=bucket, Key="copy", ExpectedBucketOwner=account)["Body"].read()


def test_a_bucket_of_another_owner_is_not_written(s3: Any, bucket: str) -> None:
    with refused("AccessDenied", 403):
        s3.put_object(Bucket=bucket, Key="key", Body=b"x", ExpectedBucketOwner=STRANGER)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_a_copy_may_expect_the_owner_of_its_source(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="key", Body=b"x")
    with refused("AccessDenied", 403):
        s3.copy_object(
            Bucket=bucket,
            Key="copy",
            CopySource=f"{bucket}/key",
            ExpectedSourceBucketOwner=STRANGER,
        )


def test_a_missing_bucket_has_no_owner(s3: Any) -> None:
    with refused("NoSuchBucket", 404):
        s3.get_bucket_location(Bucket="no-such-bucket", ExpectedBucketOwner=STRANGER)


@pytest.mark.parametrize("owner", ["studio", "12345", "1234567890123", "arn:aws:iam::1:root"])
def test_an_owner_is_an_account_id(s3: Any, bucket: str, owner: str) -> None:
    with refused("InvalidBucketOwnerAWSAccountID", 400):
        s3.get_bucket_location(Bucket=bucket, ExpectedBucketOwner=owner)
