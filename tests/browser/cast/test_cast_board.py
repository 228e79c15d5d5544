"""The cast board in a browser, on the launcher's server: keyboard, mouse, and leaving it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from storyboard_ops.cli.production.desk import CastDesk
from storyboard_ops.domain.production_sheet import parse_production
from tests.browser.board_page import context_of
from tests.browser.cast.cast_page import OpenCastPage, served_desk
from tests.browser.page_probes import CONTRAST, SIDEWAYS
from tests.films.cast_film import drawn
from tests.material.cast_desks import DraftFolder, desk_of_many

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

Opener = Callable[..., OpenCastPage]
HOSTILE = '<img src=x onerror=alert(1)> O\'Hara "the axe"'


@pytest.fixture(scope="module")
def looked_through(tmp_path_factory: pytest.TempPathFactory) -> DraftFolder:
    return DraftFolder.made(tmp_path_factory.mktemp("cast"))


@pytest.fixture
def desk(looked_through: DraftFolder, tmp_path: Path) -> CastDesk:
    return looked_through.desk(tmp_path)


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Opener]:
    """Opens the page of a desk; the other arguments are settings of the browser."""
    with ExitStack() as stack:
        addresses: dict[int, str] = {}

        def open_page(desk: CastDesk, **settings: Any) -> OpenCastPage:
            if id(desk) not in addresses:
                addresses[id(desk)] = stack.enter_context(served_desk(desk))
            context = stack.enter_context(context_of(chromium, **settings))
            return OpenCastPage.opened(context, addresses[id(desk)])

        yield open_page


def made(desk: CastDesk) -> Any:
    """The production file that was written."""
    text = (desk.out / "production.yaml").read_text()
    return parse_production(yaml.safe_load(text), "made", text)


def test_a_production_is_made_by_keyboard(opened: Opener, desk: CastDesk) -> None:
    page = opened(desk)
    assert page.sections == ["Group 1", "Group 2"]
    assert page.cards("Group 1").count() == 8

    page.press("n")
    page.name("Ann")
    assert page.sections == ["Group 2", "Ann"]  # what has no name yet comes first
    page.press("n")
    page.name("Bob")
    assert page.page.locator(".figures").inner_text() == "16 of 16 sorted"
    page.press("Home", "r", "ArrowRight", "ArrowRight", "r")
    assert "2 references" in page.section("Ann").locator(".count").inner_text()

    page.open_writing()
    page.write()
    page.page.locator("dialog.write .notice", has_text="Ann: write a description.").wait_for()
    page.page.get_by_label("Licence of the film").fill("CC0")
    page.describe("Ann", "A woman in a red coat.", traits="red coat, plum trousers")
    page.describe("Bob", "A man in a green coat.", kind="prop")
    page.write()
    page.page.locator(".written", has_text="The production file is written").wait_for()

    assert page.problems == []
    ann, bob = made(desk).characters
    assert (ann.id, ann.name, ann.traits) == ("ann", "Ann", ("red coat", "plum trousers"))
    assert (len(ann.references), len(bob.references), bob.kind) == (2, 5, "prop")


def test_groups_are_joined_split_and_set_aside_and_all_can_be_undone(
    opened: Opener, desk: CastDesk
) -> None:
    page = opened(desk)
    page.press("n")
    page.name("Ann")
    page.press("1")  # the second group gets the first name: one character
    assert page.sections == ["Ann"]
    assert page.cards("Ann").count() == 16
    page.press("u")
    assert page.sections == ["Group 2", "Ann"]

    page.cards("Group 2").nth(0).click()
    page.press("x", "x", "n")  # two of the group are somebody else
    page.name("Cleo")
    assert page.cards("Cleo").count() == 2
    assert page.cards("Group 2").count() == 6
    card = page.cards("Ann").nth(3)
    card.hover()
    card.get_by_role("button", name="Nobody").click()
    assert page.cards("Ann").count() == 7
    page.section("Group 2").get_by_role("button", name="Nobody", exact=True).click()
    assert page.sections == ["Ann", "Cleo", "Set aside"]
    page.section("Cleo").get_by_role("button", name="Rename…").click()
    page.name("Clea")
    page.press("u", "u", "u", "u", "u")
    assert page.sections == ["Group 1", "Group 2"]
    page.wait_saved()
    assert page.problems == []


def test_the_full_picture_names_one_figure_and_shows_its_frame(
    opened: Opener, desk: CastDesk
) -> None:
    page = opened(desk)
    page.press("z")
    page.page.locator(".loupe[open] .large").wait_for()
    page.press("f")
    page.page.locator(".stage .box:not([hidden])").wait_for()
    page.press("b")
    page.page.locator(".loupe .verdict, .loupe h2", has_text="Set aside").wait_for()
    page.press("Escape", "Escape", "Escape")
    assert page.cards("Group 1").count() == 7
    assert page.problems == []


def test_somebody_who_was_not_found_is_drawn(opened: Opener, desk: CastDesk) -> None:
    page = opened(desk)
    before = len(desk.figures())
    page.press("d")
    image = page.page.locator(".drawing img")
    image.wait_for()
    page.page.get_by_label("Frame", exact=True).fill("6")
    page.page.locator("dialog.frames", has_text="frame 7 of 8").wait_for()
    place = image.bounding_box()
    assert place is not None
    box = drawn(6)[1]["bob"]
    page.page.mouse.move(place["x"] + box.x * place["width"], place["y"] + box.y * place["height"])
    page.page.mouse.down()
    page.page.mouse.move(
        place["x"] + box.right * place["width"], place["y"] + box.bottom * place["height"], steps=4
    )
    page.page.mouse.up()
    page.page.get_by_placeholder("Name (optional)").fill("Bob")
    page.page.get_by_role("button", name="Add", exact=True).click()
    page.page.locator(".toast", has_text="The figure is added.").wait_for()
    (figure,) = desk.figures()[before:]
    assert figure.box.iou(box) > 0.9
    assert desk.verdicts()[figure.id].name == "Bob"
    assert page.sections == ["Group 1", "Group 2", "Bob"]
    assert page.problems == []


def test_a_page_that_is_opened_again_has_everything(
    opened: Opener, looked_through: DraftFolder, tmp_path: Path, desk: CastDesk
) -> None:
    page = opened(desk)
    page.press("n")
    page.name("Ann")
    page.open_writing()
    page.describe("Ann", "A woman in red.")
    page.page.get_by_role("button", name="Back").click()
    page.wait_saved()
    page.page.wait_for_timeout(300)
    again = opened(looked_through.desk(tmp_path))
    assert again.sections == ["Group 2", "Ann"]
    again.open_writing()
    assert again.page.get_by_label("Description").input_value() == "A woman in red."


def test_a_file_is_replaced_only_when_somebody_agrees(opened: Opener, desk: CastDesk) -> None:
    desk.out.mkdir()
    (desk.out / "production.yaml").write_text("mine")
    page = opened(desk)
    page.press("n")
    page.name("Ann")
    page.open_writing()
    page.page.get_by_label("Licence of the film").fill("CC0")
    page.describe("Ann", "A woman in red.")
    page.write()
    agree = page.page.get_by_label("Replace the production file in")
    agree.wait_for()
    assert (desk.out / "production.yaml").read_text() == "mine"
    agree.check()
    page.write()
    page.page.locator(".written").wait_for()
    assert made(desk).characters[0].name == "Ann"


def test_names_are_text_wherever_they_are_shown(opened: Opener, desk: CastDesk) -> None:
    page = opened(desk)
    page.press("n")
    page.name(HOSTILE)
    assert page.sections == ["Group 2", HOSTILE]
    page.press("n")
    page.page.locator("dialog.name .chip", has_text=HOSTILE).wait_for()
    page.press("Escape")
    page.open_writing()
    page.page.get_by_label("Licence of the film").fill("CC0")
    page.describe(HOSTILE, "Somebody.")
    page.write()
    page.page.locator(".written").wait_for()
    assert page.page.locator("img[src=x]").count() == 0
    assert page.problems == []
    assert made(desk).characters[0].name == HOSTILE


def test_a_refused_name_says_why(opened: Opener, desk: CastDesk) -> None:
    page = opened(desk)
    page.press("n", "Enter")
    page.page.locator(".problem", has_text="Write a name, or choose one.").wait_for()
    page.page.keyboard.type("x" * 61)
    page.press("Enter")
    page.page.locator(".problem", has_text="at most 60 characters").wait_for()


def test_a_thousand_figures_are_named(opened: Opener, tmp_path: Path) -> None:
    desk = desk_of_many(tmp_path, 1_000)
    page = opened(desk)
    assert len(page.sections) == 100
    page.press("n")
    page.name("Ann")
    page.press("1", "b")
    assert page.page.locator(".figures").inner_text() == "30 of 1,000 sorted"
    page.wait_saved()
    assert desk.count_decided() == 30
    assert page.page.locator("h1").inner_text() == "<b>many</b>.mp4"
    assert page.problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1100, 1440])
def test_it_can_be_read_on_every_screen(
    opened: Opener, desk: CastDesk, scheme: str, width: int
) -> None:
    page = opened(desk, viewport={"width": width, "height": 844}, color_scheme=scheme)
    page.press("n")
    page.name("Ann")
    assert page.page.evaluate(SIDEWAYS) == []
    seen = page.page.evaluate(CONTRAST)
    assert seen["seen"] > 30
    assert seen["faults"] == []
    page.open_writing()
    assert page.page.evaluate(SIDEWAYS) == []
    assert page.page.evaluate("() => document.documentElement.scrollWidth") <= width
