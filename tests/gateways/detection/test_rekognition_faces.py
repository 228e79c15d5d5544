"""Faces at Rekognition: answers converted, and refusals that mean something."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from botocore.stub import ANY, Stubber

from storyboard_ops.domain.error_tree import NotFound
from storyboard_ops.gateways.detection.rekognition_faces import RekognitionFaces


def faces(stub: Stubber) -> RekognitionFaces:
    return RekognitionFaces(stub.client)


def test_a_box_that_leaves_the_picture_is_handed_on_as_it_is(stub):
    box = {"Left": -0.1, "Top": 0.5, "Width": 0.3, "Height": 0.7}
    stub.add_response(
        "detect_faces",
        {"FaceDetails": [{"BoundingBox": box, "Confidence": 99.5}]},
        {"Image": {"Bytes": b"jpeg"}},
    )
    found, usages = faces(stub).detect(b"jpeg")
    assert found == [{"box": pytest.approx([-0.1, 0.5, 0.2, 1.2]), "confidence": 0.995}]
    assert [(u.service, u.item, u.unit, u.amount) for u in usages] == [
        ("rekognition", "DetectFaces", "image", 1)
    ]


def test_matches_are_named_by_their_external_id(stub):
    match = {"Similarity": 91.0, "Face": {"ExternalImageId": "ana", "FaceId": "f" * 36}}
    stub.add_response(
        "search_faces_by_image",
        {"FaceMatches": [match]},
        {
            "CollectionId": "cast",
            "Image": {"Bytes": b"png"},
            "FaceMatchThreshold": 50.0,
            "MaxFaces": ANY,
        },
    )
    found, _ = faces(stub).search("cast", b"png", 0.5)
    assert found == [{"character": "ana", "similarity": 0.91}]


def test_a_picture_without_a_face_matches_nobody(stub):
    stub.add_client_error("search_faces_by_image", "InvalidParameterException")
    assert faces(stub).search("cast", b"png", 0.5)[0] == []


def test_any_other_refusal_of_a_search_is_an_error(stub):
    stub.add_client_error("search_faces_by_image", "ResourceNotFoundException")
    with pytest.raises(NotFound, match="ResourceNotFoundException"):
        faces(stub).search("cast", b"png", 0.5)


def detail(side: float) -> dict:
    return {"BoundingBox": {"Left": 0.1, "Top": 0.1, "Width": side, "Height": side}}


def test_why_a_reference_was_not_taken_is_told_once(stub):
    unindexed = [
        {"Reasons": ["LOW_SHARPNESS", "SMALL_BOUNDING_BOX"], "FaceDetail": detail(0.1)},
        {"Reasons": ["LOW_SHARPNESS"], "FaceDetail": detail(0.2)},
    ]
    stub.add_response("index_faces", {"FaceRecords": [], "UnindexedFaces": unindexed})
    taken, _ = faces(stub).index("cast", b"jpeg", "ana")
    assert taken == {
        "faces": 0,
        "bystanders": [],
        "reasons": ["LOW_SHARPNESS", "SMALL_BOUNDING_BOX"],
    }


@pytest.mark.parametrize(("other", "bystanders"), [(0.3, ["f" * 36]), (0.2, []), (0.1, [])])
def test_a_face_that_is_smaller_than_one_not_taken_is_a_bystanders(stub, other, bystanders):
    record = {"Face": {"FaceId": "f" * 36}, "FaceDetail": detail(0.2)}
    left_out = {"Reasons": ["LOW_SHARPNESS"], "FaceDetail": detail(other)}
    stub.add_response("index_faces", {"FaceRecords": [record], "UnindexedFaces": [left_out]})
    assert faces(stub).index("cast", b"jpeg", "ana")[0]["bystanders"] == bystanders


def test_a_collection_is_told_from_one_made_anew(stub):
    stub.add_response(
        "describe_collection",
        {
            "FaceCount": 3,
            "CollectionARN": "arn:collection",
            "CreationTimestamp": datetime(2026, 11, 23, 8, 0, 0, 123_000, UTC),
        },
    )
    found = faces(stub).find_collection("cast")
    assert found is not None
    assert (found.faces, found.created_at) == (3, "2026-11-23T08:00:00.123+00:00")


def test_what_is_gone_or_there_already_is_no_error(stub):
    stub.add_client_error("describe_collection", "ResourceNotFoundException")
    assert faces(stub).find_collection("cast") is None
    stub.add_client_error("create_collection", "ResourceAlreadyExistsException")
    faces(stub).create_collection("cast", {})
    stub.add_client_error("delete_collection", "ResourceNotFoundException")
    assert faces(stub).delete_collection("cast") is False
