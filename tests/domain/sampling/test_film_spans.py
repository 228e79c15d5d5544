"""Stretches of films, and the list of what may not come back."""

from storyboard_ops.domain.sampling.film_spans import FilmSpan, FilmSpans, Tombstone, Tombstones
from tests.material import factories

FILM, OTHER = factories.sha("film"), factories.sha("other")


def span(from_s: float = 0, to_s: float | None = None, film: str = FILM) -> FilmSpan:
    return FilmSpan(video_sha256=film, from_s=from_s, to_s=to_s)


def stone(**changes) -> Tombstone:
    given = {"removal_id": "r", "what": "it", "reason": "licence", "requested_by": "dana"}
    return Tombstone(**{**given, "removed_at": "2026-11-23T08:00:00+00:00", **changes})


def test_a_stretch_begins_with_its_first_moment_and_ends_before_its_last():
    spans = FilmSpans([span(2, 5)])
    covered = [seconds for seconds in (1.999, 2, 4.999, 5, 6) if spans.covers(FILM, seconds)]
    assert covered == [2, 4.999]
    assert not spans.covers(OTHER, 3)


def test_stretches_that_touch_become_one():
    spans = FilmSpans([span(4, 6), span(1, 2), span(2, 4), span(8), span(0, 1, OTHER)])
    assert [(s.from_s, s.to_s) for s in spans.of(FILM)] == [(1, 6), (8, None)]
    assert spans.covers(FILM, 10_000)


def test_a_stretch_inside_another_adds_nothing():
    assert [(s.from_s, s.to_s) for s in FilmSpans([span(0), span(3, 4)])] == [(0, None)]


def test_a_whole_film_is_refused_by_its_content_and_by_its_place():
    stones = Tombstones(removals=(stone(spans=(span(),), video_uri="s3://b/film.mp4"),))
    assert stones.film("s3://elsewhere/film.mp4", FILM) is not None
    assert stones.film("s3://b/film.mp4", OTHER) is not None
    assert stones.film("s3://b/other.mp4", OTHER) is None


def test_a_film_of_which_a_part_was_removed_may_be_used():
    stones = Tombstones(removals=(stone(spans=(span(0, 5),)),))
    assert stones.film("s3://b/film.mp4", FILM) is None
    assert stones.covers(factories.frame(3, video=factories.frame(3).video)) is False


def test_frames_of_a_removed_stretch_are_covered():
    film = factories.frame(0).video.sha256
    stones = Tombstones(removals=(stone(spans=(span(2, 4, film),)),))
    assert [k for k in range(6) if stones.covers(factories.frame(k))] == [2, 3]


def test_a_person_is_known_by_production_and_id():
    stones = Tombstones(removals=(stone(production="tiny", character="mira"),))
    assert stones.person("tiny", "mira").explanation == (
        "removed on 2026-11-23 by dana: licence (removals/r.html)"
    )
    assert stones.person("other", "mira") is None


def test_the_same_removal_stands_once_in_the_list():
    stones = Tombstones().with_tombstone(stone(reason="first")).with_tombstone(stone(what="again"))
    assert [one.what for one in stones.removals] == ["again"]
