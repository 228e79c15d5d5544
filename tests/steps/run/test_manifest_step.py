"""Find or make: equal input is paid for once, and what fails leaves no manifest."""

from __future__ import annotations

import pytest

from storyboard_ops.domain.image_records import Frame
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.gateways.storage.object_store import ManifestStore, ObjectStore
from storyboard_ops.steps.run.manifest_step import Made, find_or_make
from tests.fakes.memory_bucket import MemoryBucket
from tests.material import factories

PLACE = S3Uri.parse("s3://studio/runs/r/frames.jsonl")
ELSEWHERE = S3Uri.parse("s3://studio/runs/r/partial.jsonl")


@pytest.fixture
def manifests() -> ManifestStore:
    return ManifestStore(ObjectStore(MemoryBucket()))


def never(digest: str) -> Made:
    raise AssertionError("it was made before")


def frames(digest: str) -> Made:
    return Made([factories.frame(0), factories.frame(1)], {"kept": 2, "from": digest})


def test_the_first_call_makes_and_commits(manifests):
    ref = find_or_make(manifests, PLACE, "frames", "d1", frames)
    assert (ref.uri, ref.count) == (str(PLACE), 2)
    read = manifests.read(ref, Frame, "frames")
    assert read.records == (factories.frame(0), factories.frame(1))
    assert read.header.input_digest == "d1"
    assert read.header.summary == {"kept": 2, "from": "d1"}


def test_equal_input_is_found(manifests):
    ref = find_or_make(manifests, PLACE, "frames", "d1", frames)
    assert find_or_make(manifests, PLACE, "frames", "d1", never) == ref


def test_other_input_is_made_anew_in_the_same_place(manifests):
    find_or_make(manifests, PLACE, "frames", "d1", frames)
    ref = find_or_make(manifests, PLACE, "frames", "d2", lambda digest: Made([factories.frame(7)]))
    assert manifests.latest(PLACE)[0] == ref
    assert (ref.count, manifests.header(ref).summary) == (1, {})


def test_what_was_found_and_does_not_hold_is_made_again(manifests):
    first = find_or_make(manifests, PLACE, "frames", "d1", frames)
    looked_at = []

    def holds(ref):
        looked_at.append(ref)
        return False

    ref = find_or_make(
        manifests, PLACE, "frames", "d1", lambda digest: Made([factories.frame(7)]), is_valid=holds
    )
    assert (looked_at, ref.count) == ([first], 1)


def test_a_failure_commits_nothing(manifests):
    def fails(digest: str) -> Made:
        raise RuntimeError("the service is down")

    with pytest.raises(RuntimeError):
        find_or_make(manifests, PLACE, "frames", "d1", fails)
    assert manifests.latest(PLACE) is None


def test_a_partial_manifest_is_written_elsewhere_and_not_found(manifests):
    partial = Made([factories.frame(0)], {}, instead_at=ELSEWHERE)
    ref = find_or_make(manifests, PLACE, "frames", "d1", lambda digest: partial)
    assert ref.uri == str(ELSEWHERE)
    assert find_or_make(manifests, PLACE, "frames", "d1", frames).count == 2
