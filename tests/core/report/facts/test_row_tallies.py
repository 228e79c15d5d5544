"""What remains of the rows of a run: exact numbers, and few rows."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise

import pytest

from storyboard_ops.core.report.facts.row_tallies import (
    MOST_EXAMPLES,
    Cell,
    DropTally,
    EvenSample,
    ExaminedTally,
    FrameTally,
    PictureTally,
)
from storyboard_ops.domain.image_records import CropDrop, Drop, FrameDetections
from tests.material import factories, reports


def sampled(count: int) -> list[int]:
    sample = EvenSample[int]()
    for number in range(count):
        sample.add(number)
    assert sample.total == count
    return sample.items


@pytest.mark.parametrize("count", [0, 1, 2, MOST_EXAMPLES])
def test_all_items_of_a_short_sequence_are_kept(count):
    assert sampled(count) == list(range(count))


@pytest.mark.parametrize("count", [MOST_EXAMPLES + 1, 1_000, 4_097, 100_000])
def test_items_of_a_long_sequence_are_spread_evenly(count):
    items = sampled(count)
    assert MOST_EXAMPLES // 2 < len(items) <= MOST_EXAMPLES + 1
    assert (items[0], items[-1]) == (0, count - 1)
    gaps = {after - before for before, after in pairwise(items[:-1])}
    assert len(gaps) == 1
    assert items[-1] - items[-2] <= gaps.pop()


def test_frames_are_counted_by_film():
    other = factories.frame(0, uri=f"{factories.VIDEO_URI}.2", transparent=True)
    tally = FrameTally.of([*reports.film_frames(), other])
    assert (tally.figures.sampled, tally.figures.usable, tally.figures.shots) == (61, 49, 16)
    assert (tally.transparent, tally.seconds) == (1, 59.0)
    films = {film.uri: (one.sampled, one.usable) for film, one in tally.films.items()}
    assert films == {factories.VIDEO_URI: (60, 48), f"{factories.VIDEO_URI}.2": (1, 1)}
    dropped = {reason: one.total for (_, reason), one in tally.drops.groups.items()}
    assert dropped == {"black": 3, "blurred": 2, "near-identical": 7}


def test_examined_frames_are_counted_by_what_has_a_name():
    named, nameless = factories.detection("mira"), factories.detection(None)
    rows = [
        FrameDetections(frame=factories.frame(0), detections=(named, named, nameless)),
        FrameDetections(frame=factories.frame(1), detections=(nameless,)),
        FrameDetections(frame=factories.frame(2), failure="the service was busy"),
    ]
    tally = ExaminedTally.of(rows)
    assert (tally.total, tally.with_character, tally.named) == (3, 1, 2)
    assert list(tally.drops.groups) == [("detect", "not examined")]


def test_a_repeated_picture_counts_among_those_that_were_not_cut():
    drop = Drop(stage="duplicate", reason="same picture")
    row = CropDrop(frame=factories.frame(0), detection=factories.detection("mira"), drop=drop)
    assert list(DropTally.of([row]).groups) == [("crop", "same picture")]


def test_pictures_are_counted_by_what_became_of_them():
    edited = factories.caption("Mira waits", "word count: 2 words").model_copy(
        update={"editor": "dana"}
    )
    kept = factories.image(1), factories.image(2, "bram", caption=edited)
    unsure = factories.image(3, review=None, unsure="Mira or Bram")
    double, refused = factories.near_duplicate(40), factories.rejected(50)
    tally = PictureTally.of([*kept, unsure, double, refused])
    assert (tally.figures.cut_out, tally.figures.approved, len(tally)) == (5, 3, 5)
    assert tally.decisions["a2i", "dana", "approve", ""] == (2, "2026-11-20T10:15:00+00:00")
    assert (tally.edited, dict(tally.findings)) == (1, {"word count: 2 words": 1})
    assert sorted(tally.words) == sorted([2, 12, 12])
    framing, shot = kept[0].crop.framing, kept[0].frame.shot
    assert tally.cells[Cell("mira", framing, factories.VIDEO_URI, shot, sure=True)] == 1
    assert [cell.sure for cell in tally.cells if cell.character == "mira"] == [True, False]
    distinct, doubles = tally.similar.split()
    assert (len(distinct), doubles) == (4, [double.duplicate.similarity])
    assert tally.found[double.image_id] == double


def test_some_hundred_bytes_remain_of_a_picture():
    """A record has some 10 KB."""
    tally = PictureTally()
    base = factories.near_duplicate(40)

    def add(first: int, last: int) -> int:
        tracemalloc.start()
        for number in range(first, last):
            tally.add(base.model_copy(update={"image_id": f"{number:064x}"}))
        held = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        return held

    add(0, 2_000)
    assert add(2_000, 12_000) < 400 * 10_000
    assert len(tally) == 12_000
