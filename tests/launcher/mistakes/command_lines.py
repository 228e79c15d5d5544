"""Command lines of the launcher, with inputs that the fixture ``folder`` has."""

from __future__ import annotations

from collections.abc import Callable

#: Runs a command; returns its exit status and everything that a person reads.
Read = Callable[..., tuple[int, str]]

WORKSPACE = '{"workspace": "s3://studio-of-nobody/films"}'
GOOD = ("--video", "film.mp4", "--production", "good.yaml")
AIRFLOWS_RUN = "manual__2026-11-29T13:00:00.123456+00:00"
WHO = ("--reason", "the licence has ended", "--by", "dana")


def run(*arguments: str) -> tuple[str, ...]:
    """`run` with the good inputs, except for those that are given."""
    return ("run", *GOOD, *arguments)
