"""Keep rows of float32 in a temporary file, and read some of them as an array."""

from __future__ import annotations

import os
import weakref
from tempfile import TemporaryFile
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class RowFile:
    """Rows of equal length that are added one after the other, (N, D); read with ``pread``.

    Not a memory map: what was read would stay in the memory of the process.
    """

    def __init__(self) -> None:
        self.file = TemporaryFile()  # noqa: SIM115 - closed below
        weakref.finalize(self, self.file.close)
        self._count, self._width = 0, 0

    @property
    def shape(self) -> tuple[int, int]:
        return self._count, self._width

    def append(self, row: Floats) -> None:
        """Add a row of the same length as the others."""
        self._width = self._width or len(row)
        if row.shape != (self._width,):
            raise ValueError(f"Rows have {self._width} values; this one has shape {row.shape}.")
        self.file.write(np.ascontiguousarray(row, np.float32).tobytes())
        self._count += 1

    def __getitem__(self, chosen: Any, /) -> Floats:
        """Return one row by its number, or several by a slice or an array of numbers."""
        self.file.flush()
        numbers = np.arange(self._count)[chosen]
        if not np.ndim(numbers):
            return self._read(int(numbers), 1).reshape(-1)
        starts = np.flatnonzero(np.diff(numbers, prepend=-2) != 1)  # of rows that follow each other
        runs = zip(numbers[starts], np.diff(starts, append=len(numbers)), strict=True)
        parts = [self._read(int(first), int(count)) for first, count in runs]
        return np.concatenate(parts) if parts else np.empty((0, self._width), np.float32)

    def _read(self, first: int, count: int) -> Floats:
        size = 4 * self._width
        found = os.pread(self.file.fileno(), count * size, first * size)
        return np.frombuffer(found, np.float32).reshape(count, self._width)
