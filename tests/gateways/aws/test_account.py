"""What the account answers about itself."""

from __future__ import annotations

import boto3
import pytest
from botocore.stub import Stubber

from storyboard_ops.gateways.aws.account import bucket_region


@pytest.mark.parametrize(
    ("location", "region"),
    [
        (None, "us-east-1"),
        ("", "us-east-1"),
        ("EU", "eu-west-1"),
        ("eu-west-1", "eu-west-1"),
        ("ap-southeast-2", "ap-southeast-2"),
    ],
)
def test_old_buckets_have_locations_that_are_not_regions(location, region):
    """No location is us-east-1, and EU is eu-west-1 (S3 API Reference, GetBucketLocation)."""
    keys = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "example"}
    s3 = boto3.client("s3", region_name="us-east-1", **keys)
    with Stubber(s3) as stubber:
        answer = {} if location is None else {"LocationConstraint": location}
        stubber.add_response("get_bucket_location", answer, {"Bucket": "films"})
        assert bucket_region(s3, "films") == region
