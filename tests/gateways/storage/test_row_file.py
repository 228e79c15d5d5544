"""Rows in a file are read like those of an array."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from storyboard_ops.gateways.storage.row_file import RowFile

ROWS = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)


@pytest.fixture
def file() -> RowFile:
    file = RowFile()
    for row in ROWS:
        file.append(row)
    return file


@pytest.mark.parametrize(
    "chosen",
    [
        7,
        np.int64(19),
        slice(3, 9),
        slice(None, None, 6),
        slice(30, 40),
        np.array([4, 5, 6, 2, 0, 19, 19]),
        np.array([], np.int64),
    ],
    ids=str,
)
def test_the_chosen_rows_are_those_of_an_array(file: RowFile, chosen: Any) -> None:
    assert np.array_equal(file[chosen], ROWS[chosen])
    assert file[chosen].shape == ROWS[chosen].shape


def test_rows_can_be_added_between_readings(file: RowFile) -> None:
    file.append(2 * ROWS[0])
    assert file.shape == (21, 3)
    assert np.array_equal(file[20], 2 * ROWS[0])


def test_a_row_of_another_length_is_refused(file: RowFile) -> None:
    with pytest.raises(ValueError, match=r"Rows have 3 values; this one has shape \(4,\)"):
        file.append(np.zeros(4, np.float32))
