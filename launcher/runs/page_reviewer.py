"""The scripted reviewer on the pages of the Airflow UI: of pictures, and of panels of scripts.

It logs in to Airflow as a person does, with a user of its own, and sends what the board in a
browser sends (docs/approval-page.md), so that the log and the dataset say that a script decided.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import requests

from launcher.errors import RunFailed
from launcher.runs.reviewer import decide

TIMEOUT_SECONDS = 30
#: Statuses of refusals that pass: a person decided in the meantime, or the page was open too long.
LOOK_AGAIN = frozenset({requests.codes.unauthorized, requests.codes.conflict})


class PageReviewer:
    """Decides about what is undecided on every open page, finishes it, and reports to `note`."""

    def __init__(self, url: str, user: str, password: str, note: Callable[[str], None]) -> None:
        self._url = f"{url}/storyboard"
        self._login_url = f"{url}/auth/token"
        self._login = {"username": user, "password": password}
        self._note = note
        self._session: requests.Session | None = None
        self._left_to_people: set[str] = set()

    def answer_open_reviews(self) -> None:
        """Answer every review that waits on the page now.

        Whatever passes by itself is tried again at the next call: a server that does not answer in
        time, a person who decides at the same moment.

        Raises:
            RunFailed: the page refuses an answer, or Airflow the login.
        """
        try:
            for review in self._get("runs.json")["runs"]:
                if review["state"] == "open" and review["page"] not in self._left_to_people:
                    answer = self._approve if review.get("kind") == "breakdown" else self._answer
                    answer(review["page"])
        except (requests.ConnectionError, requests.Timeout):
            return
        except requests.JSONDecodeError as error:  # Airflow's own page, where the plugin is missing
            raise RunFailed(
                f"Airflow serves no approval page at {self._url}: the plugin is not loaded. Look "
                "for the import error with `airflow plugins`."
            ) from error
        except requests.HTTPError as error:
            if error.response.status_code in LOOK_AGAIN:
                self._session = None  # log in again
                return
            raise RunFailed(
                f"The scripted reviewer could not use the approval page: {error} "
                f"{error.response.text}"
            ) from error

    def _answer(self, page: str) -> None:
        """Decide about the undecided pictures of a page, and finish its review."""
        review = page.removesuffix("review")
        board = self._get(f"{review}board")
        version, token = board["version"], board["token"]
        decisions = list(_decide_open(board))
        for batch in _split(decisions, board["limits"]["batch_max"]):
            body = {"id": str(uuid.uuid4()), "decisions": batch}
            version = self._post(f"{review}decisions", token, body)["version"]
        if not self._finish(page, review, board, version):
            return
        rejected = sum(each["decision"] == "reject" for each in decisions)
        self._note(
            "A script, not a person, answered the page: "
            f"{len(decisions) - rejected} approved, {rejected} rejected."
        )

    def _approve(self, page: str) -> None:
        """Approve the scenes of a breakdown that nobody has approved, and finish it."""
        place = page.removesuffix("view")
        board = self._get(f"{place}board")
        version = board["version"]
        decisions = list(_approve_open(board))
        for batch in _split(decisions, board["limits"]["batch_max"]):
            body = {"id": str(uuid.uuid4()), "decisions": batch}
            version = self._post(f"{place}decisions", board["token"], body)["version"]
        board["cost"] = self._get(f"{place}cost")  # of the panels as they are now
        if self._finish(page, place, board, version):
            self._note(f"A script, not a person, approved the panels of {len(decisions)} scenes.")

    def _finish(self, page: str, place: str, board: Mapping[str, Any], version: int) -> bool:
        """Finish a page on which nothing is open; a sum above the budget is left to a person."""
        if (usd := board["cost"]["consent_usd"]) is not None:
            self._left_to_people.add(page)
            self._note(f"A person has to agree to {usd:,.2f} USD and finish: {self._url}/{page}")
            return False
        final = {"id": str(uuid.uuid4()), "based_on": version, "open": 0, "consent_usd": None}
        self._post(f"{place}finish", board["token"], final)
        return True

    def _get(self, path: str) -> Any:
        return self._send("GET", path)

    def _post(self, path: str, token: str, body: Mapping[str, Any]) -> Any:
        return self._send("POST", path, json=body, headers={"X-Review-Token": token})

    def _send(self, method: str, path: str, **options: Any) -> Any:
        if self._session is None:
            self._session = self._log_in()
        answer = self._session.request(
            method, f"{self._url}/{path}", timeout=TIMEOUT_SECONDS, **options
        )
        answer.raise_for_status()
        return answer.json()

    def _log_in(self) -> requests.Session:
        """Return a session with the cookie that Airflow's login page sets, and nothing else."""
        session = requests.Session()
        session.trust_env = False
        answer = session.post(self._login_url, json=self._login, timeout=TIMEOUT_SECONDS)
        if answer.status_code == requests.codes.unauthorized:
            raise RunFailed(f"Airflow refuses the login of the user {self._login['username']}.")
        answer.raise_for_status()
        session.cookies.set("_token", answer.json()["access_token"])
        return session


def _decide_open(board: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a decision about each picture without one; captions and characters stay."""
    known: Mapping[str, Any] = board["decisions"]
    for decision in decide(board["items"]):
        state = known.get(decision["image_id"], {"version": 0, "decision": "open"})
        if state["decision"] == "open":
            yield {**decision, "based_on": state["version"], "caption": "", "character": ""}


def _approve_open(board: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield an approval of each scene without one, as it is."""
    known: Mapping[str, Any] = board["decisions"]
    for scene in board["items"]:
        state = known.get(scene["id"], {"version": 0, "decision": "open", "content": ""})
        if state["decision"] == "open":
            yield {
                "image_id": scene["id"],
                "based_on": state["version"],
                "decision": "approve",
                "content": state["content"],
            }


def _split(decisions: Sequence[Any], most: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(decisions), most):
        yield decisions[start : start + most]
