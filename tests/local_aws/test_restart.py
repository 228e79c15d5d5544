"""Acknowledged writes survive a restart and kill -9 at any moment."""

import contextlib
import hashlib
import random
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from local_aws.protocol.errors import ServiceError
from local_aws.storage.database import Database
from local_aws.storage.object_store import ObjectStore
from local_aws.storage.state_store import StaleDocumentError, StateStore
from tests.studio.endpoint_fixture import RunningEndpoint, running_endpoint, start_endpoint

MIB = 1024 * 1024


def test_everything_survives_a_restart(tmp_path: Path) -> None:
    with running_endpoint(tmp_path / "data") as first:
        s3 = first.client("s3")
        s3.create_bucket(Bucket="films")
        s3.put_object(Bucket="films", Key="key", Body=b"x", Metadata={"a": "b"})
        upload = s3.create_multipart_upload(Bucket="films", Key="parts")
        named = {"Bucket": "films", "Key": "parts", "UploadId": upload["UploadId"]}
        etag = s3.upload_part(**named, PartNumber=1, Body=b"part")["ETag"]
        first.client("sqs").create_queue(QueueName="uploads")
        first.client("iam").create_role(RoleName="trainer", AssumeRolePolicyDocument="{}")
        keys = first.ready["access_key_id"], first.ready["secret_access_key"]
    with running_endpoint(tmp_path / "data") as second:
        assert (second.ready["access_key_id"], second.ready["secret_access_key"]) == keys
        s3 = second.client("s3")
        answer = s3.get_object(Bucket="films", Key="key")
        assert (answer["Body"].read(), answer["Metadata"]) == (b"x", {"a": "b"})
        parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
        s3.complete_multipart_upload(**named, MultipartUpload=parts)
        assert s3.get_object(Bucket="films", Key="parts")["Body"].read() == b"part"
        assert len(second.client("sqs").list_queues()["QueueUrls"]) == 1
        assert [role["RoleName"] for role in second.client("iam").list_roles()["Roles"]] == [
            "trainer"
        ]


def body_of(key: str) -> bytes:
    """Return bytes that only this key has: about 300 KiB."""
    return hashlib.sha256(key.encode()).digest() * 10_000


def write_until_killed(endpoint: RunningEndpoint, prefix: str, acknowledged: list[str]) -> None:
    s3 = endpoint.client("s3")
    with contextlib.suppress(ClientError, BotoCoreError):
        for number in range(10_000):
            key = f"{prefix}{number}"
            s3.put_object(Bucket="films", Key=key, Body=body_of(key))
            acknowledged.append(key)


def objects_of(endpoint: RunningEndpoint) -> dict[str, Any]:
    pages = endpoint.client("s3").get_paginator("list_objects_v2").paginate(Bucket="films")
    return {item["Key"]: item for page in pages for item in page.get("Contents", [])}


@pytest.mark.long
@pytest.mark.parametrize("round_number", range(4))
def test_a_kill_loses_no_acknowledged_object_and_shows_no_half_one(
    tmp_path: Path, round_number: int
) -> None:
    data = tmp_path / "data"
    endpoint = start_endpoint(data)
    endpoint.client("s3").create_bucket(Bucket="films")
    acknowledged: list[str] = []
    writers = [
        threading.Thread(target=write_until_killed, args=(endpoint, prefix, acknowledged))
        for prefix in ("a", "b", "c")
    ]
    for writer in writers:
        writer.start()
    time.sleep(random.Random(round_number).uniform(0.1, 0.8))
    endpoint.kill()
    for writer in writers:
        writer.join()
    assert endpoint.process.stdout is not None
    endpoint.process.stdout.close()
    with running_endpoint(data) as again:
        stored = objects_of(again)
        assert set(acknowledged) <= set(stored)
        for key in stored:
            body = again.client("s3").get_object(Bucket="films", Key=key)["Body"].read()
            assert body == body_of(key)
    blobs = list((data / "blobs").glob("??/*"))
    assert len(blobs) == len(stored), "leftovers of the kill are swept at the start"


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "endpoint.db")


def test_documents_are_created_once(database: Database) -> None:
    state = StateStore(database)
    assert state.create("job", "1", {"status": "InProgress"})
    assert not state.create("job", "1", {"status": "Other"})
    assert state.get("job", "1") == {"status": "InProgress"}
    assert state.get("job", "2") is None


def test_a_document_is_replaced_only_if_it_is_as_expected(database: Database) -> None:
    state = StateStore(database)
    state.put("job", "1", {"status": "InProgress"})
    state.put("job", "1", {"status": "Stopping"}, expected={"status": "InProgress"})
    with pytest.raises(StaleDocumentError):
        state.put("job", "1", {"status": "Completed"}, expected={"status": "InProgress"})
    assert state.list("job") == [{"status": "Stopping"}]


def test_a_transaction_is_all_or_nothing(database: Database) -> None:
    state = StateStore(database)
    with pytest.raises(RuntimeError), state.transaction():
        state.put("job", "1", {})
        raise RuntimeError
    assert state.list("job") == []


def test_one_of_many_threads_creates(database: Database) -> None:
    state = StateStore(database)
    results: list[bool] = []
    threads = [
        threading.Thread(target=lambda: results.append(state.create("name", "x", {})))
        for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results.count(True) == 1


def test_a_reader_keeps_the_object_it_opened(database: Database, tmp_path: Path) -> None:
    objects = ObjectStore(database, tmp_path / "blobs")
    objects.create_bucket("films")
    objects.put("films", "key", b"old" * MIB)
    with objects.open("films", "key") as file:
        objects.put("films", "key", b"new")
        assert file.read() == b"old" * MIB
    assert objects.get("films", "key") == b"new"
    assert len(list((tmp_path / "blobs").glob("??/*"))) == 1


def test_a_refused_write_leaves_no_bytes(database: Database, tmp_path: Path) -> None:
    objects = ObjectStore(database, tmp_path / "blobs")
    with pytest.raises(ServiceError, match="NoSuchBucket"):
        objects.put("films", "key", b"x")
    assert list((tmp_path / "blobs").glob("??/*")) == []
