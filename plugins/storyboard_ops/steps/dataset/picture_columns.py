"""Facts of many pictures in columns: 200 bytes for a picture, whose record takes 10 KB."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from storyboard_ops.core.pictures.quality import quality
from storyboard_ops.domain.image_records import ImageRecord

#: Bytes of a SHA-256.
_ID_BYTES = 32

RowNumbers = NDArray[np.int64]


class PictureColumns:
    """What comparing pictures needs to know about each, by the number of its row."""

    def __init__(self, images: Iterable[ImageRecord]) -> None:
        self._ids, self._uris, self._uri_ends = bytearray(), bytearray(), array("q", [0])
        self._names: dict[str, int] = {}
        self._characters, self._unsure = array("q"), bytearray()
        self._quality, self._sharpness = array("d"), array("d")
        for image in images:
            self._ids += bytes.fromhex(image.image_id)
            self._uris += image.uri.encode()
            self._uri_ends.append(len(self._uris))
            self._characters.append(self._names.setdefault(image.character, len(self._names)))
            self._unsure.append(bool(image.unsure))
            self._quality.append(quality(image))
            self._sharpness.append(image.crop.sharpness)

    def __len__(self) -> int:
        return len(self._characters)

    def image_id(self, row: int) -> str:
        """Return the id of a picture."""
        return self._ids[row * _ID_BYTES : (row + 1) * _ID_BYTES].hex()

    def uri(self, row: int) -> str:
        """Return the URI of a picture."""
        return self._uris[self._uri_ends[row] : self._uri_ends[row + 1]].decode()

    def best_first(self) -> RowNumbers:
        """Return the rows in the order of ``quality.best_first``."""
        ids = np.frombuffer(bytes(self._ids), ">u8").reshape(-1, 4)
        return np.lexsort(
            (
                *ids.T[::-1],
                -np.array(self._sharpness),
                -np.array(self._quality),
                np.frombuffer(bytes(self._unsure), np.uint8),
            )
        )

    def by_character(self, rows: RowNumbers) -> list[RowNumbers]:
        """Split rows by their characters, whoever comes first among them first."""
        groups: dict[int, list[int]] = defaultdict(list)
        for row in rows.tolist():
            groups[self._characters[row]].append(row)
        return [np.array(group, np.int64) for group in groups.values()]
