"""The panel board in a real browser: compare, choose, undo, ask for a redraw, publish."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from tests.airflow_ops.approval.panels.drawn_board_fixture import DrawnBoard
from tests.airflow_ops.conftest import PROJECT
from tests.browser.board_page import BoardPage, context_of
from tests.browser.conftest import chromium
from tests.browser.page_probes import CONTRAST
from tests.material import factories
from tests.material.drawn.boards import draw_board
from tests.studio.trainers.open_training import OPEN

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["chromium"]

pytestmark = pytest.mark.slow

Opener = Callable[..., BoardPage]


@pytest.fixture
def drawn(server, studio) -> DrawnBoard:
    return DrawnBoard(server, studio)


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Opener]:
    """Opens a board as a user; ``context`` settings make it another browser."""
    with ExitStack() as stack:

        def open_as(user: str, drawn: DrawnBoard, **context: Any) -> BoardPage:
            browser = stack.enter_context(context_of(chromium, **context))
            cookie = {"name": "_token", "value": drawn.server.token(user), "url": drawn.server.url}
            browser.add_cookies([cookie])
            return BoardPage.opened(browser, drawn.url("view"))

        yield open_as


def wanted(drawn: DrawnBoard) -> dict[str, tuple[str, str]]:
    """What the server holds: decision and note of each panel."""
    held = drawn.board("vera")["decisions"]
    return {key: (one["decision"], one["note"]) for key, one in held.items()}


def place_of(drawn: DrawnBoard, panel: int) -> int:
    """The place of the candidate that the server holds for a panel, both from 1."""
    held = drawn.board("vera")["decisions"][drawn.panels[panel - 1].key]
    digests = [one.sha256 for one in drawn.panels[panel - 1].candidates]
    return digests.index(held["candidate"]) + 1


def test_candidates_are_compared_chosen_and_undone_by_keyboard(drawn, opened) -> None:
    board = opened("ana", drawn)
    compare = board.where.locator("dialog.compare")

    board.press("Enter")
    compare.wait_for()
    names = compare.locator(".candidates img").evaluate_all("all => all.map(one => one.alt)")
    assert names == ["Candidate 1, seed 7", "Candidate 2, seed 8", "Candidate 3, seed 9"]
    scores = compare.locator(".candidates dd").all_inner_texts()
    assert scores[:3] == ["7", "0.80", "1.00"]
    assert compare.locator(".strip img").count() == 1  # Mira's reference picture

    board.press("3", "2")
    board.press("u")  # back to the third
    board.wait_saved()
    assert place_of(drawn, 1) == 3
    pressed = compare.locator(".take[aria-pressed=true]").all_inner_texts()
    assert [text.split()[0] for text in pressed] == ["3"]

    board.press("ArrowRight", "2", "ArrowRight")
    assert compare.locator("h2").inner_text() == "Panel 020-010-010"
    board.press("Escape")
    board.wait_saved()
    assert place_of(drawn, 2) == 2
    assert board.progress == "2 of 3 changed"
    board.press("Home", "Backspace")
    board.wait_saved()
    assert wanted(drawn)["010-010-010"] == ("open", "")
    assert board.problems == []


def test_every_picture_is_seen_at_full_size_by_keyboard(drawn, opened) -> None:
    board = opened("vera", drawn)
    board.press("Enter", "z")
    full, caption = board.where.locator(".full"), board.where.locator(".full-caption")
    assert caption.inner_text() == "Candidate 1, seed 7. 1 of 4"
    board.press("n", "n", "n")
    assert caption.inner_text() == "Mira. 4 of 4"
    board.press("z")
    assert full.locator(".stage").get_attribute("aria-label") == "Picture at 100 %"
    board.press("Escape", "Escape")
    assert full.is_hidden()
    board.press("Escape")
    assert board.where.locator("dialog.compare").is_hidden()
    # Who may only read chooses nothing.
    board.press("2")
    assert wanted(drawn) == {}


def test_a_redraw_is_asked_for_with_a_note_and_withdrawn(drawn, opened) -> None:
    board = opened("ana", drawn)
    board.press("2", "r")
    board.page.keyboard.type("At night, <b>from above</b>.")
    seed = board.where.get_by_label("First seed")
    seed.fill("8")
    board.where.get_by_label("What to change").fill("")
    board.where.get_by_role("button", name="Ask for it").click()
    assert "Seed 8 is drawn already" in board.where.locator(".problem").inner_text()
    seed.fill("77")
    board.where.get_by_label("What to change").fill("At night, <b>from above</b>.")
    board.where.get_by_label("What to change").press("Control+Enter")
    board.wait_saved()
    held = drawn.board("vera")["decisions"]["010-010-010"]
    assert (held["decision"], held["note"], held["seed"]) == (
        "redraw",
        "At night, <b>from above</b>.",
        77,
    )
    assert place_of(drawn, 1) == 2  # stands until then
    assert board.card(0).locator(".why").inner_text() == "Redraw: At night, <b>from above</b>."
    board.press("r")
    board.where.get_by_role("button", name="Do not redraw").click()
    board.wait_saved()
    assert wanted(drawn)["010-010-010"] == ("choose", "")
    assert board.problems == []


def test_a_model_that_takes_pictures_is_shown_an_approved_one(server, studio, opened) -> None:
    from tests.material import reports

    drawn = DrawnBoard(server, studio)
    base = "flux2-klein-base-4b"
    taking = reports.customized_model().model_copy(
        update={"trainer": "sagemaker", "base_model_id": base, "model_arn": "s3://x/y"}
    )
    params = OPEN | {"open_model": base, "candidates": 3}
    drawn.tools = studio.tools(drawn.tools.run_key, review_desk="page", **params)
    drawn.panels = draw_board(drawn.tools, model=taking, approved=2)
    board = opened("ana", drawn)
    board.press("r")
    board.where.get_by_role("button", name="Mira, approved").nth(1).click()
    board.where.get_by_role("button", name="Ask for it").click()
    board.wait_saved()
    approved = [one["id"] for one in drawn.board("ana")["references"] if one["approved"]]
    assert drawn.board("ana")["decisions"]["010-010-010"]["reference"] == approved[1]


def test_two_people_at_once_see_each_other_and_settle_what_both_changed(drawn, opened) -> None:
    ana, ben = opened("ana", drawn), opened("ben", drawn)
    ana.press("2")
    ana.wait_saved()
    ben.where.locator('[data-id="010-010-010"] .who', has_text="ana").wait_for(timeout=15_000)
    ben.page.context.set_offline(True)
    ben.press("3")
    ana.press("1")
    ana.wait_saved()
    ben.page.context.set_offline(False)
    conflict = ben.where.locator(".conflict")
    conflict.wait_for(timeout=15_000)
    assert "ana chose candidate 1" in conflict.inner_text()
    assert "You chose candidate 3" in conflict.inner_text()
    conflict.get_by_role("button", name="Use mine").click()
    ben.wait_saved()
    assert place_of(drawn, 1) == 3


@pytest.fixture
def drawing_dag(airflow_database) -> None:
    """The DAG that publishes is known to Airflow, as after its processor has read it."""
    from airflow.dag_processing.dagbag import BundleDagBag, sync_bag_to_db
    from airflow.models.dag import DagModel
    from airflow.models.dagbundle import DagBundleModel
    from airflow.utils.session import create_session

    with create_session() as session:
        session.merge(DagBundleModel(name="dags"))
    bag = BundleDagBag(
        bundle_path=PROJECT / "dags",
        bundle_name="dags",
        dag_folder=str(PROJECT / "dags/draw_storyboard.py"),
    )
    sync_bag_to_db(bag, "dags", None)
    with create_session() as session:
        session.get(DagModel, "draw_storyboard").is_paused = False


def test_redraw_and_publish_shows_the_price_and_starts_one_run(drawn, opened, drawing_dag) -> None:
    board = opened("ana", drawn)
    board.press("ArrowRight", "2", "ArrowRight", "r")
    board.page.keyboard.type("Closer.")
    board.press("Control+Enter", "p")
    sheet = board.where.locator("dialog.sheet.finish")
    sheet.wait_for(timeout=15_000)
    text = sheet.inner_text()
    assert "1 panel will show another candidate." in text
    assert "1 panel will be drawn again, 3 pictures in all" in text
    price = drawn.get("ana", "price").json()["usd"]
    publish = sheet.get_by_role("button", name=f"Redraw for ${price:.2f} and publish")
    assert publish.is_disabled()
    sheet.get_by_label(f"I agree to about ${price:.2f}.").check()
    publish.click()
    notice = board.where.locator(".notice.done")
    notice.wait_for(timeout=15_000)
    assert "This board is published." in notice.inner_text()
    assert "is queued" in notice.inner_text()
    run = drawn.board("ana")["closed"]["run"]
    started = started_runs()
    assert started[run["run_id"]] == run["conf"]
    assert run["conf"]["redraw"] == [{"panel_id": "020-010-010", "note": "Closer."}]
    board.press("Home", "3")  # a published board takes no choices
    assert list(wanted(drawn)) == ["010-020-010", "020-010-010"]
    assert board.problems == []


def test_a_run_that_could_not_be_started_is_started_later_and_only_once(
    drawn, opened, drawing_dag
) -> None:
    board = opened("ana", drawn)
    api = "**/api/v2/dags/*/dagRuns"
    board.page.route(api, lambda route: route.fulfill(status=503, json={"detail": "busy now"}))
    board.press("p")
    board.where.get_by_role("button", name="Publish", exact=True).click()
    notice = board.where.locator(".notice.done")
    notice.wait_for(timeout=15_000)
    assert "was not started. busy now" in notice.inner_text()
    board.page.unroute(api)
    run_id = drawn.board("ana")["closed"]["run"]["run_id"]
    assert run_id not in started_runs()
    notice.get_by_role("button", name="Start the run").click()
    board.where.locator(".notice.done", has_text="is queued").wait_for(timeout=15_000)
    assert run_id in started_runs()


def started_runs() -> dict[str, Any]:
    """The parameters of all runs of draw_storyboard, by id."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        runs = session.scalars(select(DagRun).where(DagRun.dag_id == "draw_storyboard"))
        return {run.run_id: run.conf for run in runs}


