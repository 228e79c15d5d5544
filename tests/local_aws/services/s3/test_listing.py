"""S3 listings: the order of keys, grouping at a delimiter, and complete pages."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_aws.storage.key_order import end_of_prefix, next_key

KEYS = ["a", "a/1", "a/2", "a/b/3", "b", "b!", "c/1", "é", "日本/1", "𝄞"]


def fill(client: Any, bucket: str) -> None:
    for key in reversed(KEYS):
        client.put_object(Bucket=bucket, Key=key, Body=key.encode())


def keys(answer: Any) -> list[str]:
    return [item["Key"] for item in answer.get("Contents", [])]


def prefixes(answer: Any) -> list[str]:
    return [item["Prefix"] for item in answer.get("CommonPrefixes", [])]


def test_keys_come_in_the_order_of_their_bytes(any_s3: Any, any_bucket: str) -> None:
    fill(any_s3, any_bucket)
    answer = any_s3.list_objects_v2(Bucket=any_bucket)
    assert keys(answer) == sorted(KEYS, key=lambda key: key.encode())
    assert (answer["KeyCount"], answer["IsTruncated"]) == (len(KEYS), False)
    assert answer["Contents"][0]["Size"] == 1
    assert answer["Contents"][0]["StorageClass"] == "STANDARD"


def test_a_prefix_narrows(any_s3: Any, any_bucket: str) -> None:
    fill(any_s3, any_bucket)
    assert keys(any_s3.list_objects_v2(Bucket=any_bucket, Prefix="a/")) == ["a/1", "a/2", "a/b/3"]
    assert keys(any_s3.list_objects_v2(Bucket=any_bucket, Prefix="日")) == ["日本/1"]


def test_a_delimiter_folds(any_s3: Any, any_bucket: str) -> None:
    fill(any_s3, any_bucket)
    answer = any_s3.list_objects_v2(Bucket=any_bucket, Delimiter="/")
    assert keys(answer) == ["a", "b", "b!", "é", "𝄞"]
    assert prefixes(answer) == ["a/", "c/", "日本/"]
    inner = any_s3.list_objects_v2(Bucket=any_bucket, Prefix="a/", Delimiter="/")
    assert (keys(inner), prefixes(inner)) == (["a/1", "a/2"], ["a/b/"])


@pytest.mark.parametrize("size", [1, 2, 3, 7])
@pytest.mark.parametrize("delimiter", ["", "/"])
def test_pages_lose_nothing_and_repeat_nothing(
    any_s3: Any, any_bucket: str, size: int, delimiter: str
) -> None:
    fill(any_s3, any_bucket)
    whole = any_s3.list_objects_v2(Bucket=any_bucket, Delimiter=delimiter)
    pages = list(
        any_s3.get_paginator("list_objects_v2").paginate(
            Bucket=any_bucket, Delimiter=delimiter, PaginationConfig={"PageSize": size}
        )
    )
    assert [key for page in pages for key in keys(page)] == keys(whole)
    assert [prefix for page in pages for prefix in prefixes(page)] == prefixes(whole)
    assert all(page["KeyCount"] == size for page in pages[:-1])


def test_a_listing_starts_after_a_key(any_s3: Any, any_bucket: str) -> None:
    fill(any_s3, any_bucket)
    assert keys(any_s3.list_objects_v2(Bucket=any_bucket, StartAfter="c/1")) == [
        "é",
        "日本/1",
        "𝄞",
    ]


def test_no_keys_asked_for_no_keys_given(any_s3: Any, any_bucket: str) -> None:
    fill(any_s3, any_bucket)
    answer = any_s3.list_objects_v2(Bucket=any_bucket, MaxKeys=0)
    assert (keys(answer), answer["IsTruncated"], answer["KeyCount"]) == ([], False, 0)


def test_an_empty_bucket_lists_nothing(any_s3: Any, any_bucket: str) -> None:
    answer = any_s3.list_objects_v2(Bucket=any_bucket)
    assert (keys(answer), answer["KeyCount"], answer["IsTruncated"]) == ([], 0, False)


def test_a_bad_continuation_token_is_refused(any_s3: Any, any_bucket: str) -> None:
    with pytest.raises(any_s3.exceptions.ClientError, match="InvalidArgument"):
        any_s3.list_objects_v2(Bucket=any_bucket, ContinuationToken="no token of ours")


def test_listing_a_missing_bucket_is_refused(any_s3: Any) -> None:
    with pytest.raises(any_s3.exceptions.NoSuchBucket):
        any_s3.list_objects_v2(Bucket="no-such-bucket")


text = st.text(max_size=4)


@given(key=text, other=text)
def test_nothing_sorts_between_a_key_and_the_next(key: str, other: str) -> None:
    if other > key:
        assert other >= next_key(key)


@given(prefix=st.text(min_size=1, max_size=3), rest=text, other=text)
def test_the_end_of_a_prefix_is_above_all_it_starts_and_below_the_rest(
    prefix: str, rest: str, other: str
) -> None:
    end = end_of_prefix(prefix)
    assert end is None or prefix + rest < end
    if end is not None and other > prefix and not other.startswith(prefix):
        assert other >= end
