"""Plots: markup that follows the page, the same every time, with nothing to break out of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from storyboard_ops.core.report import plots
from tests.reading.golden_files import assert_golden


def drawing(svg: str) -> etree._Element:
    return etree.fromstring(svg)


def texts(svg: str) -> list[str]:
    return [node.text for node in drawing(svg).iter("{*}text")]


def bars(svg: str, colour: str) -> int:
    paths = drawing(svg).iter("{*}path")
    return sum(f"fill: var(--{colour})" in path.get("style", "") for path in paths)


def test_the_histogram_marks_the_threshold_and_both_kinds():
    svg = plots.similarity_plot([0.5, 0.5, 0.7], [0.95], threshold=0.92)
    assert "near-duplicate from 0.92" in texts(svg)
    assert bars(svg, "kept") == bars(svg, "lost")


@given(st.floats(0.5, 1.0), st.floats(-1.0, 1.0))
def test_no_bar_of_the_histogram_stands_on_both_sides_of_the_threshold(threshold, least):
    edges = plots.edges_around(threshold, min(least, threshold))
    assert threshold in edges
    assert edges[0] <= min(least, threshold)
    assert edges[-1] >= 1.0
    assert all(wider > 0 for wider in edges[1:] - edges[:-1])
    assert len(edges) < 2.5 * plots.BINS


def test_one_bar_stands_for_each_moment_of_the_film():
    svg = plots.appearance_plot({"Mira": [1.0, 1.1, 50.0], "Bram": [30.0], "Pip": []}, 90)
    assert {"Mira", "Bram", "Pip", "0:00", "1:15"} <= set(texts(svg))
    assert bars(svg, "kept") == 3


def test_a_curve_ends_in_its_last_value():
    assert "0.25" in texts(plots.curve_plot("training loss", [(0, 1.0), (10, 0.25)]))


def test_plots_are_drawn_as_they_were_looked_at():
    """Their sizes, lines, labels and bars; the letters are set in the page's own font."""
    close = [0.31, 0.5, 0.5, 0.66, 0.7, 0.81, 0.9]
    assert_golden("similarity.svg", plots.similarity_plot(close, [0.92, 0.95, 1.0], 0.92))
    cast = {"Mira": [1.0, 1.1, 50.0], "Bram Oftheverylongname": [30.0, 89.9], "Pip": []}
    assert_golden("appearances.svg", plots.appearance_plot(cast, 90))
    loss = [(0, 1.0), (10, 0.4), (20, 0.2512)]
    assert_golden("training-loss.svg", plots.curve_plot("training loss", loss))


@pytest.mark.parametrize(
    ("length_s", "last_tick"), [(8, "0:08"), (8.1, "0:08"), (16, "0:16"), (480, "8:00")]
)
def test_at_most_eight_round_times_after_the_first_stand_below_a_film(length_s, last_tick):
    clock = [t for t in texts(plots.appearance_plot({"Mira": [1.0]}, length_s)) if ":" in t]
    assert len(clock) <= 9
    assert clock[-1] == last_tick


@pytest.mark.parametrize(
    ("letters", "shown"), [(18, "M" * 18), (19, "M" * 17 + "…")], ids=["fits", "is cut"]
)
def test_a_name_of_eighteen_letters_fits_its_row(letters, shown):
    assert shown in texts(plots.appearance_plot({"M" * letters: [1.0]}, 10))


def test_edges_lie_a_fortieth_apart_and_one_is_the_threshold():
    edges = plots.edges_around(0.9, 0.1)
    assert edges[-1] == 1
    assert edges[0] == pytest.approx(0.9 - 0.025 * 33)
    assert len(edges) == 33 + 4 + 1
    assert edges[1:] - edges[:-1] == pytest.approx([0.025] * 37)


def test_a_threshold_of_one_is_the_last_bar():
    assert plots.edges_around(1.0, 0.22).tolist()[-2:] == [1.0, pytest.approx(1.02)]


def test_plots_use_the_colours_and_the_font_of_the_page():
    svg = plots.similarity_plot([0.5], [0.95], 0.92)
    assert "#00fe0" not in svg
    assert "font-family" not in svg
    assert drawing(svg).get("width") is None


def test_equal_figures_give_equal_bytes():
    draw = [plots.similarity_plot([0.5, 0.6], [0.95], 0.92) for _ in range(2)]
    assert draw[0] == draw[1]


def test_names_are_text_whatever_they_contain():
    hostile = "</text><script>$x$"
    svg = plots.appearance_plot({hostile: [1.0]}, 10)
    assert hostile in texts(svg)
    assert not list(drawing(svg).iter("{*}script"))


def test_a_long_film_has_round_hours_below_it():
    svg = plots.appearance_plot({"Mira": [1.0, 9_000.0]}, 9_600)
    clock = [text for text in texts(svg) if ":" in text]
    assert clock == ["0:00", "30:00", "1:00:00", "1:30:00", "2:00:00", "2:30:00"]


def test_a_long_name_leaves_its_row_room():
    svg = plots.appearance_plot({"The Lighthouse Keeper of the Northern Isles": [1.0]}, 10)
    assert "The Lighthouse Ke…" in texts(svg)


@pytest.mark.filterwarnings("error")
def test_names_that_only_the_page_has_letters_for_are_drawn_without_a_word():
    assert "美良 🏮" in texts(plots.appearance_plot({"美良 🏮": [1.0]}, 10))


def test_below_the_longest_films_a_time_stands_every_four_hours():
    assert plots._tick_seconds(8 * 14_400) == plots._tick_seconds(8 * 14_400 + 1) == 14_400
    assert (plots._tick_seconds(8), plots._tick_seconds(9)) == (1, 2)
