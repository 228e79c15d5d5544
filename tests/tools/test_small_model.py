"""The pictures that the base weights of the small flow model are trained on."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import cv2
import pytest

from tools.small_model import pictures


def test_frames_and_drawings_are_reduced_to_three_sizes_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "EVERY", 400)  # 4 frames of 1,557
    written = pictures.write_pictures(tmp_path)
    kinds = Counter(path.name.split("_")[0] for path in written)
    assert kinds == {"film": 3 * 4, "drawn": 3 * 15}
    shapes = {path.stem.split("_")[2]: cv2.imread(str(path)).shape for path in written[:3]}
    assert shapes == {"144": (144, 256, 3), "208": (208, 370, 3), "304": (304, 540, 3)}
    # A window of 128 px fits into every picture.
    assert min(min(cv2.imread(str(path)).shape[:2]) for path in written) >= 128


def test_a_film_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "FILM", tmp_path / "none.mp4")
    with pytest.raises(OSError, match=r"none\.mp4: no frame could be read"):
        pictures.write_pictures(tmp_path)
