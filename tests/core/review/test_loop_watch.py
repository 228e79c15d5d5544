"""Watching human loops page by page: nothing is lost, whatever the order of the pages."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storyboard_ops.core.review.loop_watch import LoopWatch


def watch(*names: str) -> LoopWatch:
    return LoopWatch.for_loops(names)


def test_it_is_done_when_every_loop_has_ended():
    seen = watch("a", "b")
    seen.add_page({"a": "Completed", "b": "InProgress"}, None)
    assert (seen.ended, seen.done) == (1, False)
    seen.add_page({"a": "Completed", "b": "Failed"}, None)
    assert (seen.done, seen.states) == (True, {"a": "Completed", "b": "Failed"})


def test_loops_of_other_runs_are_none_of_its_business():
    seen = watch("a")
    seen.add_page({"x": "Completed", "y": "Failed", "a": "InProgress"}, None)
    assert seen.states == {"a": "InProgress"}


def test_a_sweep_goes_over_all_pages():
    seen = watch("a", "b")
    seen.add_page({"a": "Completed"}, "page-2")
    assert (seen.next_page, seen.done) == ("page-2", False)
    seen.add_page({"b": "Completed"}, None)
    assert (seen.next_page, seen.done) == (None, True)


def test_a_loop_that_three_whole_sweeps_do_not_show_is_in_doubt():
    seen = watch("a", "lost")
    for _ in range(2):
        seen.add_page({"a": "Completed"}, None)
        assert seen.in_doubt is None
    seen.add_page({"a": "Completed"}, None)
    assert (seen.in_doubt, seen.done) == ("lost", False)


def test_a_loop_in_doubt_is_missing_when_the_service_does_not_know_it():
    seen = watch("a", "lost")
    for _ in range(3):
        seen.add_page({"a": "Completed"}, None)
    seen.settle("lost", None)
    assert seen.states == {"a": "Completed", "lost": "Missing"}
    assert (seen.in_doubt, seen.done) == (None, True)


def test_a_loop_in_doubt_that_is_there_is_waited_for():
    seen = watch("hidden")
    for status in ("InProgress", "Completed"):
        for _ in range(3):
            assert (seen.in_doubt, seen.done) == (None, False)
            seen.add_page({}, None)
        assert seen.in_doubt == "hidden"
        seen.settle("hidden", status)
    assert (seen.states, seen.done) == ({"hidden": "Completed"}, True)


def test_a_loop_that_is_listed_late_is_not_in_doubt():
    seen = watch("late")
    for page in ({}, {}, {"late": "InProgress"}, {}, {}):
        seen.add_page(page, None)
    assert (seen.states, seen.in_doubt) == ({"late": "InProgress"}, None)


def test_an_answer_that_was_seen_stays_when_its_loop_is_deleted():
    seen = watch("a", "b")
    seen.add_page({"a": "Completed", "b": "InProgress"}, None)
    for _ in range(4):
        seen.add_page({"b": "InProgress"}, None)
    assert seen.states["a"] == "Completed"


def test_a_sweep_that_is_cut_short_counts_no_absence():
    seen = watch("a", "b")
    for _ in range(5):
        seen.add_page({"a": "Completed"}, "page-2")
        seen.restart_sweep()
    assert (seen.next_page, seen.states) == (None, {"a": "Completed"})


@given(
    st.lists(st.sampled_from(["Completed", "Failed", "Stopped"]), min_size=1, max_size=40),
    st.integers(1, 7),
    st.randoms(),
)
def test_the_end_does_not_depend_on_pages_or_order(ends, size, dice):
    final = {f"loop-{n}": state for n, state in enumerate(ends)}
    seen = LoopWatch.for_loops(final)
    listed = list(final.items())
    dice.shuffle(listed)
    pages = [dict(listed[start : start + size]) for start in range(0, len(listed), size)]
    for number, page in enumerate(pages):
        seen.add_page(page, None if page is pages[-1] else f"page-{number + 1}")
    assert (seen.done, seen.states) == (True, final)
