// What people can do with scenes and their panels.

import { plural } from "../../board_kit/page/text.js";
import { BoardActions } from "../../board_kit/parts/board_actions.js";
import { askChoice } from "../../board_kit/parts/sheets.js";
import { BREAKDOWN_KEYS } from "./breakdown_keys.js";
import { assign, insert, merge, move, panelsOf, remove, split, unassigned } from "./scene_content.js";

const REASONS = ["is not needed", "is shown by another panel", "is heard, not seen", "is cut"];

export class BreakdownActions extends BoardActions {
  constructor(board) {
    super(board, BREAKDOWN_KEYS);
  }

  looking = {
    panelUp: () => this.#step(-1),
    panelDown: () => this.#step(1),
    sceneBefore: () => this.board.grid.step(-1),
    sceneAfter: () => this.board.grid.step(1),
  };

  deciding = {
    approve: (target) => this.decide(target, { decision: "approve" }, "approved"),
    reopen: ({ ids }) =>
      this.decide({ ids, advance: false }, { decision: "open" }, "back to not approved"),
    edit: () => this.#card?.edit(),
    split: () => this.#onPanel("split", (scene, content, at) => split(scene, content, at)),
    merge: () => this.#merge(),
    insert: () => this.#insert(),
    remove: () => this.#remove(),
    earlier: () => this.#move(-1),
    later: () => this.#move(1),
    assign: () => this.#assignNext(),
  };

  // A button of a panel.
  onPanel(command, id, index) {
    this.board.grid.go(id);
    this.board.grid.card(id).goTo(index);
    this.do(command);
  }

  // Asks where a line of the script belongs.
  askPlace(id, unit) {
    const { board } = this;
    const content = board.contentOf(id);
    const names = content.panels.map((panel, index) =>
      [String(index), `Panel ${board.panelNumber(panel, index)}: ${panel.description}`]);
    const out = REASONS.map((reason) => [`-${reason}`, `Leave it out: ${reason}`]);
    askChoice(board.root, `Where does line ${unit.line} belong?`, [...names, ...out], (choice) => {
      const scene = board.state.item(id);
      const next = choice.startsWith("-")
        ? assign(scene, content, unit, -1, choice.slice(1))
        : assign(scene, content, unit, Number(choice));
      board.setContent(id, next, `line ${unit.line}`);
      this.returnToWork();
    });
  }

  get #card() { return this.board.grid.card(this.board.grid.current); }

  #step(by) {
    const { grid } = this.board;
    const card = this.#card;
    if (!card) return;
    if (card.goTo(card.index + by)) { card.showPanel(); return; }
    const before = grid.current;
    grid.step(by);
    if (grid.current === before) return;
    this.#card.goTo(by > 0 ? 0 : Infinity);
    this.#card.showPanel();
  }

  #onPanel(what, change) {
    const { board } = this;
    const card = this.#card;
    const content = board.contentOf(card.id);
    if (!content.panels[card.index]) return false;
    const next = change(board.state.item(card.id), content, card.index);
    if (!next) return false;
    card.closeForm();
    board.setContent(card.id, next, what);
    this.returnToWork();
    return true;
  }

  #merge() {
    const most = this.board.limits.description;
    if (!this.#onPanel("merge", (_, content, at) => merge(content, at, most))) {
      this.#say("There is no next panel in this scene, or the description would be too long.");
    }
  }

  #insert() {
    const { board } = this;
    const card = this.#card;
    const content = board.contentOf(card.id);
    const at = content.panels.length ? card.index : -1;
    card.closeForm();
    board.setContent(card.id, insert(content, at, board.blankPanel), "new panel");
    card.goTo(at + 1);
    card.edit();
  }

  #remove() {
    const card = this.#card;
    if (!this.board.contentOf(card.id).panels[card.index]) return;
    const pairs = REASONS.map((reason) => [reason, reason]);
    askChoice(this.board.root, "Why is this panel left out?", pairs, (reason) => {
      this.#onPanel("delete", (scene, content, at) => remove(scene, content, at, reason));
      const left = this.board.contentOf(card.id).panels.length;
      this.#say(`Deleted; ${plural(left, "panel")} left in this scene.`);
    });
  }

  #move(by) {
    const card = this.#card;
    const moved = this.#onPanel("move", (_, content, at) => move(content, at, by));
    if (moved) { card.goTo(card.index + by); card.showPanel(); }
  }

  #assignNext() {
    const { board } = this;
    const card = this.#card;
    const scene = board.state.item(card.id);
    const content = board.contentOf(card.id);
    const [unit] = unassigned(scene, content);
    if (!unit || !content.panels.length) {
      this.#say("Every line of this scene is in a panel, or left out by name.");
      return;
    }
    board.setContent(card.id, assign(scene, content, unit, card.index), `line ${unit.line}`);
    this.#say(`Line ${unit.line} is in panel ${panelsOf(unit, board.contentOf(card.id))[0] + 1} now.`);
    this.returnToWork();
  }

  #say(text) { this.board.announce(text, { toast: true }); }
}
