"""The review log in S3: one writer wins each place, and nothing that was written changes."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from storyboard_ops.domain.error_tree import ManifestCorrupt
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.review.review_records import LogEntry
from storyboard_ops.gateways.review.review_log import ReviewLog
from storyboard_ops.gateways.storage.object_store import ObjectStore
from tests.studio.studio_fixture import Studio


@pytest.fixture
def log(studio: Studio) -> ReviewLog:
    folder = S3Uri(studio.bucket, "runs/r/review/log")
    return ReviewLog(ObjectStore(studio.client("s3")), folder, LogEntry)


def entry(version: int, by: str = "ana") -> LogEntry:
    return LogEntry(
        version=version, id=str(uuid.uuid4()), kind="decisions", reviewer=by, at="2026-11-23"
    )


def test_what_was_added_is_read_back_in_order(log):
    added = [entry(version) for version in range(1, 12)]
    assert all(log.add(each) for each in reversed(added))
    assert log.entries() == added
    assert log.entries(after=9) == added[9:]
    assert log.entries(after=11) == []


def test_a_place_is_taken_once_and_what_stands_there_stays(log):
    first = entry(1)
    assert log.add(first)
    assert not log.add(entry(1, by="ben"))
    assert log.entries() == [first]


def test_a_write_whose_answer_was_lost_has_won_all_the_same(log):
    first = entry(1)
    assert log.add(first)
    assert log.add(first)
    assert log.entries() == [first]


def test_of_many_who_write_at_once_exactly_one_wins(log):
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda n: log.add(entry(1, by=f"reviewer-{n}")), range(8)))
    assert sorted(won) == [False] * 7 + [True]
    (only,) = log.entries()
    assert only.reviewer == f"reviewer-{won.index(True)}"


@pytest.mark.parametrize("body", [b"{}", b"no json"])
def test_an_object_that_is_no_entry_is_named(log, studio, body):
    key = f"{log.folder.key}/00000001.json"
    studio.client("s3").put_object(Bucket=studio.bucket, Key=key, Body=body)
    with pytest.raises(ManifestCorrupt, match="is not an entry of a review log"):
        log.entries()


def test_an_entry_at_anothers_place_is_named(log, studio):
    body = entry(2).model_dump_json().encode()
    key = f"{log.folder.key}/00000001.json"
    studio.client("s3").put_object(Bucket=studio.bucket, Key=key, Body=body)
    with pytest.raises(ManifestCorrupt, match="says it is entry 2"):
        log.entries()
