"""Manifests read back from S3: as they were written, or with the reason why they are not."""

import tracemalloc

import pytest

from storyboard_ops.core.removal.mention_filter import Marks, clean_lines
from storyboard_ops.domain.error_tree import ManifestCorrupt
from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.gateways.storage import object_store
from storyboard_ops.gateways.storage.object_store import (
    CHUNK_BYTES,
    HEADER_BYTES,
    ManifestStore,
    ObjectStore,
)
from storyboard_ops.gateways.storage.record_spool import RecordSpool
from tests.fakes.memory_bucket import MemoryBucket
from tests.material import factories
from tests.studio.studio_fixture import Studio

IMAGES = tuple(map(factories.image, range(3)))
DIGEST = "of what the manifest was made from"


@pytest.fixture
def manifests(studio: Studio) -> ManifestStore:
    return ManifestStore(ObjectStore(studio.client("s3")))


@pytest.fixture
def place(studio: Studio) -> S3Uri:
    return S3Uri(studio.bucket, "runs/run-1/crops/images.jsonl")


@pytest.fixture
def written(manifests: ManifestStore, place: S3Uri) -> ManifestRef:
    return manifests.commit(place, "images", DIGEST, IMAGES)


def remove(manifests: ManifestStore, place: S3Uri, image: ImageRecord) -> None:
    """Rewrite a manifest as a removal of one picture does."""
    marks = Marks(digests=frozenset({image.image_id}))
    manifests.objects.put(place, clean_lines(manifests.objects.get(place), marks))


def test_what_was_written_is_read_back(manifests, written):
    assert manifests.read(written, ImageRecord, "images").records == IMAGES


def test_a_manifest_that_a_removal_rewrote_names_the_removal_and_the_task_to_clear(
    manifests, written, place
):
    remove(manifests, place, IMAGES[1])
    with pytest.raises(ManifestCorrupt) as refused:
        manifests.read(written, ImageRecord, "images")
    assert str(refused.value) == (
        f"{place} was rewritten by a removal, which deleted 1 of its rows; the pages in "
        "removals/ say which and why. Clear the task that wrote these images and all after it: "
        "they continue with the rest."
    )


def test_the_task_that_wrote_it_finds_what_is_left(manifests, written, place):
    """Clearing it is the remedy because the rewritten manifest keeps the digest of its input."""
    remove(manifests, place, IMAGES[1])
    found, _ = manifests.find(place, DIGEST)
    left = manifests.read(found, ImageRecord, "images").records
    assert [image.image_id for image in left] == [IMAGES[0].image_id, IMAGES[2].image_id]


@pytest.mark.parametrize("body", [b"altered", b'{"count":0,"input_digest":"d","kind":"images"}'])
def test_a_manifest_that_somebody_else_changed_is_to_be_made_again(manifests, written, place, body):
    manifests.objects.put(place, body)
    with pytest.raises(ManifestCorrupt, match="was changed since it was written"):
        manifests.read(written, ImageRecord, "images")


def test_rows_are_streamed_as_they_are_read(manifests, written):
    assert tuple(manifests.stream(written, ImageRecord, "images")) == IMAGES


def test_a_manifest_of_many_parts_is_written_and_read(manifests, place):
    long = factories.image(1, caption=factories.caption("a lantern " * 20_000))
    ref = manifests.commit(place, "images", DIGEST, RecordSpool(long for _ in range(90)))
    assert manifests.objects.head(place).size > 2 * CHUNK_BYTES
    assert {image.image_id for image in manifests.stream(ref, ImageRecord, "images")} == {
        long.image_id
    }
    assert manifests.latest(place)[0] == ref


def test_rows_take_no_more_memory_than_a_part(monkeypatch):
    monkeypatch.setattr(object_store, "CHUNK_BYTES", 200_000)
    manifests, place = ManifestStore(ObjectStore(MemoryBucket())), S3Uri("studio", "r/images.jsonl")
    ref = manifests.commit(place, "images", DIGEST, RecordSpool(IMAGES * 1_000))
    tracemalloc.start()
    rows = sum(1 for _ in manifests.stream(ref, ImageRecord, "images"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert rows == 3_000
    assert peak < 5 * 200_000 < manifests.objects.head(place).size / 5


def test_a_streamed_manifest_that_was_changed_is_refused_before_its_end(manifests, written, place):
    remove(manifests, place, IMAGES[1])
    with pytest.raises(ManifestCorrupt, match="rewritten by a removal, which deleted 1"):
        list(manifests.stream(written, ImageRecord, "images"))


def test_a_manifest_that_is_replaced_while_it_is_read_is_refused(monkeypatch):
    monkeypatch.setattr(object_store, "CHUNK_BYTES", 500)
    bucket = MemoryBucket()
    manifests, place = ManifestStore(ObjectStore(bucket)), S3Uri("studio", "runs/r/images.jsonl")
    rows = manifests.stream(
        manifests.commit(place, "images", DIGEST, IMAGES), ImageRecord, "images"
    )
    assert next(rows) == IMAGES[0]
    manifests.commit(place, "images", DIGEST, IMAGES[1:])
    with pytest.raises(ManifestCorrupt, match="was changed since it was written"):
        list(rows)


@pytest.mark.parametrize("looked_at", ["latest", "header"])
def test_a_header_is_read_without_the_rows(looked_at):
    bucket = MemoryBucket()
    manifests, place = ManifestStore(ObjectStore(bucket)), S3Uri("studio", "runs/r/images.jsonl")
    ref = manifests.commit(place, "images", DIGEST, IMAGES * 200, {"pictures": 600})
    bucket.calls = bucket.sent = 0
    header = manifests.latest(place)[1] if looked_at == "latest" else manifests.header(ref)
    assert header.summary == {"pictures": 600}
    assert (bucket.calls, bucket.sent) == (1, HEADER_BYTES)


def test_a_header_longer_than_what_is_read_at_first_is_read_whole():
    manifests, place = ManifestStore(ObjectStore(MemoryBucket())), S3Uri("studio", "r/images.jsonl")
    summary = {"detections_manifests": ["s3://studio/library/" + "a" * 80] * 2_000}
    ref = manifests.commit(place, "images", DIGEST, IMAGES, summary)
    assert manifests.header(ref).summary == summary
    assert manifests.latest(place) == (ref, manifests.header(ref))


def test_the_digest_of_a_manifest_whose_writer_did_not_say_it_is_computed(
    manifests, written, place
):
    manifests.objects.put(place, manifests.objects.get(place))
    assert manifests.latest(place)[0] == written


def test_an_empty_object_is_no_manifest(manifests, place):
    manifests.objects.put(place, b"")
    with pytest.raises(ManifestCorrupt, match="The first line is not JSON"):
        manifests.latest(place)
