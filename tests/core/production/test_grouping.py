"""Figures that look alike are one group, also in another shot; those of one frame never are."""

from __future__ import annotations

import numpy as np

from storyboard_ops.core.production.figures import Figure
from storyboard_ops.core.production.grouping import group_alike
from storyboard_ops.core.production.likeness import describe_figure
from tests.films.cast_film import drawn


def vectors_of_the_film() -> tuple[np.ndarray, list[int], list[str]]:
    """The figures of the drawn film where they are, with their frames and names."""
    vectors, frames, names = [], [], []
    for second in range(8):
        frame, boxes = drawn(second)
        for name, box in boxes.items():
            vectors.append(describe_figure(frame, Figure(box, np.ones((20, 8), bool))))
            frames.append(second)
            names.append(name)
    return np.array(vectors), frames, names


def test_a_character_is_one_group_across_shots():
    vectors, frames, names = vectors_of_the_film()
    groups = group_alike(vectors, frames)
    assert dict(zip(groups, names, strict=True)) == {0: "ann", 1: "bob"}
    assert len(set(zip(groups, names, strict=True))) == 2


def test_a_vector_has_length_1_and_the_same_figure_the_same_vector():
    vectors, _, _ = vectors_of_the_film()
    assert vectors.shape == (16, 93)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(vectors, vectors_of_the_film()[0])


def test_two_in_one_frame_are_two_however_alike():
    twins = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [1.0, 0.0]])
    assert group_alike(twins, [1, 1, 2, 3]) == [0, 1, 0, 0]


def test_the_largest_group_is_0_and_strangers_stay_apart():
    rows = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    assert group_alike(rows, [1, 2, 3, 4]) == [1, 0, 0, 2]


def test_nothing_is_no_group():
    assert group_alike(np.zeros((0, 93)), []) == []


def test_a_thousand_figures_are_the_groups_they_were_made_of():
    made = np.random.default_rng(3)
    centres = np.eye(40)
    who = made.integers(40, size=1_000)
    rows = centres[who] + made.normal(0, 0.02, (1_000, 40))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    groups = group_alike(rows, list(range(1_000)))
    assert len(set(groups)) == 40
    assert len(set(zip(groups, who.tolist(), strict=True))) == 40
