"""Build the requests and read the answers of each embedding model.

A picture is sent without text: models average the two. Vectors have 1,024 values.

Sources: Amazon Titan Multimodal Embeddings G1, Amazon Bedrock user guide; Amazon Nova Multimodal
Embeddings, Amazon Nova user guide.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from storyboard_ops.domain.error_tree import AnswerUnusable, SettingsError

DIMENSIONS = 1_024
#: Largest value of float32, in which vectors are compared.
LARGEST = 3.4028234663852886e38


@dataclass(frozen=True)
class EmbeddingForm:
    """Functions that build a request from encoded picture bytes, and read the answer's vector."""

    body: Callable[[bytes], dict[str, Any]]
    vector: Callable[[dict[str, Any]], Any]  # None when there is none, see check_vector


def embedding_form(model_id: str) -> EmbeddingForm:
    """Return the form of a model; its id may have a region prefix, as inference profiles do.

    Raises SettingsError naming the models whose form is known.
    """
    for name, form in FORMS.items():
        if name in model_id:
            return form
    raise SettingsError(
        f"Parameter 'embedding_model_id': the request form of {model_id!r} is not known; "
        f"use one of {', '.join(FORMS)}."
    )


def check_vector(vector: Any) -> None:
    """Raise AnswerUnusable unless an answer is DIMENSIONS finite numbers."""
    if not isinstance(vector, list) or len(vector) != DIMENSIONS:
        count = len(vector) if isinstance(vector, list) else "no"
        raise AnswerUnusable(
            f"The embedding has {count} values; {DIMENSIONS:,} are needed. Clear the task to retry."
        )
    if not all(type(value) in (int, float) and abs(value) <= LARGEST for value in vector):
        raise AnswerUnusable("The embedding has values that are not finite numbers.")


def picture_format(picture: bytes) -> str:
    """Return Bedrock's name for the format of encoded bytes: png or jpeg."""
    return "png" if picture.startswith(b"\x89PNG") else "jpeg"


def _titan_body(picture: bytes) -> dict[str, Any]:
    return {
        "inputImage": _base64(picture),
        "embeddingConfig": {"outputEmbeddingLength": DIMENSIONS},
    }


def _nova_body(picture: bytes) -> dict[str, Any]:
    # CLUSTERING: pictures are compared with each other, never searched by text.
    image = {
        "detailLevel": "STANDARD_IMAGE",
        "format": picture_format(picture),
        "source": {"bytes": _base64(picture)},
    }
    parameters = {
        "embeddingPurpose": "CLUSTERING",
        "embeddingDimension": DIMENSIONS,
        "image": image,
    }
    return {"taskType": "SINGLE_EMBEDDING", "singleEmbeddingParams": parameters}


def _nova_vector(answer: dict[str, Any]) -> Any:
    match answer.get("embeddings"):
        case [{"embedding": vector}, *_]:
            return vector
    return None


def _base64(picture: bytes) -> str:
    return base64.b64encode(picture).decode()


FORMS = {
    "amazon.titan-embed-image-v1": EmbeddingForm(
        _titan_body, lambda answer: answer.get("embedding")
    ),
    "amazon.nova-2-multimodal-embeddings-v1": EmbeddingForm(_nova_body, _nova_vector),
}
