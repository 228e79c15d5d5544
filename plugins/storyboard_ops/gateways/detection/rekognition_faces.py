"""Rekognition faces: collections, and faces found and searched in pictures.

Source: Amazon Rekognition developer guide, "Searching faces in a collection". Pictures are JPEG or
PNG up to 5 MiB, at least 80 px a side. Boxes are ratios of the picture and may leave it. The face
operations are documented as unfit for cartoons and animation.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from storyboard_ops.domain.error_tree import NameTaken, NotFound, RequestRefused
from storyboard_ops.domain.money.paid_usage import Usage
from storyboard_ops.domain.utc_time import iso_millis
from storyboard_ops.gateways.aws.errors import translated
from storyboard_ops.gateways.detection.rekognition_boxes import edges
from storyboard_ops.gateways.storage.answer_store import Bought

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

#: SearchFacesByImage answers a picture without a face with this code.
NO_FACE = "InvalidParameterException"
#: Matches asked for: more than the reference pictures of a production can be.
MOST_MATCHES = 250


@dataclass(frozen=True)
class CollectionState:
    """A face collection as the service reports it."""

    name: str
    arn: str
    faces: int
    created_at: str  # ISO 8601 with milliseconds: tells a collection from one made anew


class RekognitionFaces:
    """One method is one call. Finding, indexing and searching are billed per picture."""

    def __init__(self, client: RekognitionClient) -> None:
        self._client = translated("rekognition", client)

    def find_collection(self, name: str) -> CollectionState | None:
        """A collection by its id; None when there is none."""
        try:
            found = self._client.describe_collection(CollectionId=name)
        except NotFound:
            return None
        return CollectionState(
            name=name,
            arn=found["CollectionARN"],
            faces=found["FaceCount"],
            created_at=iso_millis(found["CreationTimestamp"]),
        )

    def collection_names(self) -> list[str]:
        """The ids of all collections of the account."""
        pages = self._client.get_paginator("list_collections").paginate()
        return [name for page in pages for name in page["CollectionIds"]]

    def create_collection(self, name: str, tags: dict[str, str]) -> None:
        """Create an empty collection; one that is there already is left as it is."""
        with suppress(NameTaken):
            self._client.create_collection(CollectionId=name, Tags=tags)

    def delete_collection(self, name: str) -> bool:
        """Delete a collection with its faces; False when it was gone already."""
        try:
            self._client.delete_collection(CollectionId=name)
        except NotFound:
            return False
        return True

    def index(self, collection: str, picture: bytes, character: str) -> Bought:
        """Remember one face of a picture as a character's (its ExternalImageId).

        Of several faces the service drops those of low quality before the small ones, so that the
        one it takes may be a sharper bystander's. Answers {"faces": how many were taken,
        "bystanders": ids of those taken though a larger one was not, "reasons": why others were
        not}.
        """
        answer = self._client.index_faces(
            CollectionId=collection,
            Image={"Bytes": picture},
            ExternalImageId=character,
            MaxFaces=1,
        )
        others = answer["UnindexedFaces"]
        largest = max((_size(other["FaceDetail"]) for other in others), default=0.0)
        taken = {
            "faces": len(answer["FaceRecords"]),
            "bystanders": [
                record["Face"]["FaceId"]
                for record in answer["FaceRecords"]
                if _size(record["FaceDetail"]) < largest
            ],
            "reasons": sorted({reason for other in others for reason in other["Reasons"]}),
        }
        return taken, _image("IndexFaces")

    def forget(self, collection: str, face_ids: Sequence[str]) -> None:
        """Delete faces of a collection; ids that are not there are no error."""
        self._client.delete_faces(CollectionId=collection, FaceIds=face_ids)

    def detect(self, picture: bytes) -> Bought:
        """Faces of a picture, up to 100, the largest first: [{box, confidence}].

        A box is [left, top, right, bottom].
        """
        answer = self._client.detect_faces(Image={"Bytes": picture})
        found = [
            {"box": edges(face["BoundingBox"]), "confidence": face["Confidence"] / 100}
            for face in answer["FaceDetails"]
        ]
        return found, _image("DetectFaces")

    def search(self, collection: str, picture: bytes, least: float) -> Bought:
        """Whose face the largest face of a picture is like: [{character, similarity}].

        ``least`` and similarities are 0..1, the most alike first. No face, no match.
        """
        try:
            answer = self._client.search_faces_by_image(
                CollectionId=collection,
                Image={"Bytes": picture},
                FaceMatchThreshold=100 * least,
                MaxFaces=MOST_MATCHES,
            )
        except RequestRefused as error:
            if error.code != NO_FACE:
                raise
            return [], _image("SearchFacesByImage")
        found = [
            {
                "character": match["Face"]["ExternalImageId"],
                "similarity": match["Similarity"] / 100,
            }
            for match in answer["FaceMatches"]
        ]
        return found, _image("SearchFacesByImage")


def _size(detail: Any) -> float:
    """Share of the picture that a face's box covers."""
    return float(detail["BoundingBox"]["Width"] * detail["BoundingBox"]["Height"])


def _image(operation: str) -> tuple[Usage, ...]:
    return (Usage(service="rekognition", item=operation, unit="image", amount=1),)
