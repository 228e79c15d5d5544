"""Recognize names of image sequences, which are not read."""

from __future__ import annotations

import re

#: The number of a picture, as tools write it: %04d, ####, [0001-0100], or any.
_NUMBER = r"(%0?\d*d|#+|\*|\[\d+-\d+\]|\{\d+\.\.\d+\})"
_PICTURE = r"\.(png|jpe?g|tiff?|dpx|exr|tga|bmp|webp|sgi|cin|jp2|j2[ck])$"
_SEQUENCE = re.compile(rf"{_NUMBER}[^/]*{_PICTURE}", re.IGNORECASE)

MAKE_A_FILM = (
    "Image sequences are not read; make a film of it first, such as: ffmpeg -framerate 24 -i "
    "frame_%04d.png -c:v ffv1 film.mkv"
)


def sequence_fault(name: str) -> str:
    """Return why a path or URI names no film but the pictures of one; empty for any other name.

    >>> sequence_fault("s3://studio/shot_010/film.mov")
    ''
    >>> sequence_fault("shot_010/frame_%04d.exr").partition(".")[0]
    'shot_010/frame_%04d'
    """
    if _SEQUENCE.search(name):
        return f"{name} names an image sequence. {MAKE_A_FILM}"
    if name.endswith("/"):
        return f"{name} is a folder; name each film in it. {MAKE_A_FILM}"
    return ""
