"""The review board as an A2I worker page, in the local worker portal: one loop from end to end."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from storyboard_ops.core.pictures.codec import encode_jpeg
from storyboard_ops.gateways.review.worker_template import worker_template
from tests.browser.board_page import BoardPage, context_of
from tests.browser.review.review_items import review_of
from tests.local_aws.review_data import ReviewDesk, open_desk
from tests.material.factories import picture
from tests.studio.endpoint_fixture import RunningEndpoint

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

pytestmark = pytest.mark.slow

HOSTILE = 'Mira waits </div><script>window.hit = 1</script><img src=x onerror="window.hit = 1">'


@pytest.fixture(scope="module")
def desk(local_endpoint: RunningEndpoint) -> ReviewDesk:
    """A flow whose task UI is the product's worker template."""
    bucket = f"portal-{uuid.uuid4().hex[:12]}"
    local_endpoint.client("s3").create_bucket(Bucket=bucket)
    return open_desk(local_endpoint, bucket, template=worker_template())


@pytest.fixture
def worker(chromium: Browser, local_endpoint: RunningEndpoint) -> Iterator[BrowserContext]:
    """The browser of a worker who has opened the portal's printed address."""
    with context_of(chromium) as context:
        context.new_page().goto(local_endpoint.ready["portal_url"])
        yield context


def start_loop(desk: ReviewDesk, count: int, caption: str = "") -> tuple[str, list[str]]:
    """A loop over so many pictures in the bucket; its name and the ids of the pictures."""
    document = review_of(count).document()
    for name in ("token", "decisions", "version", "closed", "you"):
        del document[name]
    s3 = desk.endpoint.client("s3")
    for number, item in enumerate(document["items"]):
        key = f"crops/{item['id']}.jpg"
        s3.put_object(Bucket=desk.bucket, Key=key, Body=encode_jpeg(picture(number), 85))
        uri = f"s3://{desk.bucket}/{key}"
        del item["picture_url"], item["thumb_url"]
        own = {"uri": uri, "timecode": item["timecode"], "own": True, "box": [0.25, 0.25, 0.5, 0.5]}
        item |= {"picture_uri": uri, "thumb_uri": uri, "neighbours": [own]}
    face = f"s3://{desk.bucket}/library/references/mira.jpg"
    s3.put_object(
        Bucket=desk.bucket, Key="library/references/mira.jpg", Body=encode_jpeg(picture(9), 85)
    )
    document["characters"] = [
        {**one, "reference_uris": [face] if one["id"] == "mira" else []}
        for one in document["characters"]
    ]
    document["items"][0]["caption"] = caption or document["items"][0]["caption"]
    return desk.start(document), [item["id"] for item in document["items"]]


def open_task(worker: BrowserContext, desk: ReviewDesk, name: str) -> BoardPage:
    page = worker.new_page()
    page.goto(f"{desk.endpoint.url}/_localaws/portal/loops/{name}")
    board = BoardPage(page, page.frame_locator("#task"))
    board.wait_ready()
    return board


def decisions_of(desk: ReviewDesk, name: str) -> list[dict[str, Any]]:
    """The one answer to a loop, as A2I stores it."""
    key = desk.describe(name)["HumanLoopOutput"]["OutputS3Uri"].removeprefix(f"s3://{desk.bucket}/")
    body = desk.endpoint.client("s3").get_object(Bucket=desk.bucket, Key=key)["Body"].read()
    (answer,) = json.loads(body)["humanAnswers"]
    decisions: list[dict[str, Any]] = json.loads(answer["answerContent"]["decisions"])
    return decisions


def test_a_loop_is_reviewed_by_keyboard_closed_in_the_middle_and_submitted(
    desk: ReviewDesk, worker: BrowserContext
) -> None:
    name, ids = start_loop(desk, 6)
    board = open_task(worker, desk, name)

    board.press("a", "3", "a", "u")  # the third is open again
    board.press("e")
    board.type("Mira lifts a lantern\n")
    board.wait_saved()
    board.page.close()
    again = open_task(worker, desk, name)
    assert again.progress == "2 of 6 decided"
    assert again.current == ids[2], "it goes on where it was closed"
    again.press("a", "c", "1", "2")  # the fourth is Mira too, and cut off
    again.press("b", "ArrowLeft", "Enter", "a")
    again.wait_saved()
    again.where.get_by_role("button", name="Finish…").click()
    again.where.get_by_label("Leave out the picture").check()
    again.where.get_by_role("button", name="Finish", exact=True).click()
    again.page.get_by_role("heading", name="Thank you").wait_for()

    assert decisions_of(desk, name) == [
        answer(ids[0], "approve"),
        answer(ids[1], "reject", "blurred"),
        answer(ids[2], "approve", caption="Mira lifts a lantern"),
        answer(ids[3], "reject", "cut off", character="mira"),
        answer(ids[4], "approve", cut="310,320,640,640"),
        answer(ids[5], "reject", "undecided"),
    ]


def answer(
    image_id: str,
    decision: str,
    reason: str = "",
    caption: str = "",
    character: str = "",
    cut: str = "",
) -> dict[str, str]:
    return {
        "image_id": image_id,
        "decision": decision,
        "reason": reason,
        "caption": caption,
        "character": character,
        "cut": cut,
    }


def test_pictures_are_shown_and_a_hostile_caption_is_text(
    desk: ReviewDesk, worker: BrowserContext
) -> None:
    name, _ = start_loop(desk, 2, caption=HOSTILE)
    board = open_task(worker, desk, name)
    shown = board.card(0).locator(".picture")

    board.press("z")
    reference = board.where.locator(".loupe .references img")
    assert reference.evaluate("image => image.decode().then(() => image.naturalWidth)") == 512
    board.press("Escape")
    assert board.card(0).locator(".caption").inner_text() == HOSTILE
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 512
    assert shown.evaluate("() => [window.hit, document.querySelectorAll('img[src=x]').length]") == [
        None,
        0,
    ]
