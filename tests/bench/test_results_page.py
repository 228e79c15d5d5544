"""What `make bench` runs, and what its page says about benchmarks that did not run."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.console import Console

import bench.__main__ as bench_main
from bench.__main__ import RESULTS_PAGE, Outcome, page, run
from bench.benchmarks import BENCHMARKS, select

SEARCH = next(each for each in BENCHMARKS if each.name == "near_duplicates")


def test_named_benchmarks_run_in_the_order_given() -> None:
    assert [each.name for each in select("report,near_duplicates")] == ["report", "near_duplicates"]


def test_all_benchmarks_run_when_none_is_named() -> None:
    assert select("") == BENCHMARKS


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SystemExit, match=r"No benchmark reports; there are sampling, near_dup"):
        select("reports")


def test_a_benchmark_whose_program_is_missing_is_skipped_with_that_reason() -> None:
    outcome = run(replace(SEARCH, programs=("no-such-program",)), "", Console(quiet=True))
    assert outcome == Outcome("skipped, because no-such-program is not installed")


def test_a_benchmark_that_fails_says_how_it_ended() -> None:
    outcome = run(replace(SEARCH, arguments=("--sizes", "few")), "", Console(quiet=True))
    assert outcome.failed
    assert outcome.note.startswith("no figures, it ended with exit code 2: ")
    assert outcome.note.endswith("argument --sizes: invalid int value: 'few'")


def test_the_page_has_a_section_of_every_benchmark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_main, "load", lambda name: None)
    text = page({"sampling": "skipped, because ffmpeg is not installed"})
    assert text.count("\nNot measured yet: ") == len(BENCHMARKS) + 1
    assert (
        "## Sampling\n\nNot measured yet: `python -m bench.sampling`.\n\n*Last run: skipped" in text
    )


def test_the_committed_page_shows_the_committed_results() -> None:
    """A changed text or result needs a new page; `make bench` writes it."""

    def sections(text: str) -> str:
        return text[text.index("\n## ") :]

    assert sections(RESULTS_PAGE.read_text()) == sections(page({}))
