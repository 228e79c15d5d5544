"""Groups of pictures that are alike, by their embeddings."""

from __future__ import annotations

import numpy as np
import pytest

from storyboard_ops.core.review.likeness import group_alike


def rows(*degrees: float) -> np.ndarray:
    """Unit vectors of a plane; the cosine of two is that of the angle between them."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


COS_20 = 0.9397


@pytest.mark.parametrize(
    ("degrees", "groups"),
    [
        ((0, 5, 90, 95, 200), (1, 1, 2, 2, 0)),
        ((0, 90, 180), (0, 0, 0)),
        ((0, 15, 30), (1, 1, 1)),  # around the one in the middle
        ((0, 15, 30, 45, 60), (1, 1, 1, 2, 2)),  # no chain from one end to the other
        ((80, 0, 5, 10, 85), (2, 1, 1, 1, 2)),  # the largest group has the first number
        ((), ()),
    ],
)
def test_pictures_around_one_are_a_group(
    degrees: tuple[float, ...], groups: tuple[int, ...]
) -> None:
    vectors = 7 * rows(*degrees).reshape(-1, 2)  # lengths do not matter
    assert group_alike(vectors, ["mira"] * len(degrees), COS_20) == groups


def test_pictures_of_two_characters_are_never_one_group() -> None:
    vectors = rows(0, 1, 2, 3, 90)
    cast = ["mira", "bram", "mira", "bram", "mira"]
    assert group_alike(vectors, cast, COS_20) == (1, 2, 1, 2, 0)


def test_every_member_is_like_the_middle_of_its_group() -> None:
    dice = np.random.default_rng(4)
    vectors = dice.normal(size=(300, 4)).astype(np.float32)
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    numbers = np.array(group_alike(vectors, ["mira"] * 300, 0.8))
    assert numbers.max() > 5
    sizes = [int((numbers == number).sum()) for number in range(1, numbers.max() + 1)]
    assert sizes == sorted(sizes, reverse=True) and sizes[-1] >= 2
    for number in range(1, numbers.max() + 1):
        members = units[numbers == number]
        assert (members @ members.T).min(axis=1).max() >= 0.8 - 1e-6
    alone = units[numbers == 0]
    assert np.triu(alone @ alone.T, 1).max() < 0.8
