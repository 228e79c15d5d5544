"""The figures on embeddings whose cosines are known."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from storyboard_ops.core.storyboard.consistency import (
    CharacterFigures,
    Gallery,
    Interval,
    SeenPanel,
    Sighting,
    assign,
    compare,
    measure,
)


def at(*degrees: float) -> np.ndarray:
    """Directions in a plane, of different lengths: the cosine of two is that of their angle."""
    angles = np.radians(degrees)
    lengths = np.arange(1, len(degrees) + 1)[:, None]
    return np.stack([np.cos(angles), np.sin(angles)], axis=1) * lengths


#: Mira's pictures lie around 0 degrees, Bram's around 90.
HELD_OUT = {"mira": at(-10, 10), "bram": at(80, 100)}
GALLERY = Gallery.of(HELD_OUT, {"mira": at(-20, 20), "bram": at(70, 110)})
NOTHING_FOUND = np.zeros((0, 2))


def cos(degrees: float) -> float:
    return math.cos(math.radians(degrees))


def panel(name: str, cast: tuple[str, ...], *degrees: float, slot: str = "") -> SeenPanel:
    return SeenPanel(name, cast, at(*degrees) if degrees else NOTHING_FOUND, slot)


def lead_at(degrees: float) -> float:
    """Lead of Mira over Bram of a figure there: mean cosines to the held-out pictures of each."""
    return cos(10) * (cos(degrees) - cos(90 - degrees))


#: Mean lead of Mira's training pictures.
OWN_LEAD = (lead_at(-20) + lead_at(20)) / 2


def test_likeness_is_the_lead_as_a_share_of_that_of_the_films_own_pictures() -> None:
    assert GALLERY.ceilings["mira"] == pytest.approx((cos(10) + cos(30)) / 2)
    assert GALLERY.leads["mira"] == pytest.approx(OWN_LEAD)
    assert GALLERY.likeness("mira", OWN_LEAD) == pytest.approx(1)
    assert GALLERY.likeness("mira", OWN_LEAD / 4) == pytest.approx(0.25)
    assert GALLERY.likeness("mira", 2 * OWN_LEAD) == 1, "a copy is no more like her than she is"
    assert GALLERY.likeness("mira", None) == 0, "painted out"


@pytest.mark.parametrize(("degrees", "likeness"), [(0, 1), (45, 0), (90, -1), (180, -1)])
def test_likeness_of_a_figure_between_two_characters(degrees: float, likeness: float) -> None:
    [sighting] = measure([panel("1", ("mira",), degrees)], GALLERY).sightings
    assert sighting.likeness == pytest.approx(likeness, abs=1e-9)


def test_each_character_is_measured_on_the_figure_that_is_most_like_it() -> None:
    figures = measure([panel("1", ("bram", "mira"), 25, 95)], GALLERY)
    bram, mira = figures.sightings
    assert (bram.figure, bram.looks_like, mira.figure, mira.looks_like) == (1, "bram", 0, "mira")
    assert mira.similarity == pytest.approx((cos(35) + cos(15)) / 2)
    assert mira.lead == pytest.approx(lead_at(25))
    assert mira.likeness == pytest.approx(lead_at(25) / OWN_LEAD)
    assert figures.cast_match == 1


def test_a_swapped_cast_trails() -> None:
    [as_mira] = measure([panel("1", ("mira",), 90)], GALLERY).sightings
    assert as_mira.looks_like == "bram"
    assert as_mira.lead == pytest.approx((cos(100) + cos(80)) / 2 - cos(10))
    assert as_mira.likeness == -1


def test_a_character_that_is_not_there_counts_as_nobody() -> None:
    figures = measure([panel("1", ("mira", "bram"), 0), panel("2", ("mira",))], GALLERY)
    assert [(s.character, s.figure, s.likeness) for s in figures.sightings[1:]] == [
        ("bram", None, 0.0),
        ("mira", None, 0.0),
    ]
    assert figures.confusion == {"bram": {"": 1}, "mira": {"": 1, "mira": 1}}
    mira = next(one for one in figures.characters if one.character == "mira")
    assert (mira.panels, mira.found, mira.references) == (2, 1, 2)


@pytest.mark.parametrize(
    ("cast", "found", "match"),
    [((), 0, 1), ((), 1, 0), (("mira",), 1, 1), (("mira",), 0, math.exp(-1)),
     (("mira",), 3, math.exp(-2)), (("mira", "bram"), 1, math.exp(-0.5))],
)  # fmt: skip
def test_the_number_on_stage_is_held_against_the_script(
    cast: tuple[str, ...], found: int, match: float
) -> None:
    figures = measure([panel("1", cast, *[0.0] * found)], GALLERY)
    assert figures.cast_match == pytest.approx(match, abs=1e-4)


def test_panels_are_compared_with_each_other_and_candidates_of_one_panel_apart() -> None:
    panels = [
        panel("1a", ("mira",), 0, slot="1"),
        panel("1b", ("mira",), 60, slot="1"),
        panel("2", ("mira",), 0),
    ]
    [mira] = measure(panels, GALLERY).characters
    assert mira.self_similarity == pytest.approx((1 + 0.5) / 2)
    assert mira.diversity == pytest.approx(1 - 0.5)
    assert mira.likeness is not None and mira.likeness.panels == 2


def test_a_copy_is_nearer_to_a_training_picture_than_those_are_to_each_other() -> None:
    gallery = Gallery.of(HELD_OUT, {"mira": at(0, 20, 40)})  # 20 degrees to the nearest one
    just_inside = math.degrees(math.acos(1 - 0.49 * (1 - cos(20))))
    just_outside = math.degrees(math.acos(1 - 0.51 * (1 - cos(20))))
    panels = [panel(str(a), ("mira",), 40 + a) for a in (0, just_inside, just_outside)]
    figures = measure(panels, gallery)
    assert [s.copied for s in figures.sightings] == [True, True, False]
    assert {s.nearest_training for s in figures.sightings} == {2}
    assert figures.copied == pytest.approx(2 / 3, abs=1e-4)


def test_one_training_picture_cannot_show_what_a_copy_is() -> None:
    gallery = Gallery.of(HELD_OUT, {"mira": at(0)})
    [sighting] = measure([panel("1", ("mira",), 0)], gallery).sightings
    assert (sighting.nearest_training, sighting.copied) == (0, None)


def test_without_held_out_pictures_there_is_no_figure() -> None:
    figures = measure([panel("1", ("mira",), 0)], Gallery.of({}, {"mira": at(0, 10)}))
    assert figures.sightings == (Sighting("1", "mira"),)
    assert (figures.likeness, figures.lead) == (None, None)
    assert figures.characters == (
        CharacterFigures("mira", panels=1, found=0, references=0, cast_match=1.0),
    )


def test_without_training_pictures_there_is_a_similarity_but_no_likeness() -> None:
    [sighting] = measure([panel("1", ("mira",), 60)], Gallery.of({"mira": at(0)}, {})).sightings
    assert sighting.similarity == pytest.approx(0.5)
    assert (sighting.likeness, sighting.lead) == (None, pytest.approx(0.5))


def test_a_single_character_is_measured_from_cosine_0() -> None:
    gallery = Gallery.of({"mira": at(0)}, {"mira": at(60)})
    assert gallery.likeness("mira", 0.25) == pytest.approx(0.25 / 0.5)


def test_pictures_no_more_alike_than_those_of_others_measure_nothing() -> None:
    gallery = Gallery.of(HELD_OUT, {"mira": at(60), "bram": at(30)})
    assert gallery.leads["mira"] < 0
    assert gallery.likeness("mira", 0.9) is None


def test_the_interval_is_that_of_panels() -> None:
    same = [panel(str(n), ("mira",), 0) for n in range(5)]
    steady = measure(same, GALLERY).likeness
    assert steady is not None and steady.low == steady.high == steady.mean
    mixed = measure([*same, *(panel(f"b{n}", ("mira",), 90) for n in range(5))], GALLERY)
    interval = mixed.likeness
    assert interval is not None and interval.low is not None and interval.high is not None
    # Half of ten panels have 1 and half -1: the standard error is 0.316, 95 % are within 0.62.
    assert interval.mean - interval.low == pytest.approx(0.62, abs=0.1)
    assert interval.high - interval.mean == pytest.approx(0.62, abs=0.1)
    assert measure(same[:1], GALLERY).likeness == Interval(steady.mean, panels=1)


def test_two_models_are_compared_panel_by_panel() -> None:
    """Panels differ by more than the models do: only the pairs show the difference."""
    hard_and_easy = [0, 40, 10, 55, 25]
    last = [panel(str(n), ("mira",), a) for n, a in enumerate(hard_and_easy)]
    new = [panel(str(n), ("mira",), 0.8 * a) for n, a in enumerate(hard_and_easy)]
    difference = compare(measure(new, GALLERY), measure(last, GALLERY))
    assert difference is not None and difference.low is not None
    assert 0 <= difference.low < difference.mean
    assert difference.panels == 5
    alone = measure(new, GALLERY).likeness
    assert alone is not None and alone.low is not None and alone.high is not None
    assert alone.high - alone.low > 2 * difference.mean


def test_models_without_a_common_panel_cannot_be_compared() -> None:
    one, other = (measure([panel(name, ("mira",), 0)], GALLERY) for name in "ab")
    assert compare(one, other) is None


@pytest.mark.parametrize("bad", [[[0.0, 0.0]], [[math.nan, 1.0]], [[math.inf, 1.0]]])
def test_an_embedding_that_is_no_direction_is_refused(bad: list[list[float]]) -> None:
    with pytest.raises(ValueError, match=r"1: an embedding must be finite and not all 0\."):
        measure([SeenPanel("1", ("mira",), np.array(bad))], GALLERY)
    with pytest.raises(ValueError, match="references of mira"):
        Gallery.of({"mira": np.array(bad)}, {})
    with pytest.raises(ValueError, match="training pictures of mira"):
        Gallery.of({}, {"mira": np.array(bad)})


@given(
    arrays.arrays(
        float,
        st.tuples(st.integers(0, 4), st.integers(0, 4)),
        elements=st.floats(-1, 1, allow_nan=False),
    )
)
def test_the_assignment_is_the_best_of_all(gains: np.ndarray) -> None:
    taken = assign(gains)
    rows, columns = gains.shape
    size = min(rows, columns)
    used = [column for column in taken if column is not None]
    assert (len(taken), len(used), len(set(used))) == (rows, size, size)
    total = sum(gains[row, column] for row, column in enumerate(taken) if column is not None)
    best = max(
        sum(gains[row, column] for row, column in zip(some, order, strict=True))
        for some in itertools.combinations(range(rows), size)
        for order in itertools.permutations(range(columns), size)
    )
    assert total == pytest.approx(best)
