"""Settings of a bucket that are stored and returned."""

import json
from typing import Any

import pytest

from tests.local_aws.refusals import refused

BLOCKED = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
)
RULE = {
    "ID": "old parts",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
}


def test_public_access_block(s3: Any, bucket: str) -> None:
    with refused("NoSuchPublicAccessBlockConfiguration", 404):
        s3.get_public_access_block(Bucket=bucket)
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=BLOCKED)
    assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"] == BLOCKED


def test_what_is_not_blocked_is_allowed(s3: Any, bucket: str) -> None:
    s3.put_public_access_block(
        Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": True}
    )
    kept = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert kept == {**dict.fromkeys(BLOCKED, False), "BlockPublicAcls": True}


def test_encryption_is_there_from_the_beginning(s3: Any, bucket: str) -> None:
    def algorithm() -> str:
        (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"][
            "Rules"
        ]
        return str(rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"])

    assert algorithm() == "AES256"
    by_key = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [by_key]})
    assert algorithm() == "aws:kms"


def test_lifecycle(s3: Any, bucket: str) -> None:
    with refused("NoSuchLifecycleConfiguration", 404):
        s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [RULE]})
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == [RULE]


def test_policy(s3: Any, bucket: str) -> None:
    with refused("NoSuchBucketPolicy", 404):
        s3.get_bucket_policy(Bucket=bucket)
    with refused("MalformedPolicy", 400):
        s3.put_bucket_policy(Bucket=bucket, Policy="{")
    policy = {"Version": "2012-10-17", "Statement": []}
    answer = s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == policy


@pytest.mark.parametrize("setting", ["public_access_block", "bucket_policy"])
def test_a_bucket_made_anew_has_no_settings_of_the_old(s3: Any, bucket: str, setting: str) -> None:
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=BLOCKED)
    s3.put_bucket_policy(Bucket=bucket, Policy="{}")
    s3.delete_bucket(Bucket=bucket)
    s3.create_bucket(Bucket=bucket)
    with pytest.raises(s3.exceptions.ClientError, match=r"does not exist|was not found"):
        getattr(s3, f"get_{setting}")(Bucket=bucket)
