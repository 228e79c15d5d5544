"""Who reviews a local run: the script at the worker portal, or people where they are told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from launcher.dag_run import DagRun
from launcher.inputs import Request
from launcher.local_run import LocalRun, local_defaults

PORTAL = "http://127.0.0.1:9/_localaws/portal?token=key"
RUN = DagRun(cast(Any, SimpleNamespace(url="http://127.0.0.1:8")), "train", "run+1")


def told(desk: str) -> list[str]:
    """What people are told when a run with this review desk starts."""
    notes: list[str] = []
    run = LocalRun(*cast(Any, (None, None, SimpleNamespace(portal_url=PORTAL), None)))
    request = Request((), "sheet", {"review_desk": desk})
    run._reviewer(request, RUN, cast(Any, SimpleNamespace(note=notes.append)))
    return notes


@pytest.mark.parametrize(("who", "desk"), [("human", "page"), ("scripted", None)])
def test_people_review_on_the_approval_page_unless_they_say_otherwise(who, desk, monkeypatch):
    monkeypatch.setenv("REVIEW", who)
    assert local_defaults().get("review_desk") == desk


def test_the_script_tells_nobody_to_review(monkeypatch):
    monkeypatch.setenv("REVIEW", "scripted")
    assert told("a2i") == []


def test_people_are_told_where_to_review(monkeypatch):
    monkeypatch.setenv("REVIEW", "human")
    assert told("a2i") == [f"Review here when asked: {PORTAL}"]
    page = "http://127.0.0.1:8/storyboard/runs/train/run%2B1/review"
    assert told("page") == [f"Review here when asked: {page}"]


def test_the_page_waits_for_people_even_where_a_script_would_review(monkeypatch):
    monkeypatch.setenv("REVIEW", "scripted")
    assert len(told("page")) == 1
