"""The scripted reviewer: what it decides, and that the portal takes its answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
import responses

from launcher.errors import RunFailed
from launcher.runs.reviewer import ScriptedReviewer, decide

PORTAL = "http://127.0.0.1:9/_localaws/portal"
LOOPS = f"{PORTAL}/api/loops"


def pictures(character: str, scores: list[float]) -> list[dict[str, Any]]:
    return [
        {
            "id": f"{character}-{number}",
            "character": character,
            "caption": f"{character} runs",
            "score": score,
            "question": False,
        }
        for number, score in enumerate(scores)
    ]


def rejected(decisions: list[dict[str, str]]) -> list[str]:
    return [each["image_id"] for each in decisions if each["decision"] == "reject"]


def test_of_many_pictures_of_a_character_the_weakest_is_rejected_with_a_reason() -> None:
    shown = pictures("mira", [0.9, 0.8, 0.7, 0.61, 0.95, 0.9, 0.9]) + pictures("orso", [0.2] * 6)
    decisions = decide(shown)
    assert rejected(decisions) == ["mira-3"]
    assert decisions[3]["reason"] == "not representative"
    assert [each["image_id"] for each in decisions] == [each["id"] for each in shown]


def test_a_picture_with_a_question_is_rejected() -> None:
    sure, unsure = pictures("mira", [0.9, 0.5])
    decisions = decide([sure, {**unsure, "question": True}])
    assert rejected(decisions) == ["mira-1"]


def test_captions_and_characters_stay_as_they_are() -> None:
    (decision,) = decide(pictures("mira", [0.9]))
    assert decision == {
        "image_id": "mira-0",
        "decision": "approve",
        "reason": "",
        "caption": "mira runs",
        "character": "mira",
    }


@responses.activate
def test_every_open_loop_is_answered_and_the_script_says_that_it_is_one() -> None:
    notes: list[str] = []
    responses.get(LOOPS, json={"loops": [{"name": "batch-1"}]})
    responses.get(f"{LOOPS}/batch-1", json={"input": {"items": pictures("mira", [0.9, 0.8])}})
    answer = responses.post(f"{LOOPS}/batch-1/answers", json={})
    ScriptedReviewer(f"{PORTAL}?token=key", notes.append).answer_open_loops()
    request = answer.calls[0].request
    assert request.headers["Authorization"] == "Bearer key"
    sent = json.loads(request.body)
    assert sent["workerId"] == "scripted-reviewer"
    assert len(json.loads(sent["answerContent"]["decisions"])) == 2
    assert notes == ["A script, not a person, answered loop 1: 2 approved, 0 rejected."]


@responses.activate
def test_a_portal_that_refuses_ends_the_run_clearly() -> None:
    responses.get(LOOPS, status=403)
    with pytest.raises(RunFailed, match="could not use the portal: 403"):
        ScriptedReviewer(f"{PORTAL}?token=key", print).answer_open_loops()
