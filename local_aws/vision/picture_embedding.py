"""A picture as one vector, computed from its pixels, in place of an embedding model.

Pictures of the same moment (other JPEG quality, size, light, a small logo, the next frame) point
the same way, pictures of different shots do not. The vector has no notion of meaning: two pictures
of one character in two shots are unrelated, and a mirror image or a 10 % crop counts as another
picture.

The 1,024 values are four blocks of unit length times a fixed weight, the whole of unit length:

    luma    256  16 x 16 lowest cosine frequencies of brightness (the mean left out)
    chroma  128   8 x 8 lowest cosine frequencies of each of Cr and Cb
    edges   512   8 x 8 cells of 8 gradient orientations (Dalal and Triggs, CVPR 2005)
    colour  128   histogram of 8 hues x 4 saturations x 4 values
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from local_aws.vision.picture_codec import Floats, Pixels

Vector = Floats

DIMENSION = 1024
CANVAS = 128
BLOCK_WEIGHTS = {"luma": 1.0, "chroma": 0.8, "edges": 0.75, "colour": 0.5}
PROJECTION_SEED = 1024


def embed_picture(pixels: Pixels) -> Vector:
    """Return 1,024 values of Euclidean length 1 for a BGR picture of any size."""
    canvas = cv2.resize(pixels, (CANVAS, CANVAS), interpolation=cv2.INTER_AREA)
    luma_chroma = cv2.cvtColor(canvas, cv2.COLOR_BGR2YCrCb).astype(np.float32)
    blocks = {
        "luma": _compute_frequencies(luma_chroma[:, :, 0], 16, drop_mean=True),
        "chroma": np.concatenate(
            [_compute_frequencies(luma_chroma[:, :, channel] - 128.0, 8) for channel in (1, 2)]
        ),
        "edges": _compute_edges(luma_chroma[:, :, 0]),
        "colour": _compute_colours(canvas),
    }
    return _normalize(
        np.concatenate([BLOCK_WEIGHTS[name] * _normalize(blocks[name]) for name in blocks])
    )


def resize_embedding(vector: Vector, dimension: int) -> Vector:
    """Return `vector` with `dimension` values, again of length 1.

    Fewer values: a subsampled randomised Hadamard transform (Ailon and Chazelle, 2009) with
    fixed signs, which keeps cosines to about (1 - cosine^2) / sqrt(dimension). More values:
    the vector is repeated, which keeps cosines exactly; `dimension` is then a multiple of 1,024.
    """
    if dimension >= DIMENSION:
        return _normalize(np.tile(vector, dimension // DIMENSION))
    return _normalize(_transform(vector * _random_signs())[:dimension])


def average_embeddings(vectors: list[Vector]) -> Vector:
    """Return the direction halfway between the vectors, of length 1."""
    return _normalize(np.mean(vectors, axis=0))


def embed_words(text: str) -> Vector:
    """Return 1,024 values of length 1 for a text: its words hashed to signed positions.

    Texts that share words are similar. It shares no meaning with the picture embedding.
    """
    vector = np.zeros(DIMENSION, np.float32)
    for word in text.lower().split():
        generator = np.random.default_rng(list(word.encode()))
        vector[generator.integers(0, DIMENSION, 8)] += generator.choice((-1.0, 1.0), 8)
    return _normalize(vector)


def _compute_frequencies(plane: Floats, side: int, drop_mean: bool = False) -> Vector:
    frequencies = cv2.dct(plane)[:side, :side].copy()
    if drop_mean:
        frequencies[0, 0] = 0.0
    # Low frequencies dominate the others; the square root balances them.
    return (np.sign(frequencies) * np.sqrt(np.abs(frequencies))).ravel()


def _compute_edges(luma: Floats, cells: int = 8, orientations: int = 8) -> Vector:
    smooth = cv2.GaussianBlur(luma, (0, 0), 1.5)
    magnitude, angle = cv2.cartToPolar(
        cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    )
    position = (angle % np.pi) * (orientations / np.pi)
    maps = []
    for orientation in range(orientations):
        distance = np.abs(position - orientation)
        share = np.clip(1.0 - np.minimum(distance, orientations - distance), 0.0, None)
        maps.append(cv2.resize(magnitude * share, (cells, cells), interpolation=cv2.INTER_AREA))
    histogram = np.sqrt(np.stack(maps, axis=-1))
    centred: Vector = (histogram - histogram.mean()).ravel()
    return centred


def _compute_colours(canvas: Pixels) -> Vector:
    hsv = cv2.cvtColor(cv2.GaussianBlur(canvas, (0, 0), 2), cv2.COLOR_BGR2HSV)
    counts = cv2.calcHist([hsv], [0, 1, 2], None, [8, 4, 4], [0, 180, 0, 256, 0, 256])
    histogram = np.sqrt(counts.ravel() / hsv[:, :, 0].size)
    centred: Vector = histogram - histogram.mean()
    return centred


def _normalize(vector: Floats) -> Vector:
    length = float(np.linalg.norm(vector))
    return (vector / length if length > 0 else vector).astype(np.float32)


@lru_cache(maxsize=1)
def _random_signs() -> Vector:
    generator = np.random.default_rng(PROJECTION_SEED)
    return generator.choice((-1.0, 1.0), DIMENSION).astype(np.float32)


def _transform(vector: Vector) -> Vector:
    result, half = vector.reshape(1, -1), DIMENSION // 2
    while half:
        pairs = result.reshape(-1, 2, half)
        result = np.concatenate([pairs[:, 0] + pairs[:, 1], pairs[:, 0] - pairs[:, 1]], axis=1)
        half //= 2
    return result.ravel()