@pytest.mark.parametrize("width", [390, 1100, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_cut_off_and_texts_can_be_read(drawn, opened, width, scheme) -> None:
    board = opened("ana", drawn, viewport={"width": width, "height": 800}, color_scheme=scheme)
    board.press("r")
    board.page.keyboard.type("Darker.")
    board.press("Control+Enter")
    board.card(0).locator(".why").wait_for()
    for keys in ((), ("Enter",)):
        board.press(*keys)
        wide = board.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width
        assert board.page.evaluate(CONTRAST)["faults"] == []


def test_every_control_has_a_name_for_screen_readers(drawn, opened) -> None:
    board = opened("ana", drawn)
    board.press("Enter")
    nameless = board.page.evaluate(
        "[...document.querySelectorAll('button, input, textarea, select, [role=feed], dialog')]"
        ".filter(one => !(one.ariaLabel || one.getAttribute('aria-labelledby') || one.textContent"
        ".trim() || one.labels?.length)).map(one => one.outerHTML)"
    )
    assert nameless == []
    label = board.card(0).get_attribute("aria-label") or ""
    assert label.startswith("Panel 010-010-010, candidate 1, as the pipeline chose.")
    assert "Mira walks along the quay." in label


@pytest.mark.long
def test_a_board_of_900_panels_loads_what_is_near_and_scrolls(server, studio, opened) -> None:
    scenes = [
        {
            "scene": f"INT. ROOM {scene}",
            "panels": [
                {"description": f"Mira opens door {scene}.{n}.", "characters": ["mira"]}
                for n in range(30)
            ],
        }
        for scene in range(30)
    ]
    drawn = DrawnBoard(server, studio, factories.production(storyboard=scenes))
    board = opened("ana", drawn)
    assert board.cards.count() == 900
    loaded = "[...document.querySelectorAll('.picture')].filter(one => one.complete).length"
    assert board.page.evaluate(loaded) < 200
    board.press("End", "3")
    board.wait_saved()
    assert place_of(drawn, 900) == 3
    last = board.card(899).locator(".picture")
    last.evaluate("one => one.complete || new Promise(done => { one.onload = done; })")
    assert last.evaluate("one => one.naturalWidth") == 320
