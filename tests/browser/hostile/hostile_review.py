"""A review that has one hostile text in every place of its document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.browser.review.review_items import board_item, review_of
from tests.browser.review.review_server import Review

PICTURES = 6


@dataclass
class HostileReview(Review):
    """The review; the text is also what another reviewer writes."""

    text: str = ""

    def document(self) -> dict[str, Any]:
        """Return the response to ``GET board``."""
        given = super().document()
        cost = given["cost"]
        cost["lines"] = [{"what": self.text, "usd": 20.0}]
        cost["price_table_date"] = self.text
        run = {**given["run"], "title": self.text[:120], "run_id": self.text}
        return {**given, "run": run, "cost": cost}


def hostile_review(text: str) -> HostileReview:
    """Return a review of a few pictures of two films."""
    characters = [{"id": one, "name": text[:60]} for one in ("mira", "bram")]
    items = [hostile_item(number, text) for number in range(PICTURES)]
    pictures = review_of(1).pictures
    return HostileReview(items, characters, pictures, reviewer=text, consent_usd=300.0, text=text)


def hostile_item(number: int, text: str) -> dict[str, Any]:
    item = board_item(number, PICTURES)
    video = text if number % 2 else "film.mp4"
    return item | {"caption": text, "video": video, "notes": [text], "flags": ["unsure"]}
