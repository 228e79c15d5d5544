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

import cv2
import numpy as np

from local_aws.vision.picture_codec import Floats, Pixels

Vector = Floats

CANVAS = 128
BLOCK_WEIGHTS = {"luma": 1.0, "chroma": 0.8, "edges": 0.75, "colour": 0.5}


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
