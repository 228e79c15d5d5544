"""Films are looked through once, and what cannot be used says so."""

from __future__ import annotations

import os
from collections import Counter

import pytest

from storyboard_ops.cli.production.collect import collect_draft
from storyboard_ops.domain.error_tree import ProductionError, VideoUnreadable
from tests.films.cast_film import cast_film, drawn


def test_the_cast_of_a_film_is_two_groups(draft):
    assert len(draft.samples) == 8
    assert {sample.shot for sample in draft.samples} == {0, 4}
    assert Counter(figure.group for figure in draft.figures) == {0: 8, 1: 8}
    for second, sample in enumerate(draft.samples):
        boxes = drawn(second)[1]
        for group, name in enumerate(("ann", "bob")):
            (figure,) = [
                one
                for one in draft.figures
                if draft.samples[one.sample] == sample and one.group == group
            ]
            assert figure.box.iou(boxes[name]) > 0.6, (second, name)


def test_pictures_are_private_files_of_the_draft(draft, room):
    for figure in draft.figures:
        assert (room / "thumbs" / f"{figure.id}.jpg").stat().st_size > 500
    assert len(list((room / "frames").iterdir())) == 8
    assert (room / "frames").stat().st_mode & 0o077 == 0


def test_a_film_is_not_looked_through_again(film, draft, room):
    def never() -> None:
        raise AssertionError("a sample was looked at")

    assert collect_draft([film], room, print, never) == draft


def test_a_stopped_search_begins_the_film_again(film, draft, tmp_path):
    class Stopped(Exception):
        pass

    def stop() -> None:
        raise Stopped

    with pytest.raises(Stopped):
        collect_draft([film], tmp_path, print, stop)
    assert not list(tmp_path.glob("film-*.json"))
    assert collect_draft([film], tmp_path, print, lambda: None) == draft


def test_two_films_are_one_cast(film, draft, tmp_path):
    other = cast_film(tmp_path / "other.mp4", range(4, 8))
    said: list[str] = []
    both = collect_draft([film, other], tmp_path, said.append, lambda: None)
    assert both.films == ("our film.mp4", "other.mp4")
    assert Counter(figure.group for figure in both.figures) == {0: 12, 1: 12}
    assert {both.samples[figure.sample].film for figure in both.figures} == {0, 1}
    ends = [line for line in said if " samples, " not in line]  # those between depend on the time
    assert ends == ["our film.mp4: 16 figures in 2 shots", "other.mp4: 8 figures in 1 shot"]


def test_a_changed_film_is_looked_through_again(tmp_path):
    path = cast_film(tmp_path / "a.mp4", range(2))
    first = collect_draft([path], tmp_path, print, lambda: None)
    cast_film(path, range(4, 7))
    os.utime(path, (1, 1))
    assert len(first.samples) == 2
    assert len(collect_draft([path], tmp_path, print, lambda: None).samples) == 3


def test_a_film_without_figures_says_so(tmp_path):
    film = cast_film(tmp_path / "hills.mp4", people=False)
    with pytest.raises(ProductionError, match=r"No figure was found in 2 samples of hills\.mp4.*"):
        collect_draft([film], tmp_path, print, lambda: None)


def test_a_file_that_is_no_film_says_so(tmp_path):
    film = tmp_path / "notes.mp4"
    film.write_text("these are notes\n" * 50)
    with pytest.raises(VideoUnreadable, match=r"notes\.mp4"):
        collect_draft([film], tmp_path, print, lambda: None)
