"""Plots: markup that follows the page, the same every time, with nothing to break out of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from storyboard_ops.core.report import plots


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
