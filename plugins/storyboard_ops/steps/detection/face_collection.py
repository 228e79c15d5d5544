"""Build the face collection of a production from its reference pictures, or adopt it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import partial

from storyboard_ops.core.pictures.codec import fitting_jpeg
from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.detection.detector_facts import (
    DetectorOrigin,
    FaceCollection,
    UnusableReference,
)
from storyboard_ops.domain.error_tree import NotFinished, ProductionError
from storyboard_ops.domain.manifest_codec import sha256_hex
from storyboard_ops.domain.production_sheet import NONE_OF_THEM
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.domain.training.model_facts import ClaimKind
from storyboard_ops.gateways.detection.rekognition_faces import CollectionState, RekognitionFaces
from storyboard_ops.gateways.models.limits_file import operation_limits
from storyboard_ops.steps.detection.names import collection_name
from storyboard_ops.steps.detection.origin import confirm_origin
from storyboard_ops.steps.detection.users import join
from storyboard_ops.steps.money.claims import announce, claim, lease_until
from storyboard_ops.steps.run.service_wait import wait_for
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)

COLLECTION: ClaimKind = "face collection"
RECORD = "detectors/faces.json"
#: Version of the indexing question; a new version indexes every picture again.
INDEXING_VERSION = 2
#: Time until a new collection is found.
LISTED_SECONDS = 60
#: Detectors that can identify a character whose face cannot be found.
WITHOUT_FACES = frozenset({"multimodal", "custom_labels"})


def build_collection(tools: ToolBox[RunSettings]) -> FaceCollection:
    """Build the production's face collection; one of an earlier try or run is adopted.

    A reference picture without a face is recorded with the reason. Raises ProductionError when
    Rekognition would index a smaller face than the largest of a picture, or when a character has no
    face and no other detector of the run could identify it; NotFinished when the collection does
    not appear.
    """
    name = collection_name(tools)
    faces = RekognitionFaces(tools.paced_client("rekognition"))
    announce(tools, COLLECTION, name)
    join(tools, name)
    found = faces.find_collection(name)
    if found is None:
        claim(tools, COLLECTION, name)
        # Kept for the next run unless keep_model is off: it costs next to nothing.
        faces.create_collection(name, lease_until(tools, None))
        found = wait_for(lambda: faces.find_collection(name), LISTED_SECONDS)
    if found is None:
        raise NotFinished(
            f"Face collection {name} was created but is not found; clear prepare_detectors."
        )
    origin = DetectorOrigin(arn=found.arn, created_at=found.created_at)
    confirm_origin(tools, COLLECTION, name, origin, lambda: [faces.tags(origin.arn)])
    with tools.booking("face-collection"):
        collection = _index_references(tools, faces, found)
    tools.write_record(RECORD, collection)
    _check_mistaken(collection)
    _check_faceless(tools, collection)
    return collection


def _index_references(
    tools: ToolBox[RunSettings], faces: RekognitionFaces, collection: CollectionState
) -> FaceCollection:
    """Index every reference picture once."""
    indexed: dict[str, int] = {}
    unusable: list[UnusableReference] = []
    mistaken: list[UnusableReference] = []
    for character, number, picture in _pictures(tools):
        answer = tools.answers.ask(
            "rekognition.index_faces",
            # A recreated collection is empty; its time of creation distinguishes it.
            digest_of(
                INDEXING_VERSION,
                collection.name,
                collection.created_at,
                character,
                sha256_hex(picture),
            ),
            partial(faces.index, collection.name, picture, character),
        )
        indexed[character] = indexed.get(character, 0) + answer["faces"]
        reason = ", ".join(answer["reasons"]) or "no face was found"
        reference = UnusableReference(character=character, number=number, reason=reason)
        if not answer["faces"]:
            unusable.append(reference)
            log.warning("Reference picture %d of %s is left out: %s.", number, character, reason)
        # For strangers any face will do.
        if answer["bystanders"] and character != NONE_OF_THEM:
            faces.delete_faces(collection.name, answer["bystanders"])
            indexed[character] -= len(answer["bystanders"])
            mistaken.append(reference)
    return FaceCollection(
        name=collection.name, faces=indexed, unusable=tuple(unusable), mistaken=tuple(mistaken)
    )


def _pictures(tools: ToolBox[RunSettings]) -> Iterator[tuple[str, int, bytes]]:
    strangers = {NONE_OF_THEM: tools.strangers} if tools.strangers else {}
    for character, pictures in {**tools.references, **strangers}.items():
        if character in tools.production.props:  # has no face
            continue
        for number, picture in enumerate(pictures, start=1):
            yield character, number, fitting_jpeg(picture, operation_limits("IndexFaces"))


def _check_mistaken(collection: FaceCollection) -> None:
    if not collection.mistaken:
        return
    named = ", ".join(f"{one.number} of {one.character!r}" for one in collection.mistaken)
    reasons = ", ".join(sorted({one.reason for one in collection.mistaken}))
    raise ProductionError(
        f"Rekognition would take a smaller face for the character's in reference picture {named}; "
        f"it does not use the largest: {reasons}. Cut the picture to the character, or give one in "
        "which its face is sharp and the largest, and start a new run."
    )


def _check_faceless(tools: ToolBox[RunSettings], collection: FaceCollection) -> None:
    faceless = [
        name for name, count in collection.faces.items() if not count and name != NONE_OF_THEM
    ]
    if not faceless:
        return
    names = ", ".join(map(repr, faceless))
    finding = f"No reference picture of {names} shows a face that Rekognition can find."
    if WITHOUT_FACES & set(tools.settings.detectors):
        log.warning("%s The other detectors must identify them.", finding)
        return
    raise ProductionError(
        f"{finding} Add one to the production file, seen from the front and at least 80 px a "
        "side; or add multimodal or custom_labels to the parameter detectors. Rekognition's face "
        "operations do not support drawn and animated faces."
    )
