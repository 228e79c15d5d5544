"""Manifests read back from S3: as they were written, or with the reason why they are not."""

import pytest

from storyboard_ops.core.removal.mention_filter import Marks, clean_lines
from storyboard_ops.domain.error_tree import ManifestCorrupt
from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.gateways.storage.object_store import ManifestStore, ObjectStore
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
