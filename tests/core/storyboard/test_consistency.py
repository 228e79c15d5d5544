"""The figures on embeddings whose cosines are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyboard_ops.core.storyboard.consistency import (
    CharacterConsistency,
    Consistency,
    PanelEmbedding,
    consistency,
)


def at(*degrees: float) -> np.ndarray:
    """Directions in a plane, of different lengths: the cosine of two is that of their angle."""
    angles = np.radians(degrees)
    lengths = np.arange(1, len(degrees) + 1)[:, None]
    return (np.stack([np.cos(angles), np.sin(angles)], axis=1) * lengths).astype(np.float32)


def panel(name: str, degrees: float, *characters: str) -> PanelEmbedding:
    return PanelEmbedding(name, characters, at(degrees)[0])


def cos(degrees: float) -> float:
    return math.cos(math.radians(degrees))


def test_one_panel_of_one_character() -> None:
    figures = consistency([panel("1", 0, "mira")], {"mira": at(10, 20, 30, 80), "bram": at(90, 60)})
    cross = (cos(10) + cos(20) + cos(30)) / 3
    assert figures.cross == pytest.approx(cross, abs=1e-4)
    assert figures.distinctness == pytest.approx(cross - (cos(90) + cos(60)) / 2, abs=1e-4)
    assert figures.self_similarity is None


def test_figures_of_each_character() -> None:
    figures = consistency(
        [panel("1", 0, "mira"), panel("2", 60, "mira"), panel("3", 90, "bram")],
        {"mira": at(0), "bram": at(90, 60)},
    )
    mira, bram = figures.characters[1], figures.characters[0]
    assert mira == CharacterConsistency(
        character="mira", panels=2, pictures=1, cross=0.75,
        # 1 - (cos 90 + cos 60) / 2 = 0.75, and 0.5 - (cos 30 + 1) / 2 = -0.433
        distinctness=0.1585, self_similarity=0.5, ceiling=None,
    )  # fmt: skip
    assert (bram.panels, bram.pictures, bram.ceiling) == (1, 2, pytest.approx(cos(30), abs=1e-4))
    assert bram.cross == pytest.approx((1 + cos(30)) / 2, abs=1e-4)
    assert figures.cross == pytest.approx((1 + 0.5 + bram.cross) / 3, abs=1e-4)


def test_somebody_else_in_the_panel_is_no_confusion() -> None:
    figures = consistency([panel("1", 45, "mira", "bram")], {"mira": at(0), "bram": at(90)})
    assert figures.cross == pytest.approx(cos(45), abs=1e-4)
    assert figures.distinctness is None


def test_identical_panels_and_pictures_are_one() -> None:
    figures = consistency(
        [panel("1", 7, "mira"), panel("2", 7, "mira")], {"mira": at(7, 7, 7), "bram": at(97)}
    )
    assert (figures.cross, figures.self_similarity, figures.distinctness) == (1.0, 1.0, 1.0)
    assert figures.characters[1].ceiling == 1.0


def test_a_character_without_pictures_or_panels() -> None:
    figures = consistency([panel("1", 0, "pip")], {"mira": at(0), "bram": np.empty((0, 2))})
    assert figures.characters == (
        CharacterConsistency(character="mira", panels=0, pictures=1),
        CharacterConsistency(character="pip", panels=1, pictures=0),
    )
    assert figures.cross is None


def test_nothing_to_measure() -> None:
    assert consistency([], {}) == Consistency(characters=())


@pytest.mark.parametrize("bad", [0.0, np.nan])
def test_embeddings_without_direction_are_named(bad: float) -> None:
    with pytest.raises(ValueError, match="pictures of mira"):
        consistency([], {"mira": np.full((1, 2), bad)})
    with pytest.raises(ValueError, match="panel 1"):
        consistency([PanelEmbedding("panel 1", (), np.full(2, bad))], {})


degrees = st.floats(0, 360)


@given(
    st.lists(st.tuples(degrees, st.sampled_from(["mira", "bram"])), max_size=6),
    st.lists(degrees, min_size=1, max_size=5),
    st.lists(degrees, min_size=1, max_size=5),
)
def test_figures_are_cosines_and_do_not_depend_on_order(
    drawn: list[tuple[float, str]], mira: list[float], bram: list[float]
) -> None:
    panels = [panel(str(n), angle, who) for n, (angle, who) in enumerate(drawn)]
    figures = consistency(panels, {"mira": at(*mira), "bram": at(*bram)})
    for figure in (
        figures.cross,
        figures.self_similarity,
        *(c.ceiling for c in figures.characters),
    ):
        assert figure is None or -1 <= figure <= 1
    assert figures.distinctness is None or -2 <= figures.distinctness <= 2
    again = consistency(panels[::-1], {"bram": at(*bram), "mira": at(*mira)})
    assert again.cross == pytest.approx(figures.cross, abs=2e-4)
