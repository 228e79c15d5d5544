"""What S3 answers where nothing is, where looking is forbidden, and where another was first."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from storyboard_ops.domain.error_tree import (
    CredentialsExpired,
    DeletionRefused,
    NotPermitted,
    ObjectMissing,
    ServiceError,
    ServiceFailed,
    Throttled,
)
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.gateways.storage.object_store import ObjectStore
from tests.fakes.memory_bucket import MemoryBucket

URI = S3Uri("studio", "runs/r/receipt.json")


class Answering(MemoryBucket):
    """A bucket that answers every call with an error code."""

    code = ""

    def _refuse(self, **_: Any) -> Any:
        raise ClientError({"Error": {"Code": self.code}}, "Any")

    head_object = get_object = put_object = _refuse


def answering(code: str) -> ObjectStore:
    bucket = Answering()
    bucket.code = code
    return ObjectStore(bucket)


@pytest.mark.parametrize("code", ["404", "NoSuchKey", "403", "AccessDenied"])
def test_what_is_missing_or_may_not_be_seen_is_not_there(code: str) -> None:
    """HEAD has no body: without the right to list, a missing key answers a bare 403."""
    assert answering(code).head(URI) is None
    with pytest.raises(ObjectMissing, match=f"{URI} does not exist or may not be read"):
        answering(code).get(URI)


@pytest.mark.parametrize(
    ("code", "error"),
    [("500", ServiceFailed), ("SlowDown", Throttled), ("ExpiredToken", CredentialsExpired)],
)
def test_any_other_answer_is_an_error(code: str, error: type[ServiceError]) -> None:
    for ask in (answering(code).head, answering(code).get):
        with pytest.raises(error, match=code):
            ask(URI)


@pytest.mark.parametrize("code", ["PreconditionFailed", "ConditionalRequestConflict"])
def test_a_conditional_write_says_that_another_was_first(code: str) -> None:
    assert answering(code).create(URI, b"", "text/plain") is False
    assert answering(code).replace(URI, b"", "text/plain", "etag") is False


def test_a_write_that_is_refused_is_an_error() -> None:
    for write in (
        lambda: answering("AccessDenied").create(URI, b"", "text/plain"),
        lambda: answering("AccessDenied").replace(URI, b"", "text/plain", ""),
    ):
        with pytest.raises(NotPermitted, match="AccessDenied"):
            write()


class Recording(MemoryBucket):
    """Remembers the conditions of writes, and refuses to delete some keys."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[dict[str, Any]] = []
        self.batches: list[int] = []

    def put_object(self, **asked: Any) -> dict[str, Any]:
        self.asked.append({key: asked[key] for key in ("IfMatch", "IfNoneMatch") if key in asked})
        return super().put_object(**asked)

    def delete_objects(self, **asked: Any) -> dict[str, Any]:
        keys = [item["Key"] for item in asked["Delete"]["Objects"]]
        self.batches.append(len(keys))
        return {"Errors": [{"Key": key, "Code": "AccessDenied"} for key in keys if "held" in key]}


def test_a_replacement_expects_the_version_it_has_seen_or_none() -> None:
    bucket = Recording()
    store = ObjectStore(bucket)
    assert store.replace(URI, b"1", "text/plain", "") is True
    assert store.replace(URI, b"2", "text/plain", "etag") is True
    assert store.create(URI, b"3", "text/plain") is True
    store.put(URI, b"4")
    assert bucket.asked == [{"IfNoneMatch": "*"}, {"IfMatch": "etag"}, {"IfNoneMatch": "*"}, {}]


def test_a_head_has_size_and_etag() -> None:
    store = ObjectStore(MemoryBucket())
    store.put(URI, b"12345")
    head = store.head(URI)
    assert head is not None
    assert (head.uri, head.size, len(head.etag)) == (URI, 5, 32)
    assert store.get(URI) == b"12345"


@pytest.mark.parametrize(
    ("count", "batches"), [(0, []), (1, [1]), (1_000, [1_000]), (1_001, [1_000, 1])]
)
def test_a_thousand_objects_are_deleted_at_once(count: int, batches: list[int]) -> None:
    bucket = Recording()
    ObjectStore(bucket).delete([S3Uri("studio", f"k{n}") for n in range(count)])
    assert bucket.batches == batches


def test_an_object_that_may_not_be_deleted_is_named() -> None:
    with pytest.raises(DeletionRefused, match="s3://studio/held cannot be deleted: AccessDenied"):
        ObjectStore(Recording()).delete([S3Uri("studio", "gone"), S3Uri("studio", "held")])
