"""The built-in embedding model sees colours and edges."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.trainer.jobs import draw_shape
from trainer.errors import JobFailed
from trainer.inputs.job import Embedder
from trainer.scoring.embedders import ColourAndEdges, load_embedder


def test_vectors_have_length_1_whatever_is_in_the_picture() -> None:
    pictures = [Image.new("RGB", (40, 90), "white"), draw_shape(["bo"], 1, (96, 64))]
    assert np.linalg.norm(ColourAndEdges().embed(pictures), axis=1) == pytest.approx([1, 1])


def test_pictures_of_a_character_are_more_alike_than_those_of_two() -> None:
    shapes = [("mira", 1), ("mira", 2), ("bo", 1), ("bo", 2)]
    rows = ColourAndEdges().embed([draw_shape([c], n, (64, 64)) for c, n in shapes])
    alike = rows @ rows.T
    assert min(alike[0, 1], alike[2, 3]) > alike[:2, 2:].max()


def test_the_size_of_a_picture_changes_little() -> None:
    small = draw_shape(["mira"], 1, (64, 64))
    first, second = ColourAndEdges().embed([small, small.resize((256, 256))])
    assert first @ second > 0.9


def test_an_unknown_kind_is_named(tmp_path: Path) -> None:
    with pytest.raises(JobFailed, match="of kind 'clip'; known are dinov2 and colour_and_edges"):
        load_embedder(Embedder("clip-large", "clip"), tmp_path)
