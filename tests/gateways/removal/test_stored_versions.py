"""Objects with all their versions; moto keeps them, the local endpoint does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from storyboard_ops.domain.error_tree import DeletionRefused
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.gateways.removal.stored_versions import StoredVersions
from tests.studio.studio_fixture import Studio

BUCKET = "keeps-versions"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET)
        client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield client


def test_every_version_is_listed_read_and_deleted(s3):
    for body in (b"one", b"two"):
        s3.put_object(Bucket=BUCKET, Key="runs/a", Body=body)
    s3.put_object(Bucket=BUCKET, Key="runs/b", Body=b"gone")
    s3.delete_object(Bucket=BUCKET, Key="runs/b")
    versions = StoredVersions(s3)
    found = list(versions.list(S3Uri(BUCKET, "runs/")))
    told = {(stored.uri.key, stored.latest, stored.marker) for stored in found}
    assert told == {
        ("runs/a", True, False),
        ("runs/a", False, False),
        ("runs/b", True, True),
        ("runs/b", False, False),
    }
    bodies = {versions.get(stored) for stored in found if not stored.marker}
    assert bodies == {b"one", b"two", b"gone"}
    versions.delete(found)
    assert list(versions.list(S3Uri(BUCKET, ""))) == []


def test_a_bucket_without_versions_is_listed_as_it_is(studio: Studio):
    s3 = studio.client("s3")
    s3.put_object(Bucket=studio.bucket, Key="runs/a", Body=b"one")
    versions = StoredVersions(s3)
    (stored,) = versions.list(S3Uri(studio.bucket, "runs/"))
    assert (stored.version, stored.latest, versions.get(stored)) == ("", True, b"one")
    versions.delete([stored, stored])
    assert list(versions.list(S3Uri(studio.bucket, ""))) == []


def test_more_than_a_thousand_go_in_several_requests(s3, monkeypatch):
    asked: list[int] = []

    def count(**request: Any) -> dict[str, Any]:
        asked.append(len(request["Delete"]["Objects"]))
        return {}

    monkeypatch.setattr(s3, "delete_objects", count)
    s3.put_object(Bucket=BUCKET, Key="a", Body=b"")
    (stored,) = StoredVersions(s3).list(S3Uri(BUCKET, ""))
    StoredVersions(s3).delete([stored] * 2_500)
    assert asked == [1_000, 1_000, 500]


def test_what_s3_refuses_to_delete_is_named(s3, monkeypatch):
    refusal = {"Errors": [{"Key": "a", "Code": "AccessDenied"}]}
    monkeypatch.setattr(s3, "delete_objects", lambda **_: refusal)
    s3.put_object(Bucket=BUCKET, Key="a", Body=b"")
    with pytest.raises(DeletionRefused, match=f"s3://{BUCKET}/a cannot be deleted: AccessDenied"):
        StoredVersions(s3).delete(StoredVersions(s3).list(S3Uri(BUCKET, "")))
