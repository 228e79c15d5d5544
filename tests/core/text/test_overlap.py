"""Shared runs of words and nearly equal texts, against plain counting."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storyboard_ops.core.text.overlap import common_fragments, near_copies


def split(*texts: str) -> list[list[str]]:
    return [text.split() for text in texts]


def test_the_longest_shared_run_is_named_once() -> None:
    texts = split(
        "mira stands in the harbour at night",
        "here mira stands in the rain",
        "now mira stands in the door",
        "mira stands in the light",
        "bram sleeps",
    )
    assert common_fragments(texts, 3, 0.8) == {("mira", "stands", "in", "the"): [0, 1, 2, 3]}


def test_a_longer_run_does_not_hide_a_shorter_one_elsewhere() -> None:
    texts = split("a b c d x y z", "x y z a b c d", "a b c d x y z")
    assert set(common_fragments(texts, 3, 1.0)) == {("a", "b", "c", "d"), ("x", "y", "z")}


def test_a_run_that_a_text_repeats_counts_once() -> None:
    assert common_fragments(split("a b c a b c", "d e f"), 3, 0.8) == {}


def test_nearly_equal_texts_point_at_the_first() -> None:
    texts = split(
        "mira waves from the quay at dusk",
        "bram sleeps in his boat under the stars",
        "mira waves from the quay at dusk smiling",
        "at dusk mira waves from the quay",
    )
    assert near_copies(texts, 0.85) == {2: 0, 3: 0}


def test_texts_without_words_are_like_nothing() -> None:
    assert near_copies([[], [], ["a"]], 0.85) == {}


def test_more_words_than_a_bitmap_row_holds_are_kept_apart() -> None:
    words = [f"word{number}" for number in range(130)]
    texts = [words, [words[0]], [words[64]], [words[128]], [words[64]]]
    assert near_copies(texts, 0.5) == {4: 2}


some_texts = st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=9), max_size=12)


@given(some_texts, st.sampled_from([0.3, 0.5, 0.85, 1.0]))
def test_near_copies_equal_a_comparison_of_all_pairs(
    texts: list[list[str]], likeness: float
) -> None:
    expected = {}
    for later, text in enumerate(texts):
        for earlier in range(later):
            a, b = set(text), set(texts[earlier])
            if a and b and len(a & b) / len(a | b) >= likeness:
                expected[later] = earlier
                break
    assert near_copies(texts, likeness) == expected


@given(some_texts, st.sampled_from([0.5, 0.8, 1.0]))
def test_fragments_equal_a_search_for_every_run(texts: list[list[str]], share: float) -> None:
    joined = [" ".join(text) for text in texts]  # words of one letter: a run is a substring
    runs = {
        tuple(text[i:j])
        for text in texts
        for i in range(len(text))
        for j in range(i + 2, len(text) + 1)
    }
    holders = {run: [n for n, text in enumerate(joined) if " ".join(run) in text] for run in runs}
    shared = {run: found for run, found in holders.items() if len(found) >= share * len(texts)}
    longest = {
        run: found
        for run, found in shared.items()
        if not any(
            len(other) == len(run) + 1 and run in (other[1:], other[:-1]) for other in shared
        )
    }
    assert common_fragments(texts, 2, share) == longest
