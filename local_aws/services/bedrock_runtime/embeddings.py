"""InvokeModel of the embedding models: Titan Multimodal Embeddings G1, Nova Multimodal Embeddings.

Implemented: request and answer forms, limits and errors of the models for one picture and 1,024
values: the vector of `vision.picture_embedding`.
Not implemented: other dimensions, pictures in S3, and text, video, audio and document input; all
are rejected.

Sources: Amazon Titan Multimodal Embeddings G1 and Amazon Nova Multimodal Embeddings, Amazon
Bedrock and Amazon Nova user guides.
"""

from typing import Any, Literal

from pydantic import Field

from local_aws.operations.context import Context
from local_aws.services.bedrock.model_catalogue import FoundationModel
from local_aws.services.bedrock_runtime.bodies import (
    Base64Bytes,
    StrictBody,
    check_picture,
    parse_body,
    read_picture,
)
from local_aws.vision.picture_cache import answers, content_hash
from local_aws.vision.picture_embedding import Vector, embed_picture

TITAN = "amazon.titan-embed-image-v1"
NOVA = "amazon.nova-2-multimodal-embeddings-v1:0"


class TitanConfig(StrictBody):
    """`embeddingConfig` of a Titan body."""

    output_embedding_length: Literal[1024] = Field(1024, alias="outputEmbeddingLength")


class TitanBody(StrictBody):
    """Body of amazon.titan-embed-image-v1."""

    image: Base64Bytes = Field(alias="inputImage")
    config: TitanConfig = Field(TitanConfig(), alias="embeddingConfig")


class PictureSource(StrictBody):
    """`source` of a Nova picture."""

    data: Base64Bytes = Field(alias="bytes")


class NovaPicture(StrictBody):
    """`image` of a Nova embedding request."""

    detail: Literal["STANDARD_IMAGE", "DOCUMENT_IMAGE"] = Field(
        "STANDARD_IMAGE", alias="detailLevel"
    )
    format: Literal["png", "jpeg", "gif", "webp"]
    source: PictureSource


class NovaParameters(StrictBody):
    """`singleEmbeddingParams`; the model's own default dimension is 3072."""

    purpose: Literal[
        "GENERIC_INDEX",
        "GENERIC_RETRIEVAL",
        "TEXT_RETRIEVAL",
        "IMAGE_RETRIEVAL",
        "VIDEO_RETRIEVAL",
        "DOCUMENT_RETRIEVAL",
        "AUDIO_RETRIEVAL",
        "CLASSIFICATION",
        "CLUSTERING",
    ] = Field(alias="embeddingPurpose")
    dimension: Literal[1024] = Field(alias="embeddingDimension")
    image: NovaPicture


class NovaBody(StrictBody):
    """Body of amazon.nova-2-multimodal-embeddings-v1:0."""

    version: Literal["nova-multimodal-embed-v1"] = Field(
        "nova-multimodal-embed-v1", alias="schemaVersion"
    )
    task: Literal["SINGLE_EMBEDDING"] = Field(alias="taskType")
    parameters: NovaParameters = Field(alias="singleEmbeddingParams")


def answer_titan(raw: bytes, model: FoundationModel, context: Context) -> dict[str, Any]:
    """Return Titan's answer: the `embedding` of the picture."""
    vector = _embed_file(parse_body(raw, TitanBody).image, ("png", "jpeg"), model)
    context.meter.record("bedrock", "InvokeModel", {"image": 1}, resource=TITAN)
    return {"embedding": vector.tolist(), "inputTextTokenCount": 0}


def answer_nova(raw: bytes, model: FoundationModel, context: Context) -> dict[str, Any]:
    """Return Nova's answer: `embeddings` with one embedding and its type."""
    image = parse_body(raw, NovaBody).parameters.image
    vector = _embed_file(image.source.data, (image.format,), model)
    context.meter.record("bedrock", "InvokeModel", {"image": 1}, resource=NOVA)
    return {"embeddings": [{"embeddingType": "IMAGE", "embedding": vector.tolist()}]}


def _embed_file(data: bytes, formats: tuple[str, ...], model: FoundationModel) -> Vector:
    """Return the embedding of a picture file within the limits of the model."""

    def compute() -> tuple[Vector, tuple[int, int]]:
        pixels = read_picture(data, formats, "The input image")
        return embed_picture(pixels), (pixels.shape[0], pixels.shape[1])

    key = ("embedding", content_hash(data), ",".join(formats))
    vector, (height, width) = answers.get(key, compute)
    assert model.limits is not None, model.id
    check_picture(data, height, width, model.limits)
    return vector
