"""Read a table of numbers, as numpy stores it, a part at a time."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from itertools import chain
from tempfile import TemporaryFile

import numpy as np


class ChosenRows:
    """Some rows of a table as an .npy file, which is read once."""

    def __init__(self, rows: Iterable[bytes], shape: tuple[int, ...], kind: np.dtype) -> None:
        """``shape`` and ``kind``: of the table that the rows make up."""
        self._file = TemporaryFile()  # noqa: SIM115 - closed below
        weakref.finalize(self, self._file.close)
        descr = np.lib.format.dtype_to_descr(kind)
        facts = {"descr": descr, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(self._file, facts)
        self._file.writelines(rows)
        self._file.seek(0)

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes: at most ``size``, or all that are left; none at the end."""
        return self._file.read(size)


class NumpyRows:
    """The rows of a stored table of shape (N, D), read once."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        """``chunks``: the parts of an .npy file of version 1.0; the first has its header."""
        self._chunks = iter(chunks)
        first = BytesIO(next(self._chunks, b""))
        np.lib.format.read_magic(first)
        self.shape, _, self._kind = np.lib.format.read_array_header_1_0(first)
        self._begun = first.read()

    def _rows(self) -> Iterator[bytes]:
        size = self.shape[1] * self._kind.itemsize
        left = b""
        for part in chain([self._begun], self._chunks):
            left += part
            whole = len(left) // size * size
            yield from (left[at : at + size] for at in range(0, whole, size))
            left = left[whole:]

    def chosen(self, keep: Sequence[bool]) -> ChosenRows:
        """Return the rows that are to be kept; raises ValueError when ``keep`` has another length.

        The table must not have been read before.
        """
        rows = (row for row, stays in zip(self._rows(), keep, strict=True) if stays)
        return ChosenRows(rows, (sum(keep), *self.shape[1:]), self._kind)
