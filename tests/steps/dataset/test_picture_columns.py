"""Columns order pictures as their records would, in a fiftieth of the memory."""

from __future__ import annotations

import tracemalloc

import numpy as np

from storyboard_ops.core.pictures.quality import best_first
from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.steps.dataset.picture_columns import PictureColumns
from tests.material.factories import image


def varied(n: int) -> ImageRecord:
    """Pictures of which many are equally good, and some unsure."""
    one = image(n, ("mira", "bram", "pip")[n % 3])
    crop = one.crop.model_copy(update={"sharpness": float(n % 5), "exposure": (n % 4) / 4})
    return one.model_copy(update={"crop": crop, "unsure": "a sleeve" if n % 7 == 0 else ""})


def test_the_order_is_that_of_the_records() -> None:
    images = [varied(n) for n in range(200)]
    columns = PictureColumns(images)
    order = columns.best_first()
    assert [columns.image_id(row) for row in order] == [one.image_id for one in best_first(images)]
    assert [columns.uri(row) for row in order] == [one.uri for one in best_first(images)]


def test_characters_are_told_apart_in_the_order_of_their_best() -> None:
    images = [varied(n) for n in range(30)]
    columns = PictureColumns(images)
    groups = columns.by_character(columns.best_first())
    ranked = best_first(images)
    assert [images[group[0]].character for group in groups] == list(
        dict.fromkeys(one.character for one in ranked)
    )
    for group in groups:
        whose = images[group[0]].character
        assert [images[row] for row in group] == [one for one in ranked if one.character == whose]


def test_a_picture_takes_few_bytes() -> None:
    tracemalloc.start()
    columns = PictureColumns(image(n % 20) for n in range(4_000))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held / len(columns) < 300


def test_no_pictures() -> None:
    columns = PictureColumns(())
    assert columns.best_first().tolist() == []
    assert columns.by_character(np.array([], np.int64)) == []
