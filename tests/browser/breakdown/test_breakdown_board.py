"""The breakdown page in a browser, on the product's own desk: by keyboard, by mouse, for two."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.board_page import context_of
from tests.browser.breakdown.breakdown_page import BreakdownPage, open_desk
from tests.browser.breakdown.breakdown_server import BreakdownServer, served_breakdown
from tests.browser.page_probes import CONTRAST, SIDEWAYS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

Opener = Callable[..., BreakdownPage]
HOSTILE = """\
INT. <img src=x onerror=alert(1)> - NIGHT

Mira reads <script>alert(2)</script> & \u202egpj.exe on the wall of the very long corridor.

MIRA
</textarea><b>Hello</b>
"""


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Opener]:
    """Opens a breakdown's page; ``who``: the person; others are settings of the browser."""
    with ExitStack() as stack:
        addresses: dict[int, Any] = {}

        def open_page(server: BreakdownServer, who: str = "", **context: Any) -> BreakdownPage:
            if id(server) not in addresses:
                addresses[id(server)] = stack.enter_context(served_breakdown(server))
            browser = stack.enter_context(context_of(chromium, **context))
            return BreakdownPage.opened(browser, addresses[id(server)](who))

        yield open_page


@pytest.fixture
def server(studio) -> BreakdownServer:
    return BreakdownServer(open_desk(studio))


def settled(server: BreakdownServer) -> Any:
    return server.desk.breakdown(server.desk.state())


def test_a_breakdown_is_edited_and_approved_by_keyboard(
    opened: Opener, server: BreakdownServer
) -> None:
    page = opened(server)
    assert page.panels(0) == ["Mira lifts the lamp. It will not burn.", "Mira shakes it."]

    page.press("s")  # split by its sentences
    assert page.panels(0)[:2] == ["Mira lifts the lamp.", "It will not burn."]
    assert page.numbers(0) == ["010-010", "010-020", "020-010"]
    page.press("ArrowDown", "e")
    page.type("The lamp stays dark.")
    page.press("Enter")
    assert page.panels(0)[1] == "The lamp stays dark."
    page.press("ArrowDown", "[")  # before the one before
    assert page.panels(0) == ["Mira lifts the lamp.", "Mira shakes it.", "The lamp stays dark."]
    page.press("u")
    assert page.panels(0) == ["Mira lifts the lamp.", "The lamp stays dark.", "Mira shakes it."]
    page.press("a", "a")
    page.wait_saved()
    page.page.get_by_role("button", name="Finish…").click()
    page.page.locator("dialog.sheet", has_text="5 panels in 2 scenes").wait_for()
    page.page.get_by_role("button", name="Finish", exact=True).click()
    page.page.locator(".notice.done").wait_for()

    assert page.problems == []
    assert server.desk.state().closed is not None
    first, second = settled(server).scenes
    assert [card.description for card in first.panels] == [
        "Mira lifts the lamp.",
        "The lamp stays dark.",
        "Mira shakes it.",
    ]
    assert [len(card.dialogue) for card in first.panels] == [0, 1, 0]
    assert [(card.shot, card.panel) for card in first.panels] == [
        ("010", "010"),
        ("010", "020"),
        ("020", "010"),
    ]
    production = server.desk.settle()
    assert [len(scene.panels) for scene in production.storyboard] == [3, 2]
    assert [one.reason for one in second.omitted] == ["is a note"]


def test_panels_are_merged_inserted_and_deleted_and_no_line_is_lost(
    opened: Opener, server: BreakdownServer
) -> None:
    page = opened(server)
    page.press("m")
    assert page.panels(0) == ["Mira lifts the lamp. It will not burn. Mira shakes it."]
    page.press("n")
    page.type("The rain stops.")
    page.press("Enter")
    assert page.panels(0)[1] == "The rain stops."

    page.press("ArrowRight", "d")
    page.choose("is not needed")
    assert page.panels(1) == ["Mira waves."]
    assert "A boat lands." in page.left_out()
    page.wait_saved()
    scenes = settled(server).scenes
    assert scenes[0].panels[0].lines == (3, 5, 6, 8)
    assert scenes[0].panels[1].lines == ()
    assert [(one.text, one.reason) for one in scenes[1].omitted] == [
        ("A boat lands.", "is not needed"),
        ("Which boat?", "is a note"),
    ]
    page.press("u")
    assert page.panels(1) == ["A boat lands.", "Mira waves."]
    assert page.problems == []


