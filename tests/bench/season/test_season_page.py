"""The figures of a season, by known answers."""

from __future__ import annotations

from bench.season.page import MEASURED, section


def season(films: int, distinct_s: float) -> dict:
    """A season whose tasks take a second, but for near-duplicates; three films are cut."""
    stage = {"wall_s": 1.0, "cpu_s": 1.0, "peak_mb": 1_200, "xcom_bytes": 500}
    return {
        "films": films,
        "stages": {
            **dict.fromkeys(MEASURED, stage),
            "crop": {**stage, "cpu_s": 30.0, "instances": 3},
            "distinct": {**stage, "cpu_s": distinct_s},
        },
        "objects": 1_000,
        "bucket_mb": 10,
        "pictures": 2_000,
    }


def test_the_cost_of_a_film_is_compared_between_seasons():
    seasons = [season(10, 6.0), season(100, 306.0)]
    *_, fewest, most, ratio = section(
        {"measured": "today", "minutes": 90, "seasons": seasons}
    ).splitlines()
    assert "11.00 s of processor time a film in all tasks, without cropping 1.00 s" in fewest
    assert "13.10 s of processor time a film in all tasks, without cropping 3.10 s" in most
    assert fewest.endswith("3 kB in XCom.")
    assert ratio == (
        "- A film of 100 costs 1.19 times as much as one of 10; at most 1.1 is wanted."
    )
