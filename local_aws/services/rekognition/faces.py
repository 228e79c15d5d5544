"""Rekognition faces: detection, collections, and search by appearance.

Implemented: `vision.face_finder` finds faces; a face is stored as the embedding of its crop, and
two faces are compared by cosine. IndexFaces skips blurred faces. Collections, their limits and
their errors are the service's.
Not implemented: recognition of persons. The comparison works within a shot or for the same picture,
not across poses and light; FaceDetail has no landmarks, pose, age or expression.

Source: Searching faces in a collection, Amazon Rekognition developer guide.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import cv2
import numpy as np

from local_aws.operations.context import Answer, Context, Request
from local_aws.operations.resource_pages import cut_page
from local_aws.protocol.errors import ServiceError
from local_aws.services.rekognition.images import InputImage, read_image
from local_aws.storage.state_store import Document
from local_aws.vision.face_finder import FoundObject, find_faces
from local_aws.vision.picture_cache import answers
from local_aws.vision.picture_codec import Pixels
from local_aws.vision.picture_embedding import embed_picture

COLLECTION = "rekognition-collection"
FACE_KIND = "rekognition-faces"
MODEL_VERSION = "7.0"
DEFAULT_THRESHOLD = 80.0
DEFAULT_MATCHES = 80
MOST_INDEXED = 100
LARGEST_PAGE = 4096
#: A face below it is too blurred for IndexFaces; AWS does not publish its threshold.
LEAST_SHARPNESS = 15.0
FACE_MARGIN = 0.2
NAMESPACE = uuid.UUID("6f1c1b2e-6d0e-4c65-9d0a-5d3a0f9d7a11")


def detect_faces(request: Request, context: Context) -> Answer:
    """Return boxes, confidence and quality of up to 100 faces, the largest first."""
    image = read_image(request["Image"], context)
    context.meter.record("rekognition", "DetectFaces", {"image": 1})
    return {
        "FaceDetails": [
            _describe_detail(image, face) for face in _find_sorted_faces(image)[:MOST_INDEXED]
        ]
    }


def create_collection(request: Request, context: Context) -> Answer:
    """Create an empty collection."""
    name = request["CollectionId"]
    document = {
        "id": name,
        "arn": f"arn:aws:rekognition:{context.region}:{context.account_id}:collection/{name}",
        "created": context.now().isoformat(),
        "tags": request.get("Tags", {}),
    }
    if not context.state.create(COLLECTION, name, document):
        raise ServiceError(
            "ResourceAlreadyExistsException", f"The collection id: {name} already exists"
        )
    return {
        "StatusCode": 200,
        "CollectionArn": document["arn"].removeprefix("arn:"),
        "FaceModelVersion": MODEL_VERSION,
    }


def describe_collection(request: Request, context: Context) -> Answer:
    """Return the collection's ARN, face count and creation time."""
    collection = _require(request, context)
    return {
        "FaceCount": len(_read_faces(context, collection["id"])),
        "FaceModelVersion": MODEL_VERSION,
        "CollectionARN": collection["arn"],
        "CreationTimestamp": datetime.fromisoformat(collection["created"]),
        "UserCount": 0,
    }


def list_collections(request: Request, context: Context) -> Answer:
    """List the ids of collections, in order."""
    names = sorted(document["id"] for document in context.state.list(COLLECTION))
    page, token = cut_page(names, request, LARGEST_PAGE)
    versions = [MODEL_VERSION] * len(page)
    return {"CollectionIds": page, "FaceModelVersions": versions, **token}


def delete_collection(request: Request, context: Context) -> Answer:
    """Delete a collection with its faces."""
    collection = _require(request, context)
    with context.state.transaction():
        context.state.delete(COLLECTION, collection["id"])
        context.state.delete(FACE_KIND, collection["id"])
    return {"StatusCode": 200}


def index_faces(request: Request, context: Context) -> Answer:
    """Store the largest MaxFaces of the sharp faces.

    The same face of the same picture with the same ExternalImageId is stored once.
    """
    collection = _require(request, context)
    image = read_image(request["Image"], context)
    context.meter.record("rekognition", "IndexFaces", {"image": 1})
    unfit = [] if request.get("QualityFilter") == "NONE" else _find_blurred(image)
    faces = [face for face in _find_sorted_faces(image) if face not in unfit]
    most = min(request.get("MaxFaces", MOST_INDEXED), MOST_INDEXED)
    external = request.get("ExternalImageId")
    kept = [_make_record(image, face, collection["id"], external) for face in faces[:most]]
    with context.state.transaction():
        stored = {each["face_id"]: each for each in _read_faces(context, collection["id"])}
        stored |= {record["face_id"]: record for record in kept}
        context.state.put(FACE_KIND, collection["id"], {"faces": list(stored.values())})
    left_out = {"LOW_SHARPNESS": unfit, "EXCEEDS_MAX_FACES": faces[most:]}
    return {
        "FaceRecords": [
            {"Face": _describe_face(record), "FaceDetail": _describe_detail(image, face)}
            for record, face in zip(kept, faces, strict=False)
        ],
        "FaceModelVersion": MODEL_VERSION,
        "UnindexedFaces": [
            {"Reasons": [reason], "FaceDetail": _describe_detail(image, face)}
            for reason, found in left_out.items()
            for face in found
        ],
    }


def list_faces(request: Request, context: Context) -> Answer:
    """List the faces of a collection, or those of FaceIds in it."""
    collection = _require(request, context)
    wanted = request.get("FaceIds")
    faces = [
        _describe_face(record)
        for record in _read_faces(context, collection["id"])
        if wanted is None or record["face_id"] in wanted
    ]
    page, token = cut_page(faces, request, LARGEST_PAGE)
    return {"Faces": page, "FaceModelVersion": MODEL_VERSION, **token}


