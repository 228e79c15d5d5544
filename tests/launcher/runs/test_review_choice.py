"""Who reviews a local run: the script at the desk of the run, or people, and where."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from launcher.runs.dag_run import DagRun
from launcher.runs.inputs import Request
from launcher.runs.local_run import choose_review, local_defaults
from launcher.state.layout import Project
from launcher.state.secret_store import Secrets

PORTAL = "http://127.0.0.1:9/_localaws/portal?token=key"
STACK = SimpleNamespace(url="http://127.0.0.1:8", secrets=Secrets())
RUN = DagRun(cast(Any, STACK), "train", "run+1")


def notes_about(desk: str) -> list[str]:
    """What is printed when a run with this review desk starts."""
    notes: list[str] = []
    choose_review(Request((), "sheet", {"review_desk": desk}), RUN, PORTAL, notes.append)
    return notes


def test_people_review_on_the_approval_page_unless_they_say_otherwise(monkeypatch):
    monkeypatch.setenv("REVIEW", "human")
    assert local_defaults(Project())["review_desk"] == "page"


def test_the_script_reviews_at_the_desk_that_preflight_chooses(monkeypatch):
    monkeypatch.setenv("REVIEW", "scripted")
    assert "review_desk" not in local_defaults(Project())


@pytest.mark.parametrize("desk", ["a2i", "page", "choose"])
def test_the_script_asks_nobody_to_review(desk, monkeypatch):
    monkeypatch.setenv("REVIEW", "scripted")
    assert notes_about(desk) == []


def test_people_see_where_to_review(monkeypatch):
    monkeypatch.setenv("REVIEW", "human")
    assert notes_about("a2i") == [f"Review here when the run waits for it: {PORTAL}"]
    page = "http://127.0.0.1:8/storyboard/runs/train/run%2B1/review"
    assert notes_about("page") == [f"Review here when the run waits for it: {page}"]


def test_people_see_both_places_when_preflight_chooses(monkeypatch):
    monkeypatch.setenv("REVIEW", "human")
    page = "http://127.0.0.1:8/storyboard/runs/train/run%2B1/review"
    assert notes_about("choose") == [
        f"Review here when the run waits for it: {PORTAL} or {page}, as preflight chooses"
    ]
