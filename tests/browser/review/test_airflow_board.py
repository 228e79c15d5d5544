"""The review inside Airflow: a run waits, two people decide in their browsers, the DAG goes on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
import requests

from storyboard_ops.domain.image_records import ImageRecord
from tests.browser.board_page import BoardPage, context_of
from tests.browser.review.airflow_fixture import SECOND_REVIEWER, WaitingRun, waiting_run
from tests.studio.endpoint_fixture import RunningEndpoint

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.long]

PICTURES = 7


@pytest.fixture(scope="module")
def waiting(
    chromium: Browser,
    local_endpoint: RunningEndpoint,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[WaitingRun]:
    """One Airflow for the module; it is not started where there is no browser."""
    folder = tmp_path_factory.mktemp("airflow")
    with waiting_run(local_endpoint, folder, PICTURES) as run:
        yield run


def log_in_by_form(page: Page, waiting: WaitingRun) -> None:
    """As a person does, on the page that Airflow leads to."""
    page.goto(waiting.run.page)
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(waiting.password("admin"))
    page.get_by_role("button", name="Sign in").click()


def log_in_by_cookie(page: Page, waiting: WaitingRun, user: str) -> None:
    token = requests.post(
        f"{waiting.stack.url}/auth/token",
        json={"username": user, "password": waiting.password(user)},
        timeout=20,
    ).json()["access_token"]
    page.context.add_cookies([{"name": "_token", "value": token, "url": waiting.stack.url}])


def open_tab(page: Page) -> BoardPage:
    """The board in the tab of the DAG run."""
    page.locator('a[href$="/plugin/storyboard-review"]', has_text="Approve pictures").click()
    board = BoardPage(page, page.frame_locator("iframe"))
    board.wait_ready()
    return board


def reviewed(waiting: WaitingRun) -> dict[str, ImageRecord]:
    """What the run's next task has made of the decisions, by image id."""
    tools = waiting.tools
    found = tools.manifests.latest(tools.run_root / "review/images.jsonl")
    assert found is not None
    records = tools.manifests.read(found[0], ImageRecord, "images").records
    return {record.image_id: record for record in records}


def test_two_people_review_in_airflow_and_the_dag_goes_on(
    chromium: Browser, waiting: WaitingRun
) -> None:
    with context_of(chromium) as first, context_of(chromium) as second:
        page = first.new_page()
        log_in_by_form(page, waiting)
        board = open_tab(page)

        board.press("a", "3", "a", "u")  # the third is open again
        board.press("e")
        board.type("Mira lifts a paper lantern in the wind")
        board.press("Enter")
        board.wait_saved()
        page.reload()  # closed in the middle
        board.wait_ready()
        assert board.progress == f"2 of {PICTURES} decided"
        third = board.current

        log_in_by_cookie(second.new_page(), waiting, SECOND_REVIEWER)
        other = BoardPage.opened(second, waiting.review_page)
        assert other.progress == f"2 of {PICTURES} decided"
        other.press("End", "a")
        other.wait_saved()
        last = other.current
        board.where.locator(f'[data-id="{last}"] .who', has_text=SECOND_REVIEWER).wait_for()

        board.press("a", "a", "a", "a")
        board.wait_saved()
        board.where.get_by_role("button", name="Finish…").click()
        board.where.get_by_role("button", name="Finish", exact=True).click()
        board.where.locator(".notice.done").wait_for()
        assert waiting.wait_ended() == "success"
        other.where.locator(".notice.done").wait_for()

    records = reviewed(waiting)
    assert sum(record.kept for record in records.values()) == PICTURES - 1
    (rejected,) = [record for record in records.values() if not record.kept]
    assert rejected.review is not None and rejected.review.reason == "blurred"
    caption = records[third].caption
    assert caption is not None and caption.text == "Mira lifts a paper lantern in the wind"
    reviewers = {image_id: record.review for image_id, record in records.items()}
    assert [review and review.reviewer for review in reviewers.values()].count("ben") == 1
    assert other.problems == []
