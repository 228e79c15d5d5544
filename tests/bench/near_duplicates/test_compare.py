"""A new measurement keeps the rows that it did not measure."""

from __future__ import annotations

from typing import Any

import pytest

from bench.near_duplicates import compare


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
