"""Writing an object only where it is what the writer thinks it is."""

import pytest

from storyboard_ops.domain.error_tree import ObjectMissing
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.gateways.storage.object_store import ObjectStore
from tests.studio.studio_fixture import Studio


@pytest.fixture
def objects(studio: Studio) -> ObjectStore:
    return ObjectStore(studio.client("s3"))


@pytest.fixture
def place(studio: Studio) -> S3Uri:
    return S3Uri(studio.bucket, "models/tiny/current.json")


def replace(objects: ObjectStore, place: S3Uri, body: bytes, etag: str) -> bool:
    return objects.replace(place, body, "application/json", etag)


def test_of_two_first_writers_one_wins(objects, place):
    assert replace(objects, place, b"1", "")
    assert not replace(objects, place, b"2", "")
    assert objects.get(place) == b"1"


def test_whoever_has_read_an_older_state_is_refused(objects, place):
    replace(objects, place, b"1", "")
    read = objects.head(place).etag
    assert replace(objects, place, b"2", read)
    assert not replace(objects, place, b"3", read)
    assert objects.get(place) == b"2"


def test_what_was_deleted_meanwhile_is_not_written_anew(objects, place):
    assert not replace(objects, place, b"1", "9b2cf5")
    with pytest.raises(ObjectMissing):
        objects.get(place)
