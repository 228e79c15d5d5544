"""A new measurement keeps the rows that it did not measure, and wrong decisions are found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.near_duplicates import compare
from storyboard_ops.core.dataset.duplicates.near_duplicates import keep_best


def test_figures_stay_until_the_same_is_measured_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def row(embeddings: int, method: str, **figures: Any) -> dict[str, Any]:
        return {"embeddings": embeddings, "method": method, **figures}

    earlier = [row(1_000, "faiss flat", wall_s=1), row(100_000, "blocked numpy", wall_s=2)]
    monkeypatch.setattr(compare, "load", lambda name: {"rows": earlier})
    now = [
        row(1_000, "blocked numpy", wall_s=3),
        row(1_000, "faiss flat", skipped="not installed"),
        row(1_000, "imagededup", skipped="not installed"),
    ]
    assert compare.merged(now)["rows"] == [now[0], earlier[0], now[2], earlier[1]]


def test_a_wrong_decision_is_counted(tmp_path: Path) -> None:
    file = tmp_path / "rows.npy"
    compare.write_embeddings(file, 300)
    kept = keep_best(np.load(file), compare.THRESHOLD).kept
    assert 150 < kept.sum() < 280
    assert compare.count_wrong(file, kept) == 0
    other = kept.copy()
    other[0] = False  # the best row is always kept
    assert compare.count_wrong(file, other) >= 1
    assert compare.count_wrong(file, np.ones_like(kept)) >= 300 - kept.sum()


def test_more_rows_than_most_lie_along_few_axes() -> None:
    many = compare.axis_scales(compare.MOST_SPREAD + 1).astype(float) ** 2
    assert many[64:].sum() == pytest.approx(0.2 * many.sum(), rel=0.1)
    assert set(compare.axis_scales(compare.MOST_SPREAD)) == {1.0}
