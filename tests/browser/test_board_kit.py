"""The board kit without the review board: another board, of its own words, on the same parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browser.board_page import BoardPage, context_of
from tests.browser.review.review_items import review_of
from tests.browser.review.review_server import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

#: A board of panels that are kept or drawn again, and a store in the page. No chip, no menu, no
#: frames: everything that a board need not have is left out.
PANEL_BOARD = """
    async () => {
      const load = (file) => import(`../../../static/board_kit/${file}.js`);
      const { Board } = await load("board");
      const { el } = await load("page/dom");
      const { BoardActions } = await load("parts/board_actions");
      const { Filter } = await load("parts/filter");
      const { Grid } = await load("parts/grid");
      const { KeyMap, MOVE_KEYS, SELECT_KEYS } = await load("parts/keys");
      const { Loupe } = await load("parts/loupe");

      const keys = { title: "Decide", keys: [
        { show: ["T"], command: "keep", help: "Keep" },
        { show: ["D"], command: "redraw", help: "Draw again" },
        { show: ["U"], command: "undo", help: "Undo" },
      ] };

      class Actions extends BoardActions {
        constructor(board) { super(board, new KeyMap([keys, MOVE_KEYS, SELECT_KEYS])); }
        deciding = {
          keep: (target) => this.decide(target, { decision: "keep" }, "kept"),
          redraw: (target) => this.decide(target, { decision: "redraw" }, "to redraw"),
        };
      }

      class Card {
        constructor(board, item) {
          Object.assign(this, { board, item, id: item.id });
          const attributes = { class: "card", tabindex: -1, "data-id": item.id };
          this.element = el("article", attributes, item.id);
        }
        update() { this.element.dataset.decision = this.board.state.verdict(this.id).decision; }
        select(selected) { this.element.classList.toggle("selected", selected); }
      }

      class PanelBoard extends Board {
        noun = "panel";
        words = { keep: "kept", redraw: "to redraw", open: "undecided" };
        makeActions() { return new Actions(this); }
        makeGrid() {
          return new Grid(this, {
            sectionOf: ({ scene }) => scene, titleOf: (scene) => `Scene ${scene}`,
            summaryOf: (cards) => this.counted(cards.length), groupOf: ({ id }) => id,
            makeCard: (item) => new Card(this, item),
          });
        }
        makeFilter() {
          const all = { name: "all", label: "All", matches: () => true };
          const textOf = ({ id }) => id;
          return new Filter(this, { chips: [all], menus: [], search: { label: "Search", textOf } });
        }
        makeLoupe() {
          const panel = { elements: [], update() {}, commit() {}, edit() {} };
          return new Loupe(this, {
            label: "Panel", imageOf: ({ id }) => ({ source: "0.jpg", alt: id }),
            framesOf: () => [], panel,
          });
        }
        actionButtons() { return []; }
        openFinishSheet(onFinish) { onFinish({ open: this.state.count("open") }); }
      }

      window.saved = [];
      window.finals = [];
      const store = {
        async load() {
          return {
            run: { title: "Panels", opened_at: "2026-11-23T06:30:00+00:00" }, version: 0,
            instructions: "Keep what tells the story.", closed: null, decisions: {},
            you: { name: "ana", may_decide: true }, limits: { batch_max: 2 },
            items: [1, 1, 2].map((scene, index) => ({ id: `panel-${index}`, scene })),
          };
        },
        async save({ decisions }) {
          saved.push(...decisions);
          const stored = decisions.map(({ image_id: id }) =>
            [id, { version: saved.length, reviewer: "ana", decided_at: "" }]);
          return { version: saved.length, decisions: Object.fromEntries(stored) };
        },
        async finish(final) { finals.push(final); return { closed: null }; },
      };
      const root = document.createElement("div");
      document.body.replaceChildren(root);
      const board = window.board = new PanelBoard(root, store, { decision: "open" });
      await board.start();
    }
"""


@pytest.fixture
def panels(chromium: Browser) -> Iterator[BoardPage]:
    """The panel board, in a page that has the board's address and content policy."""
    with served(review_of(1)) as address, context_of(chromium) as context:
        page = context.new_page()
        board = BoardPage(page, page)
        page.on("pageerror", lambda error: board.problems.append(str(error)))
        page.goto(address.replace("/review", "/0.jpg"))
        page.evaluate(PANEL_BOARD)
        yield board


def test_another_board_decides_undoes_saves_and_finishes(panels: BoardPage) -> None:
    panels.wait_ready()
    panels.press("t", "d", "t", "u")
    panels.wait_saved()

    assert panels.decisions() == ["keep", "redraw", "open"]
    assert panels.progress == "2 of 3 decided"
    assert panels.where.locator("h2 .count").all_inner_texts() == ["2 panels", "1 panel"]

    panels.page.evaluate("() => board.finish()")
    (final,) = panels.page.evaluate("finals")
    last = {one["image_id"]: one["decision"] for one in panels.page.evaluate("saved")}
    assert final["open"] == 1
    assert (last["panel-0"], last["panel-1"]) == ("keep", "redraw")
    assert panels.problems == []


def test_a_board_that_lacks_a_part_says_which(panels: BoardPage) -> None:
    half = """
        async () => {
          const { Board } = await import("../../../static/board_kit/board.js");
          class Half extends Board { makeActions() {} makeGrid() {} makeLoupe() {} }
          return new Half(document.createElement("div"), {}, {});
        }
    """
    with pytest.raises(Exception, match=r"TypeError: Half does not define makeFilter\(\)"):
        panels.page.evaluate(half)
