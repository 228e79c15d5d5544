"""The check passes where embeddings tell characters apart, and names what fails elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from storyboard_ops.core.storyboard.consistency import Gallery, SeenPanel
from storyboard_ops.core.storyboard.method_check import check_method

CAST = ("bram", "mira", "pip")


def pictures(noise: float, each: int = 6, seed: int = 0) -> dict[str, np.ndarray]:
    """Embeddings around a direction of each character's own; much noise hides whose they are."""
    random = np.random.default_rng(seed)
    centres = np.eye(len(CAST), 64)
    return {
        name: centre + noise * random.normal(size=(each, 64)) / 8
        for name, centre in zip(CAST, centres, strict=True)
    }


def gallery(noise: float, each: int = 6) -> Gallery:
    return Gallery.of(pictures(noise, each), pictures(noise, each, seed=1))


def test_characters_that_differ_are_told_apart() -> None:
    check = check_method(gallery(0.5))
    assert check.faults == ()
    assert (check.auc_alone, check.auc_pairs, check.copies_found) == (1.0, 1.0, 1.0)
    assert check.swapped_lead is not None and check.swapped_lead < -0.5


def test_mostly_noise_is_a_fault_alone_and_in_pairs() -> None:
    check = check_method(gallery(4.0, each=20))
    assert check.auc_alone is not None and check.auc_pairs is not None
    assert check.faults[:2] == (
        f"Right told from wrong, one character (AUC): {check.auc_alone:.2f}, needed: at least 0.9",
        f"Right told from wrong, two characters (AUC): {check.auc_pairs:.2f}, needed: at least 0.9",
    )


def test_embeddings_that_say_nothing_are_chance_and_swapping_them_changes_nothing() -> None:
    same = {name: np.ones((3, 4)) for name in CAST}
    check = check_method(Gallery.of(same, same))
    assert (check.auc_alone, check.auc_pairs) == (0.5, 0.5)
    assert check.faults[2] == "Lead with the characters swapped: 0.00, needed: below 0"


def test_nobody_is_seen_where_characters_are_painted_out() -> None:
    """The figures that are still found there look like nobody, or like the character."""
    film, rows = gallery(0.5), pictures(0.0, 1)
    nothing = SeenPanel("1", ("mira",), np.zeros((0, 1)))
    background = SeenPanel("2", ("mira",), np.ones((1, 64)))
    left = SeenPanel("3", ("mira",), rows["mira"])
    assert check_method(film, [nothing, background]).faults == ()
    assert check_method(film, [nothing]).painted_out == 0
    assert check_method(film, [left, left]).faults == (
        "Likeness with the characters painted out: 1.00, needed: at most 0.2",
    )
    assert check_method(film).painted_out is None


def test_the_lines_say_what_passed() -> None:
    lines = check_method(gallery(0.5)).lines
    assert [(line.what.split(",")[0], line.needed, line.failed) for line in lines] == [
        ("Right told from wrong", "at least 0.9", False),
        ("Right told from wrong", "at least 0.9", False),
        ("Lead with the characters swapped", "below 0", False),
        ("Share of copied training pictures found", "at least 0.9", False),
    ]


@pytest.mark.parametrize(("held_out", "training"), [(0, 6), (6, 0), (0, 0)])
def test_without_pictures_of_both_kinds_nothing_can_be_checked(
    held_out: int, training: int
) -> None:
    empty = Gallery.of(pictures(0.5, held_out), pictures(0.5, training))
    assert check_method(empty).faults == ("no character has both held-out and training pictures",)


def test_a_single_character_cannot_be_mistaken() -> None:
    alone = Gallery.of(*({"mira": pictures(0.5, seed=seed)["mira"]} for seed in (0, 1)))
    check = check_method(alone)
    assert (check.auc_alone, check.copies_found, check.faults) == (None, 1.0, ())


def test_equal_training_pictures_hide_a_copy() -> None:
    training = {name: np.repeat(rows[:1], 4, axis=0) for name, rows in pictures(0.5).items()}
    assert check_method(Gallery.of(pictures(0.5), training)).faults == (
        "Share of copied training pictures found: 0.00, needed: at least 0.9",
    )
