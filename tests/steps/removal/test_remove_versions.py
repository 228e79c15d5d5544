"""Removing from a bucket that keeps versions, on moto: former versions go too.

The workspace is a folder of the bucket; what lies beside it is nobody's business.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.manifest_codec import decode_manifest, encode_manifest
from storyboard_ops.domain.removal.removal_records import parse_request
from storyboard_ops.steps.removal.remove_material import Removal
from tests.material import factories

BUCKET = "keeps-versions"
FOLDER, BESIDE = "studio", "studio-of-others"
MANIFEST = f"{FOLDER}/runs/run-1/review/images.jsonl"
OF_RUN_2 = f"{FOLDER}/runs/run-2/crops"
GONE, STAYS = factories.image(1), factories.image(9)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A run that was written twice: its first pictures lie there as former versions."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket=BUCKET)
        client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})

        def put(key: str, body: bytes) -> None:
            client.put_object(Bucket=BUCKET, Key=key, Body=body)

        for image in (GONE, STAYS):
            put(picture_of(image), b"first " + image.image_id.encode())
            put(picture_of(image), b"second " + image.image_id.encode())
        put(MANIFEST, encode_manifest("images", "first", [GONE]))
        put(MANIFEST, encode_manifest("images", "second", [GONE, STAYS]))
        put(f"{OF_RUN_2}/manifest.jsonl", encode_manifest("images", "first", [GONE]))
        put(f"{OF_RUN_2}/manifest.jsonl", encode_manifest("images", "second", [STAYS]))
        put(f"{OF_RUN_2}/{GONE.image_id}.png", b"deleted later")
        client.delete_object(Bucket=BUCKET, Key=f"{OF_RUN_2}/{GONE.image_id}.png")
        put(f"{BESIDE}/runs/run-1/crops/{GONE.image_id}.png", b"of others")
        yield client


def picture_of(image: ImageRecord) -> str:
    return f"{FOLDER}/runs/run-1/crops/{image.image_id}.png"


def every_version(s3: Any) -> list[tuple[str, bytes]]:
    """Key and bytes of every version of everything, deletions included."""
    answer = s3.list_object_versions(Bucket=BUCKET)
    found = [(v["Key"], v["VersionId"]) for v in answer.get("Versions", ())]
    bodies = [
        (key, s3.get_object(Bucket=BUCKET, Key=key, VersionId=version)["Body"].read())
        for key, version in found
    ]
    return [*bodies, *((marker["Key"], b"") for marker in answer.get("DeleteMarkers", ()))]


def test_no_version_of_anything_holds_it_afterwards(s3):
    request = parse_request(
        {
            "workspace": f"s3://{BUCKET}/{FOLDER}",
            "film": GONE.frame.video.sha256,
            "from_s": 0,
            "to_s": 5,
            "dry_run": False,
            "reason": "the licence has ended",
            "requested_by": "dana",
        }
    )
    record = Removal(request, boto3.client).carry_out()
    everything = every_version(s3)
    after = [one for one in everything if one[0].startswith(f"{FOLDER}/runs/")]
    beside = [body for key, body in everything if key.startswith(BESIDE)]
    assert beside == [b"of others"]
    assert {key.split("/")[1] for key, _ in everything} == {"runs", "removals", "removed.json"}
    mark = GONE.image_id[:12]
    assert [key for key, body in after if mark in key or mark.encode() in body] == []
    assert sorted(key for key, _ in after if key == picture_of(STAYS)) == [picture_of(STAYS)] * 2
    (left,) = [body for key, body in after if key == MANIFEST]
    assert [image.image_id for image in decode_manifest(left, ImageRecord, "images").records] == [
        STAYS.image_id
    ]
    assert [key for key, _ in after if key.startswith(OF_RUN_2)] == [f"{OF_RUN_2}/manifest.jsonl"]
    assert any("keeps versions" in note for note in record.notes)
