"""Hostile texts in the worker template, as the portal shows it, and in its list of loops."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from storyboard_ops.core.pictures.codec import encode_jpeg
from storyboard_ops.core.text.visible import visible
from storyboard_ops.gateways.review.worker_template import worker_template
from tests.browser.board_page import BoardPage
from tests.browser.hostile.hostile_review import hostile_review
from tests.browser.hostile.hostile_watch import Watch, watched
from tests.browser.page_probes import SPILT
from tests.local_aws.review_data import ReviewDesk, open_desk
from tests.material.factories import picture
from tests.material.hostile_texts import SHORT, each
from tests.studio.endpoint_fixture import RunningEndpoint

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

WIDTHS = (390, 1100)
#: What A2I allows as the title of a task: no control characters.
TITLES = (
    "script", "attribute", "template", "address", "style", "comment", "markdown", "right to left",
    "word", "joined word",
)  # fmt: skip


@pytest.fixture(scope="module")
def bucket(local_endpoint: RunningEndpoint) -> str:
    """A bucket with one picture."""
    name = f"hostile-{uuid.uuid4().hex[:12]}"
    s3 = local_endpoint.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="0.jpg", Body=encode_jpeg(picture(0), 85))
    return name


@pytest.fixture(scope="module")
def desk(local_endpoint: RunningEndpoint, bucket: str) -> ReviewDesk:
    return open_desk(local_endpoint, bucket, template=worker_template())


@pytest.fixture(scope="module")
def watch(chromium: Browser, local_endpoint: RunningEndpoint) -> Iterator[Watch]:
    """The tab of a worker who has opened the portal's printed address."""
    with watched(chromium) as tab:
        tab.open(local_endpoint.ready["portal_url"])
        yield tab


def start_loop(desk: ReviewDesk, text: str) -> str:
    document = hostile_review(text).document()
    for name in ("token", "decisions", "version", "closed", "you"):
        del document[name]
    uri = f"s3://{desk.bucket}/0.jpg"
    items: list[dict[str, Any]] = []
    for item in document["items"]:
        kept = {key: value for key, value in item.items() if not key.endswith("_url")}
        items.append(kept | {"picture_uri": uri, "thumb_uri": uri, "neighbours": []})
    return desk.start(document | {"items": items})


@pytest.mark.parametrize("kind", each(SHORT))
def test_a_hostile_text_stays_a_text_in_the_worker_template(
    watch: Watch, desk: ReviewDesk, kind: str
) -> None:
    name = start_loop(desk, SHORT[kind])
    watch.open(f"{desk.endpoint.url}/_localaws/portal/loops/{name}")
    board = BoardPage(watch.page, watch.page.frame_locator("#task"))
    board.wait_ready()
    (frame,) = (one for one in watch.page.frames if one.parent_frame)
    for width in WIDTHS:
        watch.page.set_viewport_size({"width": width, "height": 900})
        assert watch.faults(frame) == []
        assert frame.evaluate(SPILT) == []
    caption = board.card(0).locator(".caption").text_content() or ""
    assert " ".join(caption.split()) == " ".join(visible(SHORT[kind]).split())


@pytest.mark.parametrize("kind", each(TITLES))
def test_a_hostile_title_stays_a_text_in_the_list_of_loops(
    watch: Watch, local_endpoint: RunningEndpoint, bucket: str, kind: str
) -> None:
    text = SHORT[kind]
    desk = open_desk(local_endpoint, bucket, TaskTitle=text, TaskDescription=text)
    name = desk.start()
    watch.open(f"{desk.endpoint.url}/_localaws/portal")
    title = watch.page.locator(f'h2 a[href$="{name}"]')
    assert title.text_content() == text
    for width in WIDTHS:
        watch.page.set_viewport_size({"width": width, "height": 900})
        assert watch.faults() == []
        assert watch.page.evaluate(SPILT) == []
