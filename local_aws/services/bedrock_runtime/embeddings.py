"""InvokeModel of the embedding models: Titan Multimodal Embeddings G1, Nova Multimodal Embeddings.

Implemented: request and answer forms, limits and errors of the models; a picture becomes the vector
of `vision.picture_embedding`.
Not implemented: meaning of texts: a text becomes hashed words, so a text and a picture of the same
thing are unrelated; video, audio and document input are rejected.

Sources: Amazon Titan Multimodal Embeddings G1 and Amazon Nova Multimodal Embeddings, Amazon
Bedrock and Amazon Nova user guides.
"""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from local_aws.operations.context import Context
from local_aws.protocol.errors import ServiceError
from local_aws.services.bedrock_runtime.bodies import (
    CODE,
    Base64Bytes,
    StrictBody,
    parse_body,
    read_picture,
    read_s3_object,
)
from local_aws.vision.picture_cache import answers, content_hash
from local_aws.vision.picture_embedding import (
    Vector,
    average_embeddings,
    embed_picture,
    embed_words,
    resize_embedding,
)

TITAN = "amazon.titan-embed-image-v1"
NOVA = "amazon.nova-2-multimodal-embeddings-v1:0"

TITAN_LONGEST_SIDE = 2048
TITAN_MOST_BYTES = 5 * 1024 * 1024
TITAN_MOST_TOKENS = 256
CHARACTERS_PER_TOKEN = 4


class TitanConfig(StrictBody):
    """`embeddingConfig` of a Titan body."""

    output_embedding_length: Literal[256, 384, 1024] = Field(1024, alias="outputEmbeddingLength")


class TitanBody(StrictBody):
    """Body of amazon.titan-embed-image-v1."""

    text: str | None = Field(None, alias="inputText", min_length=1)
    image: Base64Bytes | None = Field(None, alias="inputImage")
    config: TitanConfig = Field(TitanConfig(), alias="embeddingConfig")

    @model_validator(mode="after")
    def _has_input(self) -> Self:
        if self.text is None and self.image is None:
            raise ValueError("required key [inputText] or [inputImage] not found")
        return self


class S3Location(StrictBody):
    """The location of a picture in S3."""

    uri: str
    bucket_owner: str | None = Field(None, alias="bucketOwner")


class PictureSource(StrictBody):
    """`source` of a Nova picture: one of the two members."""

    data: Base64Bytes | None = Field(None, alias="bytes")
    s3_location: S3Location | None = Field(None, alias="s3Location")

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.data is None) == (self.s3_location is None):
            raise ValueError("exactly one of [bytes, s3Location] is required")
        return self


class NovaPicture(StrictBody):
    """`image` of a Nova embedding request."""

    detail: Literal["STANDARD_IMAGE", "DOCUMENT_IMAGE"] = Field(
        "STANDARD_IMAGE", alias="detailLevel"
    )
    format: Literal["png", "jpeg", "gif", "webp"]
    source: PictureSource


class NovaText(StrictBody):
    """`text` of a Nova embedding request."""

    truncation: Literal["START", "END", "NONE"] = Field(alias="truncationMode")
    value: str = Field(min_length=1, max_length=8192)


class NovaParameters(StrictBody):
    """`singleEmbeddingParams`: one picture or one text."""

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
    dimension: Literal[256, 384, 1024, 3072] = Field(3072, alias="embeddingDimension")
    image: NovaPicture | None = None
    text: NovaText | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.image is None) == (self.text is None):
            raise ValueError("exactly one of [text, image] is required by the local endpoint")
        return self


class NovaBody(StrictBody):
    """Body of amazon.nova-2-multimodal-embeddings-v1:0."""

    version: Literal["nova-multimodal-embed-v1"] = Field(
        "nova-multimodal-embed-v1", alias="schemaVersion"
    )
    task: Literal["SINGLE_EMBEDDING"] = Field(alias="taskType")
    parameters: NovaParameters = Field(alias="singleEmbeddingParams")


def answer_titan(raw: bytes, context: Context) -> dict[str, Any]:
    """Return Titan's answer: the `embedding`, text and picture averaged, and the text's tokens."""
    body = parse_body(raw, TitanBody)
    tokens = -(-len(body.text or "") // CHARACTERS_PER_TOKEN)
    if tokens > TITAN_MOST_TOKENS:
        raise ServiceError(
            CODE, f"Too many input tokens. Max input tokens: {TITAN_MOST_TOKENS}, got {tokens}."
        )
    vectors = []
    if body.image is not None:
        vectors.append(_embed_file(body.image, ("png", "jpeg"), _require_titan_size))
    if body.text is not None:
        vectors.append(embed_words(body.text))
    vector = resize_embedding(average_embeddings(vectors), body.config.output_embedding_length)
    units = {"image": 1.0} if body.image is not None else {"input_token": float(tokens)}
    context.meter.record("bedrock", "InvokeModel", units, resource=TITAN)
    return {"embedding": vector.tolist(), "inputTextTokenCount": tokens}


def answer_nova(raw: bytes, context: Context) -> dict[str, Any]:
    """Return Nova's answer: `embeddings` with one embedding and its type."""
    parameters = parse_body(raw, NovaBody).parameters
    if parameters.image is not None:
        kind, units = "IMAGE", {"image": 1.0}
        source = parameters.image.source
        data = source.data if source.data is not None else _read_located(source, context)
        vector = _embed_file(data, (parameters.image.format,))
    else:
        assert parameters.text is not None
        kind = "TEXT"
        units = {"input_token": -(-len(parameters.text.value) // CHARACTERS_PER_TOKEN)}
        vector = embed_words(parameters.text.value)
    context.meter.record("bedrock", "InvokeModel", units, resource=NOVA)
    resized = resize_embedding(vector, parameters.dimension)
    return {"embeddings": [{"embeddingType": kind, "embedding": resized.tolist()}]}


def _read_located(source: PictureSource, context: Context) -> bytes:
    assert source.s3_location is not None
    return read_s3_object(context, source.s3_location.uri)


def _require_titan_size(data: bytes, height: int, width: int) -> None:
    if len(data) > TITAN_MOST_BYTES:
        raise ServiceError(
            CODE, f"The picture has {len(data)} bytes; the most is {TITAN_MOST_BYTES}."
        )
    if max(height, width) > TITAN_LONGEST_SIDE:
        raise ServiceError(
            CODE,
            f"The picture is {width} x {height} pixels; "
            f"the most is {TITAN_LONGEST_SIDE} x {TITAN_LONGEST_SIDE}.",
        )


def _allow_any_size(data: bytes, height: int, width: int) -> None:
    pass


def _embed_file(data: bytes, formats: tuple[str, ...], require: Any = _allow_any_size) -> Vector:
    def compute() -> tuple[Vector, tuple[int, int]]:
        pixels = read_picture(data, formats, "The input image")
        return embed_picture(pixels), (pixels.shape[0], pixels.shape[1])

    key = ("embedding", content_hash(data), ",".join(formats))
    vector, (height, width) = answers.get(key, compute)
    require(data, height, width)
    result: Vector = vector
    return result
