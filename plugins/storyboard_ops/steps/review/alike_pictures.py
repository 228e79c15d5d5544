"""Mark the pictures of a board that are alike, by the embeddings that found near-duplicates."""

from __future__ import annotations

from collections.abc import Sequence
from tempfile import NamedTemporaryFile
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from storyboard_ops.core.review.likeness import ALIKE_BELOW, group_alike
from storyboard_ops.domain.review.review_records import BoardItem
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.steps.run.tool_box import ToolBox


def with_likeness(tools: ToolBox[RunSettings], items: Sequence[BoardItem]) -> list[BoardItem]:
    """Return the items with the numbers of their groups; unchanged where nothing was embedded.

    Nothing is paid: every picture of a board was embedded when it was compared.
    """
    rows = _row_numbers(tools)
    known = [item for item in items if item.id in rows]
    if not known:
        return list(items)
    vectors = _read_rows(tools, [rows[item.id] for item in known])
    least = tools.settings.duplicate_above - ALIKE_BELOW
    numbers = group_alike(vectors, [item.character for item in known], least)
    groups = {item.id: number for item, number in zip(known, numbers, strict=True)}
    return [item.model_copy(update={"alike": groups.get(item.id, 0)}) for item in items]


def _row_numbers(tools: ToolBox[Any]) -> dict[str, int]:
    place = tools.run_root / "embeddings.json"
    if tools.objects.head(place) is None:
        return {}
    return {image_id: row for row, image_id in enumerate(tools.objects.json(place))}


def _read_rows(tools: ToolBox[Any], rows: Sequence[int]) -> NDArray[np.float32]:
    """Read some rows; those of a season do not fit into memory."""
    with NamedTemporaryFile(suffix=".npy") as file:
        tools.objects.download(tools.run_root / "embeddings.npy", cast(BinaryIO, file))
        file.flush()
        stored = np.load(file.name, mmap_mode="r", allow_pickle=False)
        return np.array(stored[list(rows)], np.float32)