def delete_faces(request: Request, context: Context) -> Answer:
    """Delete faces; unknown ids are reported in the answer."""
    collection = _require(request, context)
    wanted = set(request["FaceIds"])
    with context.state.transaction():
        records = _read_faces(context, collection["id"])
        kept = [record for record in records if record["face_id"] not in wanted]
        context.state.put(FACE_KIND, collection["id"], {"faces": kept})
    deleted = [record["face_id"] for record in records if record["face_id"] in wanted]
    missing = [
        {"FaceId": face_id, "Reasons": ["FACE_NOT_FOUND"]}
        for face_id in request["FaceIds"]
        if face_id not in deleted
    ]
    return {
        **({"DeletedFaces": deleted} if deleted else {}),  # the model does not allow an empty list
        "UnsuccessfulFaceDeletions": missing,
    }


def search_faces_by_image(request: Request, context: Context) -> Answer:
    """Search the largest face of a picture in a collection.

    Raises:
        ServiceError: InvalidParameterException if the picture shows no face.
    """
    collection = _require(request, context)
    image = read_image(request["Image"], context)
    context.meter.record("rekognition", "SearchFacesByImage", {"image": 1})
    faces = _find_sorted_faces(image)
    if not faces:
        raise ServiceError("InvalidParameterException", "There are no faces in the image.")
    records = _read_faces(context, collection["id"])
    return {
        "SearchedFaceBoundingBox": image.ratios(*faces[0].box),
        "SearchedFaceConfidence": 100 * faces[0].confidence,
        "FaceMatches": _find_matches(_embed_face(image, faces[0]), records, request),
        "FaceModelVersion": MODEL_VERSION,
    }


def similarity(first: np.ndarray, second: np.ndarray) -> float:
    """Return the similarity 0..100 of two face embeddings: 100 equal, 50 unrelated."""
    return float(50.0 * (1.0 + np.dot(first, second)))


def _find_sorted_faces(image: InputImage) -> list[FoundObject]:
    return answers.get(("faces", image.sha256), lambda: find_faces(image.pixels()))


def _find_blurred(image: InputImage) -> list[FoundObject]:
    def sharpness(face: FoundObject) -> float:
        return float(_describe_detail(image, face)["Quality"]["Sharpness"])

    return [face for face in _find_sorted_faces(image) if sharpness(face) < LEAST_SHARPNESS]


def _crop_face(pixels: Pixels, face: FoundObject) -> Pixels:
    left, top, width, height = face.box
    rows = slice(max(0, round(top - FACE_MARGIN * height)), round(top + (1 + FACE_MARGIN) * height))
    columns = slice(
        max(0, round(left - FACE_MARGIN * width)), round(left + (1 + FACE_MARGIN) * width)
    )
    return pixels[rows, columns]


def _embed_face(image: InputImage, face: FoundObject) -> np.ndarray:
    key = ("face-embedding", image.sha256, repr(face.box))
    return answers.get(key, lambda: embed_picture(_crop_face(image.pixels(), face)))


def _describe_detail(image: InputImage, face: FoundObject) -> dict[str, Any]:
    key = ("face-quality", image.sha256, repr(face.box))
    return {
        "BoundingBox": image.ratios(*face.box),
        "Confidence": 100 * face.confidence,
        "Quality": answers.get(key, lambda: _measure_quality(_crop_face(image.pixels(), face))),
    }


def _measure_quality(crop: Pixels) -> dict[str, float]:
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    sharpness = np.log1p(cv2.Laplacian(grey, cv2.CV_32F).var()) / np.log(1e4)
    return {
        "Brightness": float(100 * grey.mean() / 255),
        "Sharpness": float(100 * min(1.0, sharpness)),
    }


def _make_record(
    image: InputImage, face: FoundObject, collection: str, external: str | None
) -> Document:
    identity = f"{collection} {image.sha256} {face.box} {external}"
    return {
        "face_id": str(uuid.uuid5(NAMESPACE, identity)),
        "image_id": str(uuid.uuid5(NAMESPACE, image.sha256)),
        "external": external,
        "box": image.ratios(*face.box),
        "confidence": 100 * face.confidence,
        "embedding": [round(float(value), 6) for value in _embed_face(image, face)],
    }


def _describe_face(record: Document) -> dict[str, Any]:
    face = {
        "FaceId": record["face_id"],
        "BoundingBox": record["box"],
        "ImageId": record["image_id"],
        "Confidence": record["confidence"],
        "IndexFacesModelVersion": MODEL_VERSION,
    }
    if record["external"] is not None:
        face["ExternalImageId"] = record["external"]
    return face


def _find_matches(
    embedding: np.ndarray, records: Iterable[Document], request: Request
) -> list[dict[str, Any]]:
    threshold = request.get("FaceMatchThreshold", DEFAULT_THRESHOLD)
    scored = [(similarity(embedding, np.array(record["embedding"])), record) for record in records]
    close = [(score, record) for score, record in scored if score >= threshold]
    close.sort(key=lambda pair: -pair[0])
    most = request.get("MaxFaces", DEFAULT_MATCHES)
    return [{"Similarity": score, "Face": _describe_face(record)} for score, record in close[:most]]


def _require(request: Request, context: Context) -> Document:
    collection = context.state.get(COLLECTION, request["CollectionId"])
    if collection is None:
        raise ServiceError(
            "ResourceNotFoundException",
            f"The collection id: {request['CollectionId']} does not exist",
        )
    return collection


def _read_faces(context: Context, collection: str) -> list[Document]:
    document = context.state.get(FACE_KIND, collection)
    return [] if document is None else list(document["faces"])
