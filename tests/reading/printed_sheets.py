"""Read printed sheets back: their text, their words with places, their fonts, and their pixels."""

from __future__ import annotations

import io
import shutil
import subprocess
import unicodedata
from dataclasses import dataclass

import numpy as np
import pytest
from lxml import html
from numpy.typing import NDArray
from PIL import Image

#: What readers put around runs of another direction; it is no part of the text.
_DIRECTIONS = dict.fromkeys(
    map(ord, "\u200b\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069")
)


@dataclass(frozen=True)
class Word:
    """A word and its place in points from the upper left corner of its sheet."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


def poppler(tool: str, pdf: bytes, *options: str) -> bytes:
    """Return the output of a program of poppler; the test skips where it is not installed."""
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed (poppler-utils)")
    command = [tool, *options, "-", *(["-"] if tool == "pdftotext" else [])]
    return subprocess.run(command, input=pdf, capture_output=True, check=True).stdout


def text_of(pdf: bytes, *options: str) -> str:
    """Return the text of all sheets in one line, without marks of direction."""
    text = poppler("pdftotext", pdf, *options).decode(errors="replace")
    return " ".join(plain(text).split())


def plain(text: str) -> str:
    """Return a text in one Unicode form, without marks of direction."""
    return unicodedata.normalize("NFC", text.translate(_DIRECTIONS))


def words_of(pdf: bytes) -> list[list[Word]]:
    """Return the words of each sheet with their places."""
    document = html.document_fromstring(poppler("pdftotext", pdf, "-bbox").decode())
    return [
        [
            Word(
                one.text_content(),
                *(float(one.get(side)) for side in ("xmin", "ymin", "xmax", "ymax")),
            )
            for one in page.xpath(".//word")
        ]
        for page in document.xpath("//page")
    ]


def fonts_of(pdf: bytes) -> list[tuple[str, bool, bool, bool]]:
    """Return name of each font, and whether it is embedded, a subset, and mapped to Unicode."""
    lines = poppler("pdffonts", pdf).decode().splitlines()[2:]
    split = [line.split() for line in lines]
    return [
        (one[0].partition("+")[2], *(answer == "yes" for answer in one[-5:-2]))  # type: ignore[misc]
        for one in split
    ]


def pixels_of(pdf: bytes, dpi: int = 36) -> list[NDArray[np.uint8]]:
    """Return the sheets as pictures, (H, W, 3) uint8 RGB."""
    pages = poppler("pdftoppm", pdf, "-r", str(dpi))
    pictures = []
    while pages:
        with Image.open(io.BytesIO(pages)) as one:
            size = len(f"P6\n{one.width} {one.height}\n255\n") + one.width * one.height * 3
            pictures.append(np.asarray(one.convert("RGB")))
        pages = pages[size:]
    return pictures


def filled_share(sheet: NDArray[np.uint8]) -> float:
    """Return the share of a sheet's tiles, 18 by 18, in which something is printed."""
    inked = (sheet < 245).any(axis=2)
    height, width = (side // 18 for side in inked.shape)
    tiles = inked[: height * 18, : width * 18].reshape(18, height, 18, width)
    return float(tiles.any(axis=(1, 3)).mean())