def test_a_line_is_moved_to_another_panel_or_left_out(
    opened: Opener, server: BreakdownServer
) -> None:
    page = opened(server)
    page.page.locator('.unit[data-line="6"] button').click()
    page.choose("Panel 020-010")
    page.wait_saved()
    first = settled(server).scenes[0]
    assert [[line.text for line in card.dialogue] for card in first.panels] == [
        [],
        ["Who is there?"],
    ]
    page.page.locator('.unit[data-line="6"] button').click()
    page.choose("Leave it out: is cut")
    page.wait_saved()
    assert "Who is there?" in page.left_out()


def test_what_is_in_no_panel_is_marked_and_can_be_taken_up(
    opened: Opener, server: BreakdownServer
) -> None:
    page = opened(server)
    page.page.evaluate(
        "() => fetch('board').then((r) => r.json()).then(async (b) => {"
        " const [scene] = b.items; const panels = [{...scene.panels[0], lines: [3]}];"
        " const content = JSON.stringify({panels, omitted: []});"
        " await fetch('decisions', {method: 'POST', headers: {'Content-Type':"
        " 'application/json'}, body: JSON.stringify({id: crypto.randomUUID(), decisions:"
        " [{image_id: scene.id, based_on: 0, decision: 'open', content}]})}); })"
    )
    page.page.reload()
    page.wait_ready()
    assert page.loose() == ["BRAM (O.S.)", "Who is there?", "Mira shakes it."]
    assert page.page.locator(".unassigned-count").first.inner_text() == "3 lines unassigned"
    page.press("l", "l", "l")
    assert page.loose() == []
    page.wait_saved()
    assert settled(server).scenes[0].panels[0].lines == (3, 5, 6, 8)


def test_every_field_is_edited_and_bad_values_are_not_taken(
    opened: Opener, server: BreakdownServer
) -> None:
    page = opened(server)
    page.press("e", "Tab", "Tab", "Tab")  # fields follow each other by keyboard
    assert page.page.evaluate("document.activeElement.name") == "angle"
    form = page.page.locator(".panel-form")
    for name, text in {
        "size": "close-up",
        "angle": "low",
        "lens": "35 mm",
        "move": "push in",
        "light": "candle",
        "place": "lamp room",
        "time": "late",
        "transition": "DISSOLVE TO:",
        "sound": "rain",
        "note": "keep it dark",
        "seconds": "4.5",
        "frames": "108",
    }.items():
        form.locator(f'[name="{name}"]').fill(text)
        form.locator(f'[name="{name}"]').press("Tab")
        assert page.page.evaluate("document.activeElement.closest('form') !== null")
    form.locator('[name="seconds"]').fill("-3")
    form.locator('[name="seconds"]').press("Tab")
    form.locator('[name="cast"]').first.uncheck()
    form.get_by_label("Text").fill("Who goes there?")
    form.get_by_label("Seen or heard").select_option("V.O.")
    form.get_by_label("Keep its numbers").check()
    form.get_by_role("button", name="Done").click()
    page.wait_saved()
    card = settled(server).scenes[0].panels[0]
    assert (card.size, card.angle, card.lens, card.move) == ("close-up", "low", "35 mm", "push in")
    assert (card.light, card.place, card.time, card.sound) == (
        "candle",
        "lamp room",
        "late",
        "rain",
    )
    assert (card.transition, card.note) == ("DISSOLVE TO:", "keep it dark")
    assert (card.seconds, card.frames, card.locked, card.characters) == (4.5, 108, True, ())
    assert (card.dialogue[0].text, card.dialogue[0].off) == ("Who goes there?", "V.O.")
    assert page.problems == []


