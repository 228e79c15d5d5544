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

from storyboard_ops.domain.error_tree import SettingsError

DIMENSIONS = 1_024


@dataclass(frozen=True)
class EmbeddingForm:
    """Functions that build a request from encoded picture bytes, and read the answer's vector."""

    body: Callable[[bytes], dict[str, Any]]
    vector: Callable[[dict[str, Any]], list[float]]


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


def _base64(picture: bytes) -> str:
    return base64.b64encode(picture).decode()


FORMS = {
    "amazon.titan-embed-image-v1": EmbeddingForm(_titan_body, lambda answer: answer["embedding"]),
    "amazon.nova-2-multimodal-embeddings-v1": EmbeddingForm(
        _nova_body, lambda answer: answer["embeddings"][0]["embedding"]
    ),
}
