// What a reviewer can do, by name: keys, buttons and bars all end here.

import { plural } from "./dom.js";
import { wishOf } from "./review_keys.js";
import { askCharacter, askReason, showHelp } from "./sheets.js";

const APPROVED = { decision: "approve", reason: "" };
const UNDECIDED = { decision: "open", reason: "" };

export class ReviewActions {
  #board;

  constructor(board) {
    this.#board = board;
  }

  // A key, wherever on the page; fields and sheets take their own.
  pressed(event) {
    const { target } = event;
    if (event.defaultPrevented || target.closest?.("dialog.sheet, input, textarea, select")) return;
    if (event.key === "Enter" && target.closest?.("button")) return;
    const wish = wishOf(event);
    if (!wish) return;
    event.preventDefault();
    this.do(wish.does, wish.number);
  }

  // For the selected pictures, or the one at hand; after a single one it goes on to the next.
  do(does, number = 0) {
    const ids = this.#targets;
    this.#carryOut(does, { ids, number, goOn: ids.length === 1 });
  }

  // A button on a picture: for the selection when the picture belongs to it. The reviewer stays.
  on(does, id) {
    const { grid, state } = this.#board;
    if (does === "select") { grid.toggle(id); return; }
    grid.go(id);
    const pressedAgain = state.verdict(id).decision === does;
    const ids = grid.selected.has(id) ? this.#targets : [id];
    this.#carryOut(pressedAgain ? "reopen" : does, { ids, number: 0, goOn: false });
  }

  get #targets() {
    const { grid, loupe } = this.#board;
    if (grid.selected.size && !loupe.open) return grid.shown.filter((id) => grid.selected.has(id));
    return grid.current ? [grid.current] : [];
  }

  #carryOut(does, wish) {
    if (this.#looking[does]) this.#looking[does]();
    else if (!this.#board.mayDecide) this.#board.say("You can look at this review, no more.");
    else if (this.#managing[does]) this.#managing[does]();
    else if (wish.ids.length) this.#deciding[does](wish);
  }

  // Where to go and what to look at: anybody may.
  #looking = {
    left: () => this.#board.grid.step(-1),
    right: () => this.#board.grid.step(1),
    up: () => this.#board.grid.row(-1),
    down: () => this.#board.grid.row(1),
    first: () => this.#board.grid.end(false),
    last: () => this.#board.grid.end(true),
    next: () => this.#goToUndecided(),
    all: () => this.#board.grid.selectAll(),
    help: () => showHelp(this.#board),
    search: () => { this.#board.loupe.close(); this.#board.filter.focus(); },
    zoom: () => this.#zoom(),
    neighbour: () => this.#neighbour(1),
    neighbourBefore: () => this.#neighbour(-1),
    escape: () => this.#escape(),
  };

  #managing = {
    undo: () => this.#goBack("undo", "Undone"),
    redo: () => this.#goBack("redo", "Done again"),
    finish: () => this.#board.finish(),
  };

  // What is done to pictures: each takes {ids, number, goOn}.
  #deciding = {
    approve: ({ ids, goOn }) => this.#decide(ids, APPROVED, "approved", goOn),
    reject: ({ ids, goOn }) =>
      askReason(this.#board, ids.length, (reason) => this.#reject(ids, reason, goOn)),
    reason: ({ ids, number, goOn }) => this.#reject(ids, this.#board.reasons[number - 1], goOn),
    reopen: ({ ids }) => this.#decide(ids, UNDECIDED, "undecided", false),
    character: ({ ids }) => askCharacter(this.#board, ids.length, (id) => this.#reassign(ids, id)),
    edit: () => this.#edit(),
    select: () => { this.#board.grid.toggle(this.#board.grid.current); this.#board.grid.step(1); },
  };

  #reject(ids, reason, goOn) {
    if (reason) this.#decide(ids, { decision: "reject", reason }, "rejected", goOn);
  }

  #decide(ids, patch, what, goOn) {
    const { grid, state } = this.#board;
    const next = grid.shown[grid.place + 1];
    this.#board.change(ids, () => patch, what);
    const { open } = state.counts();
    const rest = open ? `${open.toLocaleString("en")} to go.` : "Everything is decided.";
    this.#board.say(`${plural(ids.length, "picture")} ${what}. ${rest}`, ids.length > 1 || !open);
    if (ids.length > 1) grid.clearSelection();
    if (goOn && next) grid.go(next);
    this.#comeBack();
  }

  #reassign(ids, character) {
    const changed = (item) => ({ character: character === item.character ? "" : character });
    this.#board.change(ids, changed, "character");
    const whose = this.#board.nameOf(character);
    this.#board.say(`${plural(ids.length, "picture")} given to ${whose}.`, ids.length > 1);
    this.#comeBack();
  }

  #goBack(direction, done) {
    const { grid, state } = this.#board;
    const step = state[direction]();
    if (!step) { this.#board.say("There is nothing to undo.", true); return; }
    this.#board.took(step.ids);
    const said = [`${done}: ${step.what}, ${plural(step.ids.length, "picture")}.`];
    if (step.left) said.push(`${plural(step.left, "picture")} left alone: decided anew since.`);
    this.#board.say(said.join(" "), true);
    if (grid.shown.includes(step.ids[0])) grid.go(step.ids[0]);
    this.#comeBack();
  }

  #goToUndecided() {
    const { grid, state } = this.#board;
    const rest = [...grid.shown.slice(grid.place + 1), ...grid.shown.slice(0, grid.place + 1)];
    const next = rest.find((id) => state.verdict(id).decision === "open");
    if (next) grid.go(next);
    else this.#board.say("Everything that is shown is decided.", true);
  }

  #edit() {
    const { grid, loupe } = this.#board;
    if (loupe.open) loupe.edit();
    else grid.card(grid.current).edit();
  }

  #zoom() {
    const { grid, loupe } = this.#board;
    if (loupe.open) loupe.closer();
    else if (grid.current) loupe.show(grid.current);
  }

  #neighbour(by) {
    const { grid, loupe } = this.#board;
    if (!loupe.open && grid.current) loupe.show(grid.current);
    if (loupe.open) loupe.neighbour(by);
  }

  #escape() {
    const { grid, loupe } = this.#board;
    if (!loupe.open) grid.clearSelection();
    else if (!loupe.back()) loupe.close();
  }

  // To where the reviewer was working: the full picture, or the board.
  #comeBack() {
    const { grid, loupe } = this.#board;
    if (!loupe.open) grid.focus();
    else if (grid.current) loupe.show(grid.current);
  }
}
