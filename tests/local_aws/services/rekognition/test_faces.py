"""Faces and collections, on two people of the test footage and on drawn pictures."""

import uuid

import av
import cv2
import numpy as np
import pytest

from local_aws.vision.picture_codec import encode_png
from tests.local_aws.refusals import refused
from tests.local_aws.vision.drawn_pictures import meadow

CLIP = "intel_people_concat_21s.mp4"


@pytest.fixture
def rekognition(local_endpoint):
    """A client that waits when the endpoint's calls per second are spent."""
    return local_endpoint.client("rekognition", retries={"total_max_attempts": 8})


@pytest.fixture
def collection(rekognition):
    name = f"cast-{uuid.uuid4().hex}"
    rekognition.create_collection(CollectionId=name)
    return name


@pytest.fixture(scope="module")
def frames(footage) -> dict[float, bytes]:
    """Frames by second: a man alone at 1, 2 and 4; a woman alone at 6.5."""
    wanted, found = [1.0, 2.0, 4.0, 6.5], {}
    with av.open(str(footage / "clips" / CLIP)) as container:
        for frame in container.decode(video=0):
            if wanted and frame.time >= wanted[0]:
                picture = cv2.resize(frame.to_ndarray(format="bgr24"), (960, 540))
                found[wanted.pop(0)] = encode_png(picture)
    return found


def test_a_face_is_found_where_it_is(rekognition, frames):
    (face,) = rekognition.detect_faces(Image={"Bytes": frames[1.0]})["FaceDetails"]
    box = face["BoundingBox"]
    assert 0.42 < box["Left"] + box["Width"] / 2 < 0.58
    assert 0.15 < box["Top"] + box["Height"] / 2 < 0.45
    assert face["Confidence"] > 80
    assert 0 < face["Quality"]["Sharpness"] <= 100


def test_a_person_is_a_label_with_a_box(rekognition, frames):
    labels = rekognition.detect_labels(Image={"Bytes": frames[1.0]}, MinConfidence=50)["Labels"]
    person = next(label for label in labels if label["Name"] == "Person")
    assert person["Instances"][0]["BoundingBox"]["Height"] > 0.4
    assert person["Aliases"] == [{"Name": "Human"}]
    face = next(label for label in labels if label["Name"] == "Face")
    assert {"Name": "Person"} in face["Parents"]


def test_a_picture_without_a_face_has_none(rekognition):
    assert rekognition.detect_faces(Image={"Bytes": encode_png(meadow())})["FaceDetails"] == []


def test_a_face_of_the_same_shot_is_recognised_and_another_person_is_not(
    rekognition, collection, frames
):
    indexed = rekognition.index_faces(
        CollectionId=collection, Image={"Bytes": frames[1.0]}, ExternalImageId="man"
    )
    assert len(indexed["FaceRecords"]) == 1
    same = rekognition.search_faces_by_image(
        CollectionId=collection, Image={"Bytes": frames[2.0]}, FaceMatchThreshold=80
    )["FaceMatches"]
    assert [match["Face"]["ExternalImageId"] for match in same] == ["man"]
    assert same[0]["Similarity"] >= 80
    other = rekognition.search_faces_by_image(
        CollectionId=collection, Image={"Bytes": frames[6.5]}, FaceMatchThreshold=90
    )
    assert other["FaceMatches"] == []


def test_a_search_without_a_face_is_an_invalid_parameter(rekognition, collection):
    with refused("InvalidParameterException", 400) as error:
        rekognition.search_faces_by_image(
            CollectionId=collection, Image={"Bytes": encode_png(meadow())}
        )
    assert "no faces" in error["Message"]


def test_the_same_face_of_the_same_picture_is_kept_once(rekognition, collection, frames):
    first, again = (
        rekognition.index_faces(CollectionId=collection, Image={"Bytes": frames[1.0]})
        for _ in range(2)
    )
    identity = first["FaceRecords"][0]["Face"]["FaceId"]
    assert again["FaceRecords"][0]["Face"]["FaceId"] == identity
    assert rekognition.describe_collection(CollectionId=collection)["FaceCount"] == 1
    rekognition.index_faces(
        CollectionId=collection, Image={"Bytes": frames[1.0]}, ExternalImageId="b"
    )
    assert rekognition.describe_collection(CollectionId=collection)["FaceCount"] == 2


def test_faces_are_listed_and_deleted(rekognition, collection, frames):
    ids = [
        rekognition.index_faces(CollectionId=collection, Image={"Bytes": frames[second]})[
            "FaceRecords"
        ][0]["Face"]["FaceId"]
        for second in (1.0, 2.0)
    ]
    page = rekognition.list_faces(CollectionId=collection, MaxResults=1)
    rest = rekognition.list_faces(CollectionId=collection, NextToken=page["NextToken"])
    assert [face["FaceId"] for face in page["Faces"] + rest["Faces"]] == ids
    missing = str(uuid.uuid4())
    deleted = rekognition.delete_faces(CollectionId=collection, FaceIds=[ids[0], missing])
    assert deleted["DeletedFaces"] == [ids[0]]
    assert [each["FaceId"] for each in deleted["UnsuccessfulFaceDeletions"]] == [missing]


def test_collections_are_created_once_listed_and_deleted(rekognition, collection):
    with refused("ResourceAlreadyExistsException", 400):
        rekognition.create_collection(CollectionId=collection)
    assert collection in rekognition.list_collections()["CollectionIds"]
    assert rekognition.delete_collection(CollectionId=collection)["StatusCode"] == 200
    for call in (rekognition.delete_collection, rekognition.describe_collection):
        with refused("ResourceNotFoundException", 400):
            call(CollectionId=collection)


def test_faces_beyond_the_most_are_reported(rekognition, collection, frames):
    man = cv2.imdecode(np.frombuffer(frames[1.0], np.uint8), 1)
    woman = cv2.imdecode(np.frombuffer(frames[6.5], np.uint8), 1)
    answer = rekognition.index_faces(
        CollectionId=collection,
        Image={"Bytes": encode_png(np.hstack([man, woman]))},
        MaxFaces=1,
    )
    assert len(answer["FaceRecords"]) == 1
    assert [each["Reasons"] for each in answer["UnindexedFaces"]] == [["EXCEEDS_MAX_FACES"]]


def test_a_blurred_face_is_not_indexed_unless_that_is_asked_for(rekognition, collection, frames):
    man = cv2.imdecode(np.frombuffer(frames[1.0], np.uint8), 1)
    image = {"Bytes": encode_png(cv2.GaussianBlur(man, (0, 0), 6))}
    filtered = rekognition.index_faces(CollectionId=collection, Image=image)
    assert filtered["FaceRecords"] == []
    assert [each["Reasons"] for each in filtered["UnindexedFaces"]] == [["LOW_SHARPNESS"]]
    taken = rekognition.index_faces(CollectionId=collection, Image=image, QualityFilter="NONE")
    assert (len(taken["FaceRecords"]), taken["UnindexedFaces"]) == (1, [])
