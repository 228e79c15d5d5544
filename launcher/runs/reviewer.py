"""A script that reviews in place of people, and says so: its decisions, and its answers to A2I.

It uses the worker portal of the local endpoint as a person's browser does; `page_reviewer` uses the
approval page. It approves every picture with two exceptions. Of a character with more than `MANY`
pictures it rejects the one with the lowest score, so that a demo shows both answers. It rejects
every picture that the pipeline is unsure about, because only a person can answer that.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from launcher.aws.clouds import SCRIPTED_REVIEWER
from launcher.errors import RunFailed

MANY = 6
REASON = "not representative"
QUESTION_REASON = "other"
TIMEOUT_SECONDS = 10


class ScriptedReviewer:
    """Answers open human loops and reports each to `note`."""

    def __init__(self, portal_url: str, note: Callable[[str], None]) -> None:
        parts = urlsplit(portal_url)
        (token,) = parse_qs(parts.query)["token"]
        self._loops = f"{parts.scheme}://{parts.netloc}/_localaws/portal/api/loops"
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {token}"
        self._note = note

    def answer_open_loops(self) -> None:
        """Answer every loop that is open now.

        Raises:
            RunFailed: the portal cannot be reached or refuses an answer.
        """
        try:
            for loop in self._get("", status="InProgress")["loops"]:
                self._answer(loop["name"])
        except requests.RequestException as error:
            raise RunFailed(f"The scripted reviewer could not use the portal: {error}") from error

    def _answer(self, name: str) -> None:
        decisions = decide(self._get(f"/{name}")["input"]["items"])
        answer = {
            "workerId": SCRIPTED_REVIEWER,
            "answerContent": {"decisions": json.dumps(decisions)},
        }
        reply = self._session.post(
            f"{self._loops}/{name}/answers", json=answer, timeout=TIMEOUT_SECONDS
        )
        reply.raise_for_status()
        rejected = sum(each["decision"] == "reject" for each in decisions)
        number = name.rpartition("-")[2]  # the whole name would not fit a line
        self._note(
            f"A script, not a person, answered loop {number}: "
            f"{len(decisions) - rejected} approved, {rejected} rejected."
        )

    def _get(self, path: str, **query: str) -> Any:
        reply = self._session.get(f"{self._loops}{path}", params=query, timeout=TIMEOUT_SECONDS)
        reply.raise_for_status()
        return reply.json()


def decide(pictures: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Decide about each picture, in order."""
    reasons = dict.fromkeys(find_weakest(pictures), REASON)
    reasons |= {each["id"]: QUESTION_REASON for each in pictures if each["question"]}
    return [
        {
            "image_id": picture["id"],
            "decision": "reject" if picture["id"] in reasons else "approve",
            "reason": reasons.get(picture["id"], ""),
            "caption": picture["caption"],
            "character": picture["character"],
        }
        for picture in pictures
    ]


def find_weakest(pictures: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return, per character with more than `MANY` pictures, the image id with the lowest score."""
    by_character: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for picture in pictures:
        by_character[picture["character"]].append(picture)
    return {
        min(group, key=lambda picture: picture["score"])["id"]
        for group in by_character.values()
        if len(group) > MANY
    }
