"""Frames of a season, drawn when they are read: a few coloured blocks, other ones in each.

Their keys say the film and the number of the frame. Blocks make small files of small pictures.
"""

from __future__ import annotations

import hashlib

import cv2
import numpy as np

from storyboard_ops.core.pictures.codec import encode_png

#: Part of the keys of all frames.
FRAMES = "/drawn-frames/"
#: Pixels of a frame: as small as crops allow.
WIDTH, HEIGHT = 480, 270
#: Shape of a generated picture.
PICTURE = (16, 12, 3)
#: Blocks of a frame, in width and height, and the colours of each.
BLOCKS, COLOURS = (16, 9), 4


def frame_key(film: int, k: int) -> str:
    """Return the key of a frame, in the workspace."""
    return f"library{FRAMES}{film:04d}/{k:07d}.png"


def draw_frame(key: str) -> bytes:
    """Return the PNG of a frame; equal keys give equal bytes."""
    seed = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big")
    blocks = np.random.default_rng(seed).integers(0, COLOURS, (BLOCKS[1], BLOCKS[0], 3))
    colours = (blocks * (255 // (COLOURS - 1))).astype(np.uint8)
    drawn = cv2.resize(colours, (WIDTH, HEIGHT), interpolation=cv2.INTER_NEAREST)
    return encode_png(np.asarray(drawn, np.uint8))


def draw_picture(key: str) -> bytes:
    """Return the PNG of a picture of a character, which differs from key to key."""
    seed = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
    return encode_png(np.random.default_rng(seed).integers(0, 256, PICTURE, np.uint8))
