"""A stored table loses rows without being held."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator

import numpy as np
import pytest

from storyboard_ops.gateways.storage.numpy_rows import NumpyRows


def stored(table: np.ndarray, size: int) -> Iterator[bytes]:
    file = io.BytesIO()
    np.save(file, table)
    body = file.getvalue()
    return (body[at : at + size] for at in range(0, len(body), size))


@pytest.mark.parametrize("size", [129, 1_000, 1_000_000])
def test_chosen_rows_are_a_table_of_their_own(size: int) -> None:
    table = np.arange(60, dtype=np.float32).reshape(10, 6)
    keep = [row % 3 != 0 for row in range(10)]
    rows = NumpyRows(stored(table, size))
    assert rows.shape == (10, 6)
    assert np.load(io.BytesIO(rows.chosen(keep).read())).tolist() == table[keep].tolist()


def test_a_row_without_a_decision_is_an_error() -> None:
    with pytest.raises(ValueError, match="shorter"):
        NumpyRows(stored(np.zeros((3, 2)), 500)).chosen([True, False])


def test_memory_is_that_of_a_part() -> None:
    def chunks() -> Iterator[bytes]:
        head = io.BytesIO()
        facts = {"descr": "<f4", "fortran_order": False, "shape": (40_000, 256)}
        np.lib.format.write_array_header_1_0(head, facts)
        yield head.getvalue()
        for _ in range(400):
            yield bytes(100 * 256 * 4)

    tracemalloc.start()
    NumpyRows(chunks()).chosen([True] * 40_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000, "of 41 MB"
