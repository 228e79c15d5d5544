"""What `make bench` runs, and what it says of what did not run."""

from __future__ import annotations

from typing import Any

import pytest
from rich.console import Console

import bench.__main__ as bench_main
from bench import near_duplicates
from bench.__main__ import BENCHMARKS, Benchmark, Outcome, chosen, page, run


def test_named_benchmarks_run_in_the_order_given() -> None:
    assert [each.name for each in chosen("report,near_duplicates")] == ["report", "near_duplicates"]


def test_airflow_runs_only_when_it_is_named() -> None:
    assert "embedded_airflow" not in [each.name for each in chosen("")]
    assert [each.name for each in chosen("embedded_airflow")] == ["embedded_airflow"]


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(SystemExit, match=r"No benchmark reports; there are sampling, near_dup"):
        chosen("reports")


def test_a_benchmark_whose_program_is_missing_is_skipped_with_that_reason() -> None:
    outcome = run(Benchmark("report", programs=("no-such-program",)), "", Console(quiet=True))
    assert outcome == Outcome("skipped, because no-such-program is not installed")


def test_a_benchmark_that_fails_says_how_it_ended() -> None:
    outcome = run(Benchmark("report", ("--pictures", "few")), "", Console(quiet=True))
    assert outcome.failed
    assert outcome.note.startswith("no figures, it ended with exit code 2: ")
    assert outcome.note.endswith("argument --pictures: invalid int value: 'few'")


def test_the_page_has_a_section_of_every_benchmark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_main, "load", lambda name: None)
    text = page({"sampling": "skipped, because ffmpeg is not installed"})
    assert text.count("\nNot measured yet: ") == len(BENCHMARKS) + 1
    assert (
        "## Sampling\n\nNot measured yet: `python -m bench.sampling`.\n\n*Last run: skipped" in text
    )


def test_figures_stay_until_the_same_is_measured_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def row(embeddings: int, method: str, **figures: Any) -> dict[str, Any]:
        return {"embeddings": embeddings, "method": method, **figures}

    earlier = [row(1_000, "faiss flat", wall_s=1), row(100_000, "blocked numpy", wall_s=2)]
    monkeypatch.setattr(near_duplicates, "load", lambda name: {"rows": earlier})
    now = [
        row(1_000, "blocked numpy", wall_s=3),
        row(1_000, "faiss flat", skipped="not installed"),
        row(1_000, "imagededup", skipped="not installed"),
    ]
    assert near_duplicates.merged(now)["rows"] == [now[0], earlier[0], now[2], earlier[1]]
