"""What the account answers about itself."""

from __future__ import annotations

from types import SimpleNamespace

import boto3
import pytest
from botocore.stub import Stubber

from storyboard_ops.gateways.aws import account
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


def test_the_portal_of_a_work_team_has_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    host = "x1.labeling.eu-west-1.sagemaker.aws"
    teams = [{"WorkteamArn": "arn:other"}, {"WorkteamArn": "arn:team", "SubDomain": host}]
    monkeypatch.setattr(account, "list_all", lambda *_: teams)
    assert account.portal_address(SimpleNamespace(), "arn:team") == f"https://{host}"
    assert account.portal_address(SimpleNamespace(), "arn:other") == ""
