"""Call the face operations of Rekognition: collections, detection and search.

Source: Amazon Rekognition developer guide, "Searching faces in a collection". Pictures are JPEG or
PNG up to 5 MiB, at least 80 px per side. Boxes are ratios of the picture and may extend beyond it.
AWS documents the face operations as unsuitable for cartoons and animation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from storyboard_ops.domain.error_tree import NameTaken, NotFound, RequestRefused
from storyboard_ops.domain.money.paid_usage import Usage
from storyboard_ops.domain.utc_time import iso_millis
from storyboard_ops.gateways.aws.calls import call_unless, list_all
from storyboard_ops.gateways.aws.errors import translated
from storyboard_ops.gateways.detection.rekognition_boxes import edges
from storyboard_ops.gateways.storage.answer_store import Bought

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

#: The error code of SearchFacesByImage for a picture without a face.
NO_FACE = "InvalidParameterException"
#: Requested matches: more than a production can have reference pictures.
MOST_MATCHES = 250


@dataclass(frozen=True)
class CollectionState:
    """A face collection as the service reports it."""

    name: str
    arn: str
    faces: int
    created_at: str  # ISO 8601 with milliseconds: distinguishes a collection from a recreated one


class RekognitionFaces:
    """Each method is one call. Detecting, indexing and searching are billed per picture."""

    def __init__(self, client: RekognitionClient) -> None:
        self._client = translated("rekognition", client)

    def find_collection(self, name: str) -> CollectionState | None:
        """Find a collection by its id; None when it does not exist."""
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
        """List the ids of all collections of the account."""
        return list(list_all(self._client, "list_collections", "CollectionIds"))

    def create_collection(self, name: str, tags: dict[str, str]) -> None:
        """Create an empty collection; an existing one is left unchanged."""
        call_unless(NameTaken, self._client.create_collection, CollectionId=name, Tags=tags)

    def tags(self, arn: str) -> dict[str, str]:
        """Read the tags of a collection."""
        return self._client.list_tags_for_resource(ResourceArn=arn)["Tags"]

    def delete_collection(self, name: str) -> bool:
        """Delete a collection with its faces; False when it no longer exists."""
        return call_unless(NotFound, self._client.delete_collection, CollectionId=name)

    def index(self, collection: str, picture: bytes, character: str) -> Bought:
        """Index one face of a picture as a character's (its ExternalImageId).

        Among several faces the service drops those of low quality before the small ones, so it may
        index a bystander's sharper face. Returns ({"faces": count of indexed faces, "bystanders":
        ids of indexed faces smaller than one that was not, "reasons": why others were not}, usage).
        """
        answer = self._client.index_faces(
            CollectionId=collection,
            Image={"Bytes": picture},
            ExternalImageId=character,
            MaxFaces=1,
        )
        others = answer["UnindexedFaces"]
        largest = max((_area(other["FaceDetail"]) for other in others), default=0.0)
        indexed = {
            "faces": len(answer["FaceRecords"]),
            "bystanders": [
                record["Face"]["FaceId"]
                for record in answer["FaceRecords"]
                if _area(record["FaceDetail"]) < largest
            ],
            "reasons": sorted({reason for other in others for reason in other["Reasons"]}),
        }
        return indexed, _image("IndexFaces")

    def delete_faces(self, collection: str, face_ids: Sequence[str]) -> None:
        """Delete faces of a collection; unknown ids are not an error."""
        self._client.delete_faces(CollectionId=collection, FaceIds=face_ids)

    def detect(self, picture: bytes) -> Bought:
        """Detect up to 100 faces, the largest first; returns ([{box, confidence}], usage).

        A box is [left, top, right, bottom] in ratios; confidences are 0..1.
        """
        answer = self._client.detect_faces(Image={"Bytes": picture})
        found = [
            {"box": edges(face["BoundingBox"]), "confidence": face["Confidence"] / 100}
            for face in answer["FaceDetails"]
        ]
        return found, _image("DetectFaces")

    def search(self, collection: str, picture: bytes, least: float) -> Bought:
        """Search the largest face of a picture; returns ([{character, similarity}], usage).

        ``least`` and similarities are 0..1, the most similar first. Without a face the list is
        empty.
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


def _area(detail: Any) -> float:
    """Return the share of the picture that a face's box covers."""
    return float(detail["BoundingBox"]["Width"] * detail["BoundingBox"]["Height"])


def _image(operation: str) -> tuple[Usage, ...]:
    return (Usage(service="rekognition", item=operation, unit="image", amount=1),)