def test_two_people_at_once_see_each_other_and_choose(
    opened: Opener, server: BreakdownServer
) -> None:
    ana, ben = opened(server, "ana"), opened(server, "ben")
    ana.press("a")
    ana.wait_saved()
    ben.page.locator(".card.scene").first.locator(".who", has_text="ana").wait_for(timeout=15_000)

    server.outage = True  # both change the second scene before either is saved
    ana.press("s")
    ben.press("ArrowRight", "d")
    ben.choose("is cut")
    server.outage = False
    ana.page.evaluate("dispatchEvent(new Event('online'))")
    ana.wait_saved()
    ben.page.evaluate("dispatchEvent(new Event('online'))")
    ben.page.locator(".conflict").wait_for(timeout=30_000)
    ben.page.get_by_role("button", name="Use mine").click()
    ben.wait_saved()
    assert [card.description for card in settled(server).scenes[1].panels] == ["Mira waves."]
    assert ana.problems == ben.problems == []


def test_unsaved_edits_survive_a_reload(opened: Opener, server: BreakdownServer) -> None:
    page = opened(server)
    server.outage = True
    page.press("m")
    page.page.locator(".saved.offline").wait_for(timeout=15_000)
    server.outage = False
    page.page.reload()
    page.wait_ready()
    page.wait_saved()
    assert len(page.panels(0)) == 1
    assert len(settled(server).scenes[0].panels) == 1


def test_above_the_budget_the_finish_asks_for_the_sum(opened: Opener, studio) -> None:
    server = BreakdownServer(open_desk(studio, budget_usd=1, over_budget="ask"))
    page = opened(server)
    page.press("a", "a")
    page.wait_saved()
    page.page.get_by_role("button", name="Finish…").click()
    finish = page.page.get_by_role("button", name="Finish", exact=True)
    assert finish.is_disabled()
    page.page.locator(".confirmation", has_text="Yes, spend $").click()
    finish.click()
    page.page.locator(".notice.done").wait_for()
    closed = server.desk.state().closed
    assert closed is not None and closed.consent_usd == server.finals[0].consent_usd
    assert closed.consent_usd is not None and closed.consent_usd > 1


def test_who_may_only_look_changes_nothing(opened: Opener, server: BreakdownServer) -> None:
    server.may_decide = False
    page = opened(server)
    page.press("ArrowDown", "s", "d", "a")
    assert page.page.locator("dialog.sheet").count() == 0
    assert page.page.get_by_role("button", name="Finish…").count() == 0
    assert server.desk.state().version == 0
    assert page.page.locator(".panel-row.current-panel").count() == 2  # one in each scene
    assert "Mira shakes it." in page.page.locator(".card.current .current-panel").inner_text()


def test_text_of_a_script_is_never_markup(opened: Opener, studio) -> None:
    server = BreakdownServer(open_desk(studio, HOSTILE))
    page = opened(server)
    dialogs: list[str] = []
    page.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    page.press("e", "Escape", "s")
    assert page.page.locator(".scene img, .scene script").count() == 0
    assert "⟨U+202E⟩" in page.page.locator(".scene").inner_text()
    assert dialogs == page.problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1100, 1440])
def test_the_page_fits_and_can_be_read(opened: Opener, studio, width: int, scheme: str) -> None:
    server = BreakdownServer(open_desk(studio, HOSTILE + "\n" + "Mira runs " * 60 + "\n"))
    page = opened(server, viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.press("e")
    assert page.page.evaluate(SIDEWAYS) == []
    seen = page.page.evaluate(CONTRAST)
    assert seen["seen"] > 50
    assert seen["faults"] == []
    assert page.page.evaluate("document.documentElement.scrollWidth") <= width
