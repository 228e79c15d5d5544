"""Evaluation pictures come from shots that training never sees."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyboard_ops.core.dataset.selection import shot_of
from storyboard_ops.core.dataset.split import split_by_shot, takes_of
from storyboard_ops.domain.image_records import Drop, ImageRecord
from tests.material.factories import frame, image


def shots_of(character: str, shots: range, each: int = 3) -> list[ImageRecord]:
    return [
        image(10 * shot + n, character, frame=frame(10 * shot + n, shot=shot))
        for shot in shots
        for n in range(each)
    ]


def test_a_tenth_of_the_shots_is_held_out_whole() -> None:
    images = shots_of("mira", range(20))
    split = split_by_shot(images)
    shot = {one.image_id: one.frame.shot for one in images}
    held_out = {shot[image_id] for image_id in split.evaluation}
    assert len(held_out) == 2
    assert len(split.evaluation) == 6
    assert held_out.isdisjoint(shot[image_id] for image_id in split.training)
    assert split.notes == ()


def test_the_draw_does_not_depend_on_the_order_of_the_pictures() -> None:
    images = shots_of("mira", range(20))
    there, back = split_by_shot(images), split_by_shot(images[::-1])
    assert sorted(there.evaluation) == sorted(back.evaluation)


def test_too_few_shots_hold_out_nothing_and_say_so() -> None:
    split = split_by_shot(shots_of("mira", range(2)))
    assert split.evaluation == ()
    assert len(split.training) == 6
    assert split.notes == (
        "mira: 2 shots, all used for training; from 3 shots on some are held out.",
    )


def test_a_shot_shared_with_a_rare_character_stays_in_training() -> None:
    """Pip is only seen together with Mira, in two shots."""
    images = shots_of("mira", range(10)) + shots_of("pip", range(2))
    for share in (0.1, 0.9):
        split = split_by_shot(images, share=share)
        pip = {one.image_id for one in images if one.character == "pip"}
        shared = {one.image_id for one in images if one.frame.shot < 2}
        assert pip <= shared <= set(split.training)


def test_what_cannot_be_held_out_is_noted() -> None:
    images = shots_of("mira", range(10)) + shots_of("pip", range(2))
    notes = split_by_shot(images, share=0.9).notes
    assert notes[0] == (
        "mira: 8 of 9 shots held out; the others are shared with characters "
        "that need them for training."
    )
    assert notes[1].startswith("pip: 2 shots")


def test_training_keeps_what_the_trainer_needs() -> None:
    split = split_by_shot(shots_of("mira", range(5), each=1))
    assert split.evaluation == ()
    assert split.notes == ("Nothing is held out: training needs at least 5 pictures.",)


def test_dropped_pictures_are_on_neither_side() -> None:
    images = shots_of("mira", range(10))
    images[0] = images[0].model_copy(update={"dropped": Drop(stage="review", reason="rejected")})
    split = split_by_shot(images)
    assert images[0].image_id not in split.training + split.evaluation


def test_a_take_that_the_shot_finder_had_to_cut_is_on_one_side() -> None:
    """Shots 64 and 128 begin at an anchor: they may go on from the one before."""
    assert takes_of([("f", 50), ("f", 64), ("f", 70), ("f", 128), ("f", 130)]) == {
        ("f", 50): ("f", 50),
        ("f", 64): ("f", 50),
        ("f", 70): ("f", 70),
        ("f", 128): ("f", 70),
        ("f", 130): ("f", 130),
    }
    assert takes_of([("f", 10), ("f", 256), ("g", 0)])["f", 256] == ("f", 256)
    images = shots_of("mira", range(0, 1024, 64))
    assert split_by_shot(images, share=0.5).evaluation == ()


def test_no_pictures() -> None:
    split = split_by_shot([])
    assert (split.training, split.evaluation) == ((), ())


@given(
    st.lists(
        st.tuples(st.integers(0, 25), st.sets(st.sampled_from(["mira", "bram", "pip"]))),
        max_size=25,
    )
)
def test_no_shot_is_ever_on_both_sides_and_every_character_is_trained(
    cast: list[tuple[int, set[str]]],
) -> None:
    images = list(
        {
            one.image_id: one
            for shot, characters in cast
            for character in characters
            for one in shots_of(character, range(shot, shot + 1), each=2)
        }.values()
    )
    split = split_by_shot(images)
    sides = defaultdict(set)
    for one in images:
        sides[shot_of(one)].add(one.image_id in split.evaluation)
    assert all(len(side) == 1 for side in sides.values())
    assert sorted(split.training + split.evaluation) == sorted(one.image_id for one in images)
    trained = {one.character for one in images if one.image_id in split.training}
    assert trained == {one.character for one in images}


@pytest.mark.parametrize(("shots", "held_out"), [(2, 0), (3, 1), (5, 1), (6, 2), (24, 2), (26, 3)])
def test_a_tenth_is_held_out_and_two_shots_where_there_are_six(shots: int, held_out: int) -> None:
    split = split_by_shot(shots_of("mira", range(1, shots + 1), each=3))
    assert len(split.evaluation) == 3 * held_out
    assert (split.notes == ()) == (shots >= 3)


def test_characters_that_share_their_shots_have_held_out_pictures_too() -> None:
    """Bram and Pip appear only together with Mira, who would have all of the held-out pictures."""
    images = (
        shots_of("mira", range(30)) + shots_of("bram", range(0, 8)) + shots_of("pip", range(4, 8))
    )
    split = split_by_shot(images)
    held_out = Counter(one.character for one in images if one.image_id in set(split.evaluation))
    assert set(held_out) == {"mira", "bram", "pip"}
    assert held_out["pip"] == 3, "one shot of its four"
    assert held_out["bram"] <= 2 * 3, "at most a third of its eight shots"


def test_nothing_is_held_out_where_no_share_is_asked_for() -> None:
    split = split_by_shot(shots_of("mira", range(20)), share=0)
    assert (split.evaluation, len(split.training)) == ((), 60)


@pytest.mark.parametrize(("shots", "held_out"), [(5, 0), (6, 0), (7, 2)])
def test_exactly_what_the_trainer_needs_is_enough(shots: int, held_out: int) -> None:
    assert len(split_by_shot(shots_of("mira", range(1, shots + 1), each=1)).evaluation) == held_out


def test_a_shot_goes_on_over_one_anchor_only() -> None:
    assert takes_of([("f", 0), ("f", 64)])["f", 64] == ("f", 0)
    assert takes_of([("f", 63), ("f", 128)])["f", 128] == ("f", 128)
    assert takes_of([("f", 64), ("f", 128)])["f", 128] == ("f", 64)
    assert takes_of([("f", 60), ("f", 65)])["f", 65] == ("f", 65)
    assert takes_of([("e", 0), ("f", 0)])["f", 0] == ("f", 0)


def test_those_are_held_out_whose_film_and_shot_have_the_lowest_digest() -> None:
    images = shots_of("mira", range(1, 21))
    video = images[0].frame.video.sha256

    def lot(shot: int) -> str:
        return hashlib.sha256(f"{video} {shot}".encode()).hexdigest()

    held_out = {i.frame.shot for i in images if i.image_id in split_by_shot(images).evaluation}
    assert held_out == set(sorted(range(1, 21), key=lot)[:2])
