"""Every line of a script is a heading, in one panel, or listed with its reason: none vanishes."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from storyboard_ops.core.script.panels import read_scenes
from storyboard_ops.core.script.scene_text import read_script_text
from storyboard_ops.domain.production_sheet import ScriptScene
from storyboard_ops.domain.storyboard.panel_card import MOST_DESCRIPTION
from tests.material import factories
from tests.material.screenplays import CORPUS, as_fdx, as_fountain, as_print, long_screenplay

CAST = factories.production().characters


def places_of(text: str) -> tuple[dict[int, list[str]], set[int]]:
    """Where each line is, and all the lines there are."""
    scenes, record = read_scenes(text, CAST, "a")
    places: dict[int, list[str]] = {}
    for scene in map(ScriptScene.model_validate, scenes):
        for line in scene.lines:
            places.setdefault(line, []).append("heading")
        for panel in scene.panels:
            for line in panel.lines:
                places.setdefault(line, []).append("panel")
    for omitted in record.omitted:
        assert omitted.reason
        for line in omitted.lines:
            places.setdefault(line, []).append("omitted")
    return places, set(read_script_text(text, "a").source_lines)


def check_partition(text: str) -> None:
    places, lines = places_of(text)
    assert places.keys() == lines
    assert {line: where for line, where in places.items() if len(set(where)) > 1} == {}
    repeated = {line for line, where in places.items() if len(where) > 1}
    # Only paragraphs that are too long for one panel are in several.
    elements = read_script_text(text, "a").elements
    long = [one for one in elements if len(one.text) > MOST_DESCRIPTION]
    assert repeated <= {line for element in long for line in element.lines}


@pytest.mark.parametrize("name", CORPUS)
def test_no_line_of_the_corpus_vanishes(name):
    check_partition(CORPUS[name])


@pytest.mark.parametrize("written", [as_fountain, as_fdx, as_print])
def test_no_line_of_a_long_screenplay_vanishes(written):
    check_partition(written(long_screenplay(193)))


def test_no_line_of_a_shuffled_script_vanishes():
    lines = [line for text in CORPUS.values() for line in text.splitlines() if len(line) < 200]
    for seed in range(60):
        chosen = random.Random(seed).choices(lines, k=60)
        check_partition("\n".join(chosen))


def test_the_corpus_has_every_kind_of_element():
    kinds = Counter(
        element.kind for text in CORPUS.values() for element in read_script_text(text, "a").elements
    )
    assert len(kinds) == 16
